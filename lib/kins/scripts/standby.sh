#!/bin/sh
# Runs a unit on its node when it was switched on and no pod of the unit comes, since the cloud can't be reached. Started at
# each boot by a service of the node, from the node's own disk. A part of the unit that a pod asks for is handed over, and when
# pods run all of them this ends: standby.sh UNIT
set -eu
: "${scripts:?folder of the scripts}" "${SERVER_UID:?user of the control plane}"
unit=$1
lib=${LIB_ROOT:-/var/lib/kins}/$unit
run=${RUN_ROOT:-/run/kins}/$unit
standby=$lib/standby
CGROUP=kins-$unit
packet_filter_lock=${PACKET_FILTER_LOCK:-/run/xtables.lock}
# shellcheck source=lib/kins/scripts/wait.sh
. "$scripts/wait.sh"
# shellcheck source=lib/kins/scripts/bundle.sh
. "$scripts/bundle.sh"
# shellcheck source=lib/shell/tell.sh
. "$scripts/tell.sh"
speaker=standby
say() { tell "$*" >&2; }
work=$run/standby
PARTS='cri agent server'

# runc keeps what it knows of the containers there.
runc() { command runc --root "$work/runc" "$@"; }
id_of() { echo "kins-$unit-$1"; }

# The unit has ended, or this service is to.
is_over() { [ -e "$work/stop" ] || [ -e "$standby/ended" ] || [ ! -d "$standby" ]; }

# Until then things look as if they came from the future: certificates, above all. The clock of a board without a battery
# begins anew at each boot, and nobody may tell it the time.
go_on_from_last_time() {
  now=$(date +%s) && seen=$(stat -c %Y "$standby/seen" 2>/dev/null) || return 0
  [ "$now" -lt "$seen" ] || return 0
  say "the clock says $(date -u), which is before this node was last seen working: setting it to that time"
  date -s "@$seen" >/dev/null || say 'the clock cannot be set: certificates of the unit may not be valid yet'
}

# The address that this node had, if it has it still; else that by which it reaches others.
find_address() {
  known=$(cat "$standby/address" 2>/dev/null) || known=
  lines=$(ip -4 -o address show) && ways=$(ip -4 -o route show default) || return 1
  address=$(printf '%s\n%s\n' "$ways" "$lines" | awk -v known="$known" '
    $1 == "default" { for (i = 1; i < NF; i++) if ($i == "dev" && way == "") way = $(i + 1); next }
    { sub("/.*", "", $4) }
    $4 == known { found = known }
    $2 == way && other == "" { other = $4 }
    END { print found != "" ? found : other }')
  [ -n "$address" ]
}

# Names are found as on the node, but not through a resolver that only the node's own network reaches.
find_resolver() {
  resolv=${RESOLV_CONF:-/run/systemd/resolve/resolv.conf}
  [ -s "$resolv" ] || resolv=/etc/resolv.conf
}

# Where a part keeps what its pod was given, and the release that it ran from.
kits_of() { if [ "$1" = server ]; then echo "$lib/server/standby"; else echo "$standby/$1"; fi; }
find_release() {
  noted=$(cat "$standby/$1.release" 2>/dev/null) || return 1
  release=$lib/releases/$noted
  [ -x "$release/bin/k3s" ]
}

# By its exit code, 75 when it is not for the node to run it: run_once PART
run_once() {
  id=$(id_of "$1")
  runc delete --force "$id" 2>/dev/null || true
  make_bundle "$1" "$(kits_of "$1")" || return 1
  cat "$standby/hosts" >"$bundle/hosts" || return 1
  runc run --bundle "$bundle" "$id" </dev/null
}

# Until a pod has it, or all is over: stand_in PART
stand_in() {
  told='' missed=''
  while ! is_over; do
    if ! find_release "$1"; then return; fi
    if find_address; then
      [ -n "$told" ] || say "no pod of unit $unit has come: starting its $1 on this node"
      told=yes
      code=0
      run_once "$1" || code=$?
      case $code in
        75) return ;;
        # It was asked to end, by a pod or by this service: the next start finds out whose it is.
        0) ;;
        *) is_over || say "the $1 of unit $unit has ended with code $code: starting it again" ;;
      esac
    elif [ -z "$missed" ]; then
      missed=yes
      say 'this node has no IPv4 address on a network yet: waiting for one'
    fi
    pause "${RETRY_SECONDS:-5}" || return 0
  done
}

have_all_ended() { for part in $PARTS; do [ -e "$work/$part.done" ] || return 1; done; }

# As the kubelet does: first they are asked to.
end_all() {
  true >"$work/stop"
  for part in $PARTS; do runc kill "$(id_of "$part")" TERM 2>/dev/null || true; done
  within "${END_SECONDS:-60}" have_all_ended || say 'some parts did not end in time and are killed'
}

remove_containers() {
  for part in $PARTS; do
    runc delete --force "$(id_of "$part")" 2>/dev/null || true
    umount -l "$work/$part/root" 2>/dev/null || true
  done
}

# The lock of the packet filter belongs to the node.
[ -e "$packet_filter_lock" ] || true >>"$packet_filter_lock"
mkdir -p "$work" "$run/flannel"
rm -f "$work/stop" "$work"/*.done
# Of a service that was killed: without it, nobody would look after them.
remove_containers
trap 'true >"$work/stop"' TERM INT

waited=0
while [ "$waited" -lt "${BOOT_SECONDS:-60}" ] && ! is_over; do
  pause 1 || true
  waited=$((waited + 1))
done
go_on_from_last_time
find_resolver
for part in $PARTS; do
  {
    stand_in "$part" || say "could not start the $part of unit $unit"
    true >"$work/$part.done"
  } &
done
until have_all_ended; do
  if is_over; then
    end_all
    break
  fi
  pause 1 || true
done
remove_containers
say "nothing is left to do for unit $unit"
