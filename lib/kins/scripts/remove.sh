# shellcheck shell=sh
# Functions of recycle.sh that remove the unit's files, but nothing on mounts that do not belong to the unit.
: "${lib:?folder of the unit}" "${run:?its run-time folder}" "${proc:?processes of the node}" "${work:?folder for lists}"
: "${UNIT:?name of the unit}" "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/answers.sh
. "$scripts/answers.sh"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
# shellcheck source=lib/shell/mount-table.sh
. "$scripts/mount-table.sh"

# Sorts the mounts at and below the unit's folders into three lists, the deepest first. Fails if they cannot be determined.
#   runtime: mounted by the kubelet and by containers
#   disks: file systems on which the node keeps the unit, or one of its folders; what is on them is the unit's
#   others: anything else, such as a network share for backups
list_mounts() {
  answer "$work/mounts" mounted_paths "$proc/self/mounts" || return 1
  awk -v lib="$lib" -v run="$run" -v lists="$work/unsorted" '
    BEGIN {
      for (i = split("server agent containerd kubelet node cni access log releases standby", name, " "); i > 0; i--) own[lib "/" name[i]]
      own[lib]
      printf "" >(lists ".runtime"); printf "" >(lists ".disks"); printf "" >(lists ".others")
    }
    { path = $0 }
    index(path "/", run "/") == 1 || index(path, lib "/kubelet/") == 1 || index(path, lib "/containerd/") == 1 {
      print path >(lists ".runtime")
      next
    }
    path in own || index(path "/", lib "/server/k3s/") == 1 { print path >(lists ".disks"); next }
    index(path, lib "/") == 1 { print path >(lists ".others") }' "$work/mounts" || return 1
  for list in runtime disks others; do
    answer "$work/mounts.$list" sort -r "$work/unsorted.$list" || return 1
    # Fails if a path has a line break, which stays encoded, because the lists have one path per line.
    if grep -F '\012' "$work/mounts.$list" >&2; then return 1; fi
  done
}

is_disk() { grep -qxF -e "$1" "$work/mounts.disks"; }
is_other() { grep -qxF -e "$1" "$work/mounts.others"; }

# Whether a disk or another mount, which both stay, is at a path or below it.
has_mounts() {
  # Through the environment, because awk interprets backslashes in variables that are set by -v.
  path="$1/" awk 'index($0 "/", ENVIRON["path"]) == 1 { found = 1 } END { exit !found }' \
    "$work/mounts.disks" "$work/mounts.others"
}

# Removes what was put away, but nothing on another file system. Flushes before, so that the new name is on the disk, and
# after, because what is reported as gone must not come back after a power cut.
remove_ended() {
  [ -e "$1" ] || return 0
  flush && remove_tree "$1" && flush
}

# Renames the folder first: removing takes time, and if the unit is given its cluster back meanwhile, it must find all of its
# files or none.
remove_unit_folder() {
  ended=${1%/*}/.$UNIT.ended
  remove_ended "$ended" || return 1
  [ -e "$1" ] || return 0
  if has_mounts "$1"; then
    empty "$1"
  else
    put_away "$1" "$ended" && remove_ended "$ended"
  fi
}

# Empties a folder that can't be renamed because it is a disk, or because mounts below it stay.
empty() {
  remove_ended "$1/.ended" || return 1
  for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    case ${entry##*/} in
      .ended) continue ;;
      # Part of the file system itself.
      lost+found) if is_disk "$1"; then continue; fi ;;
    esac
    [ -e "$entry" ] || [ -L "$entry" ] || continue
    if is_other "$entry"; then continue; fi
    if has_mounts "$entry"; then
      (empty "$entry") || return 1
    else
      mkdir -p "$1/.ended" && put_away "$entry" "$1/.ended/${entry##*/}" || return 1
    fi
  done
  remove_ended "$1/.ended" || return 1
  is_disk "$1" || rmdir "$1" 2>/dev/null || true
}
