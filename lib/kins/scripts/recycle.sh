#!/bin/sh
# Takes a unit off this node: ends what is left of its processes, unmounts, removes its cgroups and its files.
# Each step leaves a state from which all steps can be run again. The pod turns ready when nothing is left.
set -eu
: "${UNIT:?name of the unit}" "${CGROUP:?cgroup of the unit}"
lib=${LIB_ROOT:-/var/lib/kins}/$UNIT
run=${RUN_ROOT:-/run/kins}/$UNIT
cgroups=${CGROUP_ROOT:-/host/sys/fs/cgroup}
proc=${HOST_PROC:-/proc}
done_mark=${DONE_MARK:-/tmp/recycled}
grace=${GRACE_SECONDS:-30}

say() { echo "recycle: $*" >&2; }

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

# Never over a file system boundary: what is still mounted is somebody's data.
remove_files() {
  for dir in "$lib" "$run"; do
    [ -e "$dir" ] || continue
    rm -rf "$dir" || return 1
  done
}

rm -f "$done_mark"
while pods_running; do
  say "waiting for the pods of unit $UNIT on this node to end: delete its DaemonSets if nothing has"
  sleep 5
done
for step in end_processes unmount_all remove_cgroups remove_files; do
  until "$step"; do
    say "step $step is not through yet; trying again"
    sleep 2
  done
  say "step $step is through"
done
: >"$done_mark"
say "nothing of unit $UNIT is left on this node"
while :; do sleep 3600; done
