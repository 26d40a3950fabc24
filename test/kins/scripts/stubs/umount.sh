#!/bin/sh
# Takes the last mount of a target from a table of mounts, lazily: with all that is mounted below it.
set -eu
echo "umount $*" >>"$WORLD/log"
for target in "$@"; do :; done
grep -qxF -- "$target" "$WORLD/mounts" || exit 1
awk -v t="$target" '{ l[NR] = $0; if ($0 == t) last = NR }
  END { for (i = 1; i <= NR; i++) if (i != last && index(l[i], t "/") != 1) print l[i] }' "$WORLD/mounts" >"$WORLD/mounts.new"
mv "$WORLD/mounts.new" "$WORLD/mounts"
if [ -f "$WORLD/proc/self/mounts" ]; then
  awk '{ gsub(" ", "\\040"); print "dev " $0 " ext4 rw 0 0" }' "$WORLD/mounts" >"$WORLD/proc/self/mounts"
fi
