#!/bin/sh
# Removes a unit from this node: ends the processes that are left, unmounts its file systems, removes its network, cgroups and
# files. All steps can be repeated after any of them was interrupted. The pod is ready while nothing of the unit is left.
set -eu
: "${UNIT:?name of the unit}" "${CGROUP:?cgroup of the unit}"
lib=${LIB_ROOT:-/var/lib/kins}/$UNIT
run=${RUN_ROOT:-/run/kins}/$UNIT
cgroups=${CGROUP_ROOT:-/host/sys/fs/cgroup}
proc=${HOST_PROC:-/proc}
guard=${KINS_GUARD:-/etc/kins/guard}
done_mark=${DONE_MARK:-/tmp/recycled}
work=${KINS_WORK:-/tmp}
scripts=${KINS_SCRIPTS:-/etc/kins/scripts}
# shellcheck source=lib/kins/scripts/wait.sh
. "$scripts/wait.sh"
# shellcheck source=lib/kins/scripts/remove.sh
. "$scripts/remove.sh"
# shellcheck source=lib/kins/scripts/remove-network.sh
. "$scripts/remove-network.sh"
# shellcheck source=lib/kins/scripts/stop-workloads.sh
. "$scripts/stop-workloads.sh"
# shellcheck source=lib/kins/scripts/remove-service.sh
. "$scripts/remove-service.sh"
# shellcheck source=lib/shell/tell.sh
. "$scripts/tell.sh"
grace=${GRACE_SECONDS:-30}
speaker=recycle
told=

# Does not repeat a message until there was another one.
say() {
  [ "$told" != "$*" ] || return 0
  told=$*
  tell "$told" >&2
}

groups() { find "$cgroups" -path "*/$CGROUP/*" -name cgroup.procs >"$1"; }

# Writes the processes in the unit's cgroups to a file. Fails if they cannot be determined. The list of a threaded cgroup
# cannot be read, but its processes are in the list of a cgroup above it, which belongs to the unit, too.
list_processes() {
  true >"$work/processes"
  for procs in "$cgroups"/cgroup.procs "$cgroups"/*/cgroup.procs; do [ ! -e "$procs" ] || break; done
  if [ ! -e "$procs" ]; then
    say "there are no cgroups in $cgroups, so the processes of the unit cannot be identified"
    return 1
  fi
  # Tries twice, because find fails if a cgroup disappears meanwhile.
  groups "$work/groups" || groups "$work/groups" || return 1
  while read -r group; do
    cat "$group" >>"$work/processes" 2>/dev/null || [ ! -e "$group" ] ||
      [ "$(cat "${group%/*}/cgroup.type" 2>/dev/null || true)" = threaded ] || return 1
  done <"$work/groups"
}

has_no_processes() { list_processes && [ ! -s "$work/processes" ]; }

# Whether pods of the unit still run here, which their environment tells: they would restart whatever is killed.
pods_running() {
  for environ in "$proc"/[0-9]*/environ; do
    # A process that has ended meanwhile does not count, but one that cannot be read may belong to a pod of the unit.
    tr '\0' '\n' 2>/dev/null <"$environ" >"$work/environ" || [ ! -e "$environ" ] || return 0
    if grep -qx "KINS_UNIT=$UNIT" "$work/environ"; then return 0; fi
  done
  return 1
}

# Whether this node may be touched. Checked before every step, because the unit may be given its cluster back at any time,
# while this pod still runs.
may_touch() {
  level=$(cat "$guard/level" 2>/dev/null || true)
  if [ "$level" != L3 ]; then
    say "unit $UNIT is at ${level:-an unknown level}, so nothing on this node is touched"
    return 1
  fi
  if [ ! -r "$proc/1/environ" ]; then
    say "the processes of this node can't be seen in $proc, so nothing on it is touched"
    return 1
  fi
}

may_recycle() {
  may_touch || return 1
  if pods_running; then
    say "waiting for the pods of unit $UNIT on this node to end"
    return 1
  fi
  if [ -L "$lib" ]; then
    say "$lib is a link to $(readlink "$lib"), which this pod cannot see: remove that folder and the link by hand"
    return 1
  fi
}

end_processes() {
  for signal in TERM KILL; do
    list_processes || return 1
    [ -s "$work/processes" ] || return 0
    left=$(sort -un "$work/processes")
    say "sending $signal to $(echo "$left" | wc -l) processes"
    # shellcheck disable=SC2086 # a list of process ids
    kill -s "$signal" $left 2>/dev/null || true
    if within "$grace" has_no_processes; then return; fi
  done
  return 1
}

# Unmounts what the kubelet and containers have mounted, the deepest first.
unmount_all() {
  list_mounts || return 1
  while IFS= read -r target; do umount -l "$target" || true; done <"$work/mounts.runtime"
  list_mounts && [ ! -s "$work/mounts.runtime" ]
}

remove_cgroups() {
  for dir in "$cgroups/$CGROUP" "$cgroups"/*/"$CGROUP"; do
    [ -d "$dir" ] || continue
    find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null || true
    [ ! -d "$dir" ] || return 1
  done
}

remove_files() {
  list_mounts && [ ! -s "$work/mounts.runtime" ] || return 1
  for dir in "$lib" "$run"; do remove_unit_folder "$dir" || return 1; done
  # The folders above are shared by all units, so they go only if they are empty. They are mount points in this pod, so they
  # can be removed only through the node's own view of its files.
  rmdir "$proc/1/root/var/lib/kins" "$proc/1/root/run/kins" 2>/dev/null || true
}

recycle() {
  # Before may_recycle, to which parts that the node runs itself look like pods.
  may_touch && remove_service || return 1
  for step in stop_workloads end_processes unmount_all remove_network remove_cgroups remove_files; do
    may_recycle || return 1
    said=$told
    if ! "$step"; then
      [ "$told" != "$said" ] || say "step $step is not finished yet; trying again"
      return 1
    fi
  done
}

# Tells what stays mounted: disks of the unit, and mounts that are not the unit's.
what_stays() {
  while IFS= read -r disk; do printf '%s' "; the disk at $disk stays mounted, without the unit's files"; done <"$work/mounts.disks"
  while IFS= read -r mount; do printf '%s' "; $mount is not a mount of the unit: nothing on it was touched"; done <"$work/mounts.others"
}

while :; do
  if recycle; then
    say "nothing of unit $UNIT is left on this node$(what_stays)"
    true >"$done_mark"
    sleep "${CHECK_SECONDS:-60}"
  else
    rm -f "$done_mark"
    sleep 2
  fi
done
