# shellcheck shell=sh disable=SC2034,SC2154
# Functions that unmount, and that remove without touching mounted file systems, which hold data of others.

# Writes all mount points at a path or below it to $run/targets, one per line, the deepest first. Fails if they cannot be
# determined: find_mounts PATH
find_mounts() {
  real=$(readlink -f "$1") && answer "$run/mounts" mounted_paths "$root/proc/self/mounts" || return 1
  answer "$run/below" lines_below "$real" "$run/mounts" && answer "$run/targets" sort -r "$run/below"
}

# Through the environment, because awk interprets backslashes in variables that are set by -v.
lines_below() { BELOW="$1/" awk 'index($0 "/", ENVIRON["BELOW"]) == 1' "$2"; }

# Unmounts everything below a path, but not what is mounted at the path itself: unmount_below PATH
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

# Removes a path and everything below it. If something is mounted there, removes nothing and returns 2. remove_tree alone
# would not be enough: a bind mount of another folder of the same disk has the same file system. remove_unmounted PATH
remove_unmounted() {
  if [ -e "$1" ] && [ ! -L "$1" ]; then
    find_mounts "$1" || return 1
    [ ! -s "$run/targets" ] || return 2
  fi
  # Does not enter another file system either, if one is mounted from now on.
  remove_tree "$1"
}
