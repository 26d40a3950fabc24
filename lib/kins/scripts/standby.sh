#!/bin/sh
# Runs a unit on a node that was switched on, until pods of the unit come: while the cloud can't be reached, none do. A service
# of the node starts this at each boot, from the node's own disk. When a pod asks for its part of the unit, the part is
# handed over to it, and once pods run all parts, this script ends: standby.sh UNIT
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

# runc keeps the state of its containers in this folder.
runc() { command runc --root "$work/runc" "$@"; }
id_of() { echo "kins-$unit-$1"; }

# Whether the unit has been removed from this node, or this service is being stopped.
is_over() { [ -e "$work/stop" ] || [ -e "$standby/ended" ] || [ ! -d "$standby" ]; }

# Sets the clock to the time at which the unit was last seen running, if the clock is behind that. A board without a battery
# starts with an old date, there may be no time server, and until the clock is right, certificates are not valid yet.
go_on_from_last_time() {
  now=$(date +%s) && seen=$(stat -c %Y "$standby/seen" 2>/dev/null) || return 0
  [ "$now" -lt "$seen" ] || return 0
  say "the clock says $(date -u), which is before this node was last seen working: setting it to that time"
  date -s "@$seen" >/dev/null || say 'the clock cannot be set: certificates of the unit may not be valid yet'
}

# Finds the address of this node: the one that it had before, if it still has that, else the one on its default route.
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

# Finds the resolver configuration of the node. Not systemd's stub resolver, which listens only on the node's own loopback.
find_resolver() {
  resolv=${RESOLV_CONF:-/run/systemd/resolve/resolv.conf}
  [ -s "$resolv" ] || resolv=/etc/resolv.conf
}

# kits_of PART prints the folder of the part's kits; find_release PART finds the release that it ran from.
kits_of() { if [ "$1" = server ]; then echo "$lib/server/standby"; else echo "$standby/$1"; fi; }
find_release() {
  noted=$(cat "$standby/$1.release" 2>/dev/null) || return 1
  release=$lib/releases/$noted
  [ -x "$release/bin/k3s" ]
}

# Runs a part until it ends, and returns its exit code: 75 means that it is not the node's turn to run it: run_once PART
run_once() {
  id=$(id_of "$1")
  runc delete --force "$id" 2>/dev/null || true
  make_bundle "$1" "$(kits_of "$1")" || return 1
  cat "$standby/hosts" >"$bundle/hosts" || return 1
  runc run --bundle "$bundle" "$id" </dev/null
}

# Keeps a part running until a pod takes it over, or the service ends: stand_in PART
stand_in() {
  told='' missed=''
  while ! is_over; do
    if ! find_release "$1"; then return; fi
    if find_address; then
      [ -n "$told" ] || say "no pod runs the $1 of unit $unit: starting it on this node"
      told=yes
      code=0
      run_once "$1" || code=$?
      case $code in
        75) return ;;
        # The part was asked to end, by a pod or by this service. If by a pod, the next run returns 75.
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

# Asks all parts to end, and gives them time to do so, as the kubelet does with containers.
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

# The node's own lock of the packet filter, which the parts mount; it may not exist yet after a boot.
[ -e "$packet_filter_lock" ] || true >>"$packet_filter_lock"
mkdir -p "$work" "$run/flannel"
rm -f "$work/stop" "$work"/*.done
# Containers that a killed instance of this service has left: nobody watches over them.
remove_containers
trap 'true >"$work/stop"' TERM INT

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
