# shellcheck shell=sh
# Functions of cri.sh that remove releases of K3s' programs that nothing runs from, or would be started from, any more.
: "${releases:?folder of the releases}" "${release=}" "${KINS_LIB:?folder of the unit}" "${proc:?processes of the node}"

# Whether a process of the unit runs a program of a release. As long as a container runs, its shim calls programs beside it,
# such as runc: is_in_use FOLDER
is_in_use() {
  procs=$(group_of_unit) && [ -n "$procs" ] || return 1
  while read -r pid; do
    # Compares only the end of the path: if the unit has a disk of its own, the node may see it under another path.
    case $(readlink "$proc/$pid/exe" 2>/dev/null) in */"releases/${1##*/}"/*) return 0 ;; esac
  done <"$procs"
  return 1
}

# Whether the node would start a part of the unit from a release, or go back to it, or a part has just brought it:
# is_noted FOLDER
is_noted() {
  for note in "$KINS_LIB/standby"/*.release "$KINS_LIB"/standby/*/proven-of.*/programs "$KINS_LIB"/server/standby/proven-of.*/programs; do
    [ "$(cat "$note" 2>/dev/null)" != "${1##*/}" ] || return 0
  done
  for note in "$KINS_LIB"/standby/*/trial "$KINS_LIB/server/standby/trial"; do
    [ ! -s "$note" ] || ! grep -q " ${1##*/}\$" "$note" || return 0
  done
  return 1
}

has_other_releases() { [ "$(echo "$releases"/*/)" != "$release/" ]; }

remove_other_releases() {
  for other in "$releases"/*/; do
    other=${other%/}
    if [ "$other" = "$release" ] || is_in_use "$other" || is_noted "$other"; then continue; fi
    remove_tree "$other" || say "could not remove $other"
  done
}
