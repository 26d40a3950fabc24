#!/bin/sh
# Takes a unit off this node: ends what is left of its processes, unmounts, removes its cgroups and its files.
# Each step leaves a state from which all steps can be run again. The pod is ready while nothing is left.
set -eu
: "${UNIT:?name of the unit}" "${CGROUP:?cgroup of the unit}"
lib=${LIB_ROOT:-/var/lib/kins}/$UNIT
run=${RUN_ROOT:-/run/kins}/$UNIT
cgroups=${CGROUP_ROOT:-/host/sys/fs/cgroup}
proc=${HOST_PROC:-/proc}
guard=${KINS_GUARD:-/etc/kins/guard}
done_mark=${DONE_MARK:-/tmp/recycled}
grace=${GRACE_SECONDS:-30}
told=

# Says something once, until something else is said.
say() {
  [ "$told" != "$*" ] || return 0
  told=$*
  echo "recycle: $told" >&2
}

# Processes of the unit's containers, by cgroup.
processes() {
  find "$cgroups" -path "*/$CGROUP/*" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -un
}

# Pods of the unit that still run here, by what they hold open: nobody may be killed whose pod would start it again.
pods_running() {
  for environ in "$proc"/[0-9]*/environ; do
    if tr '\0' '\n' <"$environ" 2>/dev/null | grep -qx "KINS_UNIT=$UNIT"; then return 0; fi
  done
  return 1
}

# May this node be touched? Asked before every step: a unit may be given its cluster back at any time, and this pod may
# outlive that, or be started again by it.
may_recycle() {
  level=$(cat "$guard/level" 2>/dev/null || true)
  if [ "$level" != L3 ]; then
    say "unit $UNIT is at ${level:-an unknown level}, so nothing on this node is touched"
    return 1
  fi
  if pods_running; then
    say "waiting for the pods of unit $UNIT on this node to end"
    return 1
  fi
}

end_processes() {
  for signal in TERM KILL; do
    left=$(processes)
    [ -n "$left" ] || return 0
    say "sending $signal to $(echo "$left" | wc -l) processes"
    # shellcheck disable=SC2086 # a list of process ids
    kill -s "$signal" $left 2>/dev/null || true
    waited=0
    while [ -n "$(processes)" ] && [ "$waited" -lt "$grace" ]; do
      sleep 1
      waited=$((waited + 1))
    done
  done
  [ -z "$(processes)" ]
}

# Mounts below the unit's folders, the deepest first.
mounts() {
  awk -v lib="$lib/" -v run="$run/" 'index($2 "/", lib) == 1 || index($2 "/", run) == 1 { print $2 }' "$proc/self/mounts" |
    sort -r
}

unmount_all() {
  for target in $(mounts); do
    # A mount point with white space is written with its octal code.
    umount -l "$(printf '%b' "$target")" || true
  done
  [ -z "$(mounts)" ]
}

remove_cgroups() {
  for dir in "$cgroups/$CGROUP" "$cgroups"/*/"$CGROUP"; do
    [ -d "$dir" ] || continue
    find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null || true
    [ ! -d "$dir" ] || return 1
  done
}

# Moved away first: removing takes its time, and a unit that is given its cluster back must find all or nothing.
remove_files() {
  for dir in "$lib" "$run"; do
    ended=${dir%/*}/.$UNIT.ended
    rm -rf "$ended" || return 1
    [ -e "$dir" ] || continue
    mv "$dir" "$ended" || return 1
    rm -rf "$ended" || return 1
  done
  # The folders of all units are mounted here and can only be removed as the node itself sees them; others may need them.
  rmdir "$proc/1/root/var/lib/kins" "$proc/1/root/run/kins" 2>/dev/null || true
}

recycle() {
  for step in end_processes unmount_all remove_cgroups remove_files; do
    may_recycle || return 1
    if ! "$step"; then
      say "step $step is not through yet; trying again"
      return 1
    fi
  done
}

while :; do
  if recycle; then
    say "nothing of unit $UNIT is left on this node"
    : >"$done_mark"
    sleep "${CHECK_SECONDS:-60}"
  else
    rm -f "$done_mark"
    sleep 2
  fi
done
