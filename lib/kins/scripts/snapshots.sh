# shellcheck shell=sh
# Functions of server.sh about K3s' snapshots of the database. They lie beside the data, which a start may discard.

: "${own:?folder of the server}" "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
snapshots=$own/snapshots

# Takes the snapshots out of a folder of data, where K3s puts them by default. One of the same name that is there already is
# another or the same; neither is lost.
keep_snapshots() {
  mkdir -p "$snapshots"
  [ -d "$1/server/db/snapshots" ] || return 0
  ls "$1/server/db/snapshots" >/dev/null || stop "the snapshots in $1/server/db/snapshots can't be read; nothing is changed"
  for snapshot in "$1"/server/db/snapshots/*; do
    [ -e "$snapshot" ] || continue
    kept=$snapshots/${snapshot##*/}
    number=1
    while [ -e "$kept" ] && ! cmp -s "$snapshot" "$kept"; do
      kept=$snapshots/${snapshot##*/}.$number
      number=$((number + 1))
    done
    # Copied first where the data has a disk of its own: whole before it has its name, and that before the other goes.
    if ! { ln "$snapshot" "$kept" 2>/dev/null || copy_whole "$snapshot" "$kept"; } || ! flush || ! remove_tree "$snapshot"; then
      stop "the snapshot $snapshot could not be moved to $snapshots; nothing is changed"
    fi
  done
  flush
}

# What a cut start has left of a copy is written over: the snapshot is still where it was.
copy_whole() {
  [ ! -e "$2" ] || return 0
  remove_tree "$snapshots/.moving" && cp -pR "$1" "$snapshots/.moving" && rename "$snapshots/.moving" "$2"
}

# What can be restored, for messages.
snapshots_found() {
  newest=$(ls -t "$snapshots") || return 0
  newest=$(echo "$newest" | head -n 1)
  if [ -n "$newest" ]; then
    echo "there are snapshots in $snapshots, the newest is $newest"
  else
    echo "there is no snapshot in $snapshots"
  fi
}
