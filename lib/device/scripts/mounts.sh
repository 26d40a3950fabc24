# shellcheck shell=sh disable=SC2034,SC2154
# Removing without going into what is mounted: that is somebody's data.

# mounts_at PATH: all that is mounted at a path or below it, one a line, the deepest last. The table of mounts knows paths
# without links only, and has white space in octal. Fails when that cannot be found out.
mounts_at() {
  real=$(readlink -f "$1") || return 1
  REAL="$real" awk '
    {
      path = $2
      gsub(/\\040/, " ", path)
      gsub(/\\011/, "\t", path)
      gsub(/\\043/, "#", path)
      gsub(/\\134/, "\\\\", path)
    }
    path == ENVIRON["REAL"] || index(path, ENVIRON["REAL"] "/") == 1 { print path }' \
    "$root/proc/self/mounts" >"$run/mounts" && sort "$run/mounts"
}

# unmount_below PATH: all below a path, and not what is mounted there itself.
unmount_below() {
  [ -d "$1" ] || return 0
  below=$(readlink -f "$1") && mounts_at "$1" >"$run/targets" && sort -r "$run/targets" >"$run/mounts" || return 1
  while IFS= read -r target; do
    [ "$target" = "$below" ] || bounded 30 umount -l "$target" || return 1
  done <"$run/mounts"
  mounts_at "$1" >"$run/targets" || return 1
  while IFS= read -r target; do
    [ "$target" = "$below" ] || return 1
  done <"$run/targets"
}

# remove_tree PATH: the path and all below it. Where something is mounted nothing is removed, with code 2.
remove_tree() {
  if [ -L "$1" ]; then
    rm -f "$1"
    return
  fi
  [ -e "$1" ] || return 0
  mounts_at "$1" >"$run/targets" || return 1
  [ ! -s "$run/targets" ] || return 2
  # What is mounted from now on is not gone into either.
  find "$1" -xdev -depth -delete
}
