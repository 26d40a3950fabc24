# shellcheck shell=sh
# Functions of cri.sh that have the node start the unit by itself after a boot: a service of systemd.
: "${KINS_UNIT:?name of the unit}" "${KINS_LIB:?folder of the unit}" "${scripts:?folder of the scripts}" "${release=}"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
standby=$KINS_LIB/standby
service=kins-$KINS_UNIT.service
units=/etc/systemd/system

# With the file system of the node: on_node COMMAND...
on_node() { nsenter --target "${HOST_INIT:-1}" --mount -- "$@"; }

has_systemd() { on_node "$release/bin/test" -d /run/systemd/system; }

service_unit() {
  cat <<END
[Unit]
Description=Kins unit $KINS_UNIT: runs it when no pod of the cloud cluster does
Documentation=https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
After=network-online.target
Wants=network-online.target
RequiresMountsFor=$KINS_LIB
ConditionPathExists=$standby/start
[Service]
ExecStart=/bin/sh $standby/start
Restart=on-failure
RestartSec=5
KillMode=mixed
TimeoutStopSec=90
Delegate=yes
LimitNOFILE=1048576
TasksMax=infinity
[Install]
WantedBy=multi-user.target
END
}

# What the service starts. The shell of the node reads two words; the rest is run by programs that came with the unit.
start_script() {
  # Lines of this file that begin so are left out of what pods are given.
  printf '%s\n' '#!/bin/sh' \
    "# Starts a unit of an edge cluster on this node while its cloud cluster can't be reached. Written by a pod of the unit."
  cat <<'END'
set -eu
lib=${0%/standby/start}
read -r kit <"$lib/standby/cri/current"
read -r release <"$lib/standby/cri.release"
bin=$lib/releases/$release/bin
export scripts="$lib/standby/cri/$kit/scripts" SERVER_UID="@SERVER_UID@"
export PATH="$bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$bin/aux"
exec "$bin/sh" "$scripts/standby.sh" "${lib##*/}"
END
}

# As `systemctl enable` does it, which the pod could not call: it is not a program of the pod, and the node's would
# take its own time.
# shellcheck disable=SC2016 # for the shell on the node
ENABLE='
set -eu
[ "$(cat "$1/$2" 2>/dev/null)" = "$3" ] && [ -L "$1/multi-user.target.wants/$2" ] && exit 0
mkdir -p "$1/multi-user.target.wants"
printf "%s\n" "$3" >"$1/.$2.new"
sync
mv -f "$1/.$2.new" "$1/$2"
ln -sf "../$2" "$1/multi-user.target.wants/$2"
sync
! command -v systemctl >/dev/null || systemctl daemon-reload || true
'

# The text of the service and what it starts; afterwards, and not before, the node is told to start it.
enable_service() {
  start=$(start_script) || return 1
  printf '%s\n' "$start" | sed "s/@SERVER_UID@/${SERVER_UID:-}/" | keep_file "$standby/start" || return 1
  keep_file "$standby/hosts" </etc/hosts && echo "$NODE_IP" | keep_file "$standby/address" || return 1
  # Of an end that the unit was taken back from.
  rm -f "$standby/ended" || return 1
  text=$(service_unit) && on_node "$release/bin/sh" -c "$ENABLE" sh "$units" "$service" "$text"
}

# shellcheck disable=SC2016 # for the shell on the node
DISABLE='
set -eu
[ -e "$1/$2" ] || [ -L "$1/multi-user.target.wants/$2" ] || exit 0
rm -f "$1/multi-user.target.wants/$2" "$1/$2" "$1/.$2.new"
rmdir "$1/multi-user.target.wants" 2>/dev/null || true
! command -v systemctl >/dev/null || systemctl daemon-reload || true
'

disable_service() {
  on_node "$release/bin/sh" -c "$DISABLE" sh "$units" "$service" &&
    rm -f "$standby/start" "$standby/hosts" "$standby/address" "$standby/seen" "$standby"/*.release
}

# Does what was asked for, as far as the node can; a node that cannot has the unit all the same.
settle_service() {
  if [ "${BOOT_WHILE_DARK:-}" != yes ]; then
    disable_service || say "could not remove the service $service from this node"
  elif ! has_systemd; then
    say 'this node has no systemd: after a power cut the unit waits here until the cloud can be reached'
  elif ! enable_service; then
    say "could not write the service $service to $units of this node: after a power cut the unit waits here until the cloud" \
      'can be reached'
  fi
}
