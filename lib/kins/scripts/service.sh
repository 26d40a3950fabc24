# shellcheck shell=sh
# Functions of cri.sh that have the node start the unit by itself after a boot: a service of systemd.
: "${KINS_UNIT:?name of the unit}" "${KINS_LIB:?folder of the unit}" "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
# shellcheck source=lib/kins/scripts/service-files.sh
. "$scripts/service-files.sh"
standby=$KINS_LIB/standby
service=kins-$KINS_UNIT.service

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

# The text of the service and what it starts; afterwards, and not before, the node is told to start it.
enable_service() {
  start=$(start_script) || return 1
  printf '%s\n' "$start" | sed "s/@SERVER_UID@/${SERVER_UID:-}/" | keep_file "$standby/start" || return 1
  keep_file "$standby/hosts" </etc/hosts && echo "$NODE_IP" | keep_file "$standby/address" || return 1
  # Of an end that the unit was taken back from.
  rm -f "$standby/ended" || return 1
  text=$(service_unit) && install_service "$service" "$text"
}

disable_service() {
  uninstall_service "$service" &&
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
