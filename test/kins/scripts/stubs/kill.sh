#!/bin/sh
# Ends processes that exist in cgroups of files only. Those in $WORLD/stubborn take no notice of SIGTERM. Without -s, for
# real: that is how a script ends what it has started itself.
set -eu
if [ "$1" != -s ]; then
  kill "$@"
  exit
fi
echo "kill $*" >>"$WORLD/log"
signal=$2
shift 2
find "$CGROUP_ROOT" -name cgroup.procs | while read -r procs; do
  for pid in "$@"; do
    if [ "$signal" = TERM ] && grep -qx "$pid" "$WORLD/stubborn" 2>/dev/null; then continue; fi
    grep -vx "$pid" "$procs" >"$procs.new" || true
    mv "$procs.new" "$procs"
  done
  # A control file would keep rmdir from removing a folder, which in a real tree it does not.
  if [ ! -s "$procs" ]; then rm "$procs"; fi
done
