#!/bin/sh
# Takes the last mount of a target from a table of mounts; with -R also all below it, as one call. Knows no -R where
# BUSYBOX_UMOUNT is set.
set -eu
echo "umount $*" >>"$WORLD/log"
for target in "$@"; do :; done
case " $* " in
  *' -R '*)
    [ -z "${BUSYBOX_UMOUNT-}" ] || exit 1
    grep -qxF -- "$target" "$WORLD/mounts" || exit 1
    awk -v t="$target" '$0 != t && index($0, t "/") != 1' "$WORLD/mounts" >"$WORLD/mounts.new"
    ;;
  *)
    grep -qxF -- "$target" "$WORLD/mounts" || exit 1
    awk -v t="$target" '{ l[NR] = $0; if ($0 == t) last = NR } END { for (i = 1; i <= NR; i++) if (i != last) print l[i] }' \
      "$WORLD/mounts" >"$WORLD/mounts.new"
    ;;
esac
mv "$WORLD/mounts.new" "$WORLD/mounts"
if [ -f "$WORLD/proc/self/mounts" ]; then
  awk '{ gsub(" ", "\\040"); print "dev " $0 " ext4 rw 0 0" }' "$WORLD/mounts" >"$WORLD/proc/self/mounts"
fi
