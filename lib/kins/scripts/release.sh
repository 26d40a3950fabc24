# shellcheck shell=sh
# Copies K3s' programs to the node's disk. What runs workloads, what starts the unit while the cloud can't be reached, and what
# a node goes back to after a failed change must not depend on an image that may be removed when its pod is replaced.
: "${KINS_LIB:?folder of the unit}" "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
# shellcheck source=lib/shell/answers.sh
. "$scripts/answers.sh"
releases=$KINS_LIB/releases
image=${KINS_IMAGE:-}

# Prints an id that differs if the programs of the image differ.
release_id() {
  list=$(cd "$image/bin" && { ls -lLR --full-time . 2>/dev/null || ls -lLR .; }) && [ -n "$list" ] || return 1
  sum=$(printf '%s\n' "$list" | sha256sum) && echo "$sum" | cut -c 1-16
}

# Copies the programs, and what they use of the image: time zones, certificate authorities, and libraries, if any. Leaves out
# modules and firmware, which are mounted from the node: copy_release TARGET
copy_release() {
  # The server, which is not root, also runs programs from here.
  mkdir -m 0755 "$1" "$1/etc" "$1/lib" "$1/lib/modules" && cp -a "$image/bin" "$1/bin" || return 1
  for each in etc/ssl lib64 usr; do
    [ ! -d "$image/$each" ] || cp -a "$image/$each" "$1/$each" || return 1
  done
  for each in "$image"/lib/*; do
    case $each in */modules | */firmware | */'*') ;; *) cp -a "$each" "$1/lib/" || return 1 ;; esac
  done
}

# Copies a release completely or not at all, so a folder that exists is complete.
copy_once() {
  [ ! -d "$release" ] || return 0
  remove_tree "$releases/.new" || return 1
  say "copying the programs of this release to $release"
  if copy_release "$releases/.new" && rename "$releases/.new" "$release"; then return 0; fi
  remove_tree "$releases/.new"
  return 1
}

# Copies the programs of this image to the node unless they are there, and sets `release` to their folder. All parts of a unit
# may try at once, and a small disk may lack the space for several copies, so a lock lets only one of them copy.
install_release() {
  id=${KINS_RELEASE:-} && { [ -n "$id" ] || id=$(release_id); } && [ -n "$id" ] || return 1
  release=$releases/$id
  [ ! -d "$release" ] || return 0
  mkdir -p "$releases" && command exec 8>>"$KINS_LIB/standby/copying" && flock 8 || return 1
  code=0
  copy_once || code=1
  exec 8>&-
  return "$code"
}

# Notes the release of a part, so that it is not removed while the node may start the part from it: note_release PART
note_release() { echo "${release##*/}" | keep_file "$KINS_LIB/standby/$1.release"; }

# For a part whose pod does not need the copy itself, and so starts even if copying fails: keep_release PART
keep_release() {
  if install_release && note_release "$1"; then return 0; fi
  say "could not copy K3s' programs to $releases, from which this node starts without the cloud, and to which it goes back" \
    'after a failed change: look at the disk'
}
