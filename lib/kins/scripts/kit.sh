# shellcheck shell=sh
# What a pod was given, on the disk: by it the node starts the same when it is switched on and no pod comes.
: "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"

# The files of a volume, which may not be there: copy_given FROM TO
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

# It may be written again under the same name, and be cut short while it is removed: discard_kit FOLDER KIT
discard_kit() { rename "$2" "$1/.old" && remove_tree "$1/.old"; }

# Whole or not at all; there is one at any time, and in the end no other. Nothing else can read it, for the tokens in it:
# keep_kit FOLDER
keep_kit() (
  umask 077
  remove_tree "$1/.old" && remove_tree "$1/.new" && mkdir "$1/.new" && write_kit "$1/.new" || return 1
  list=$(cd "$1/.new" && sha256sum ./environment ./*/*) && sum=$(printf '%s\n' "$list" | sha256sum) || return 1
  kit=$(echo "$sum" | cut -c 1-16)
  if [ -d "$1/$kit" ]; then remove_tree "$1/.new"; else rename "$1/.new" "$1/$kit"; fi || return 1
  echo "$kit" | keep_file "$1/current" || return 1
  for other in "$1"/*/; do
    [ "$other" = "$1/$kit/" ] || discard_kit "$1" "${other%/}" || return 1
  done
)

# Of a unit that is not to start by itself, nothing is kept: forget_kit FOLDER
forget_kit() {
  # What is named is there, also after a power cut.
  [ ! -e "$1/current" ] || { rm -f "$1/current" && flush; } || return 1
  for kit in "$1/.new" "$1/.old" "$1"/*/; do
    [ ! -d "$kit" ] || remove_tree "${kit%/}" || return 1
  done
}

# By a pod, not by the node, which has it. A site without it works, but would not come back from a power cut without the cloud:
# settle_kit FOLDER
settle_kit() {
  [ -z "${STANDBY:-}" ] || return 0
  if [ "${BOOT_WHILE_DARK:-}" = yes ]; then
    keep_kit "$1" || say "could not write to $1 what this node needs to start without the cloud: look at the disk"
  else
    forget_kit "$1" || say "could not remove from $1 what this node needed to start without the cloud"
  fi
}
