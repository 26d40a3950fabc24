# shellcheck shell=sh
# A kit: everything that a pod was given, saved on the disk. With it the node can start the same part of the unit by itself,
# when it is switched on while the cloud can't be reached and so no pod comes.
: "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"

# Copies the files of a volume; it is fine if the volume does not exist: copy_given FROM TO
copy_given() {
  mkdir "$2" || return 1
  for file in "$1"/*; do
    [ ! -f "$file" ] || cat "$file" >"$2/${file##*/}" || return 1
  done
}

write_kit() {
  copy_given "${KINS_CONFIG:-/etc/kins/config}" "$1/config" && copy_given "$scripts" "$1/scripts" &&
    copy_given "${KINS_STATE:-/etc/kins/state}" "$1/state" && copy_given "${KINS_SECRETS:-/etc/kins/secrets}" "$1/secrets" &&
    command export -p >"$1/environment"
}

# Renamed first: a kit of the same content gets the same name, and must not meet what an interrupted removal left of this one:
# discard_kit FOLDER KIT
discard_kit() { rename "$2" "$1/.old" && remove_tree "$1/.old"; }

# Writes the kit and removes older ones. A power cut leaves either the old kit or the new one, complete. Only its owner can
# read it, because it has tokens in it: keep_kit FOLDER
keep_kit() (
  umask 077
  remove_tree "$1/.old" && remove_tree "$1/.new" && mkdir "$1/.new" && write_kit "$1/.new" || return 1
  list=$(cd "$1/.new" && sha256sum ./environment ./*/*) && sum=$(printf '%s\n' "$list" | sha256sum) || return 1
  kit=$(echo "$sum" | cut -c 1-16)
  if [ -d "$1/$kit" ]; then remove_tree "$1/.new"; else rename "$1/.new" "$1/$kit"; fi || return 1
  echo "$kit" | keep_file "$1/current" || return 1
  # Names of kits are hexadecimal, by which they are told from other folders.
  for other in "$1"/[0-9a-f]*/; do
    [ "$other" = "$1/$kit/" ] || discard_kit "$1" "${other%/}" || return 1
  done
)

# Removes all kits, for a unit that is not supposed to start by itself: forget_kit FOLDER
forget_kit() {
  # First the file that names the current kit: whatever it names must exist, even after a power cut.
  [ ! -e "$1/current" ] || { rm -f "$1/current" && flush; } || return 1
  for kit in "$1/.new" "$1/.old" "$1"/[0-9a-f]*/; do
    [ ! -d "$kit" ] || remove_tree "${kit%/}" || return 1
  done
}

# Writes or removes the kit, as the unit's settings say. Does nothing when the node itself runs the part, from that very kit.
# Failing to write it is not fatal, but then the node cannot start without the cloud after a power cut: settle_kit FOLDER
settle_kit() {
  [ -z "${STANDBY:-}" ] || return 0
  if [ "${BOOT_WHILE_DARK:-}" = yes ]; then
    keep_kit "$1" || say "could not write to $1 what this node needs to start without the cloud: look at the disk"
  else
    forget_kit "$1" || say "could not remove from $1 what this node needed to start without the cloud"
  fi
}
