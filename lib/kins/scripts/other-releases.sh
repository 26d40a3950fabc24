# shellcheck shell=sh
# Functions of cri.sh that remove releases from which nothing runs, and nothing would be started.
: "${releases:?folder of the releases}" "${release=}" "${KINS_LIB:?folder of the unit}" "${proc:?processes of the node}"

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

# Whether a part of the unit would be started from it: is_noted FOLDER
is_noted() {
  for note in "$KINS_LIB/standby"/*.release; do
    [ "$(cat "$note" 2>/dev/null)" != "${1##*/}" ] || return 0
  done
  return 1
}

has_other_releases() { [ "$(echo "$releases"/*)" != "$release" ]; }

remove_other_releases() {
  for other in "$releases"/*; do
    if [ "$other" = "$release" ] || is_in_use "$other" || is_noted "$other"; then continue; fi
    remove_tree "$other" || say "could not remove $other"
  done
}
