# shellcheck shell=sh
# Functions of cri.sh that put K3s' programs where they outlive its pod: what runs workloads must not stand on an image that
# is taken away when the pod is replaced.
: "${KINS_LIB:?folder of the unit}" "${scripts:?folder of the scripts}" "${proc:?processes of the node}"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
# shellcheck source=lib/shell/answers.sh
. "$scripts/answers.sh"
releases=$KINS_LIB/releases
programs=${KINS_PROGRAMS:-/bin}

# What tells the programs of this image from those of any other.
release_id() {
  list=$(cd "$programs" && { ls -lLR --full-time . 2>/dev/null || ls -lLR .; }) && [ -n "$list" ] || return 1
  sum=$(printf '%s\n' "$list" | sha256sum) && echo "$sum" | cut -c 1-16
}

# Copies the programs of this image to the node, whole or not at all; a release that is there has all that it had. Leaves its
# folder in `release`.
install_release() {
  id=$(release_id) && [ -n "$id" ] || return 1
  release=$releases/$id
  [ ! -d "$release" ] || return 0
  mkdir -p "$releases"
  remove_tree "$releases/.new" || return 1
  say "copying the programs of this release to $release"
  if ! { mkdir "$releases/.new" && cp -a "$programs" "$releases/.new/bin" && rename "$releases/.new" "$release"; }; then
    remove_tree "$releases/.new"
    return 1
  fi
}

# Whether a process of the unit runs a program of a release. The shim of a container calls what lies beside it, such as runc,
# for as long as the container runs: is_in_use FOLDER
is_in_use() {
  procs=$(group_of_unit) && [ -n "$procs" ] || return 1
  while read -r pid; do
    # A disk of its own may have another name on the node.
    case $(readlink "$proc/$pid/exe" 2>/dev/null) in */"releases/${1##*/}"/*) return 0 ;; esac
  done <"$procs"
  return 1
}

has_other_releases() { [ "$(echo "$releases"/*)" != "$release" ]; }

remove_other_releases() {
  for other in "$releases"/*; do
    if [ "$other" = "$release" ] || is_in_use "$other"; then continue; fi
    remove_tree "$other" || say "could not remove $other"
  done
}
