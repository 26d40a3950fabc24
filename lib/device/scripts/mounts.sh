# shellcheck shell=sh disable=SC2034,SC2154
# Removing without going into what is mounted: that is somebody's data.

# find_mounts PATH: all that is mounted at a path or below it, one a line in $run/targets, the deepest first. Fails when that
# cannot be found out.
find_mounts() {
  real=$(readlink -f "$1") && answer "$run/mounts" mounted_paths "$root/proc/self/mounts" || return 1
  answer "$run/below" lines_below "$real" "$run/mounts" && answer "$run/targets" sort -r "$run/below"
}

# By the environment: awk would change a backslash.
lines_below() { BELOW="$1/" awk 'index($0 "/", ENVIRON["BELOW"]) == 1' "$2"; }

# unmount_below PATH: all below a path, and not what is mounted there itself.
unmount_below() {
  [ -d "$1" ] || return 0
  find_mounts "$1" || return 1
  while IFS= read -r target; do
    [ "$target" = "$real" ] || bounded 30 umount -l "$target" || return 1
  done <"$run/targets"
  find_mounts "$1" || return 1
  while IFS= read -r target; do
    [ "$target" = "$real" ] || return 1
  done <"$run/targets"
}

# remove_unmounted PATH: the path and all below it. Where something is mounted nothing is removed, with code 2: what shows
# another folder of the same disk is not told by its file system.
remove_unmounted() {
  if [ -e "$1" ] && [ ! -L "$1" ]; then
    find_mounts "$1" || return 1
    [ ! -s "$run/targets" ] || return 2
  fi
  # What is mounted from now on is not gone into either.
  remove_tree "$1"
}
