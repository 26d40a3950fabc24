# shellcheck shell=sh
# Functions of server.sh about K3s' snapshots of the database. Their folder is beside the data, because a start may discard
# the data.

: "${own:?folder of the server}" "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
snapshots=$own/snapshots

# Moves snapshots out of a folder of data, where K3s puts them by default. If another snapshot has the same name already,
# both are kept: keep_snapshots DATA
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
    # If the data has a disk of its own, this copies: the copy gets its name once it is complete, and only then is the
    # original removed.
    if ! { ln "$snapshot" "$kept" 2>/dev/null || copy_whole "$snapshot" "$kept"; } || ! flush || ! remove_tree "$snapshot"; then
      stop "the snapshot $snapshot could not be moved to $snapshots; nothing is changed"
    fi
  done
  flush
}

# Replaces a partial copy that an interrupted start has left; the snapshot itself is still in its old place.
copy_whole() {
  [ ! -e "$2" ] || return 0
  remove_tree "$snapshots/.moving" && cp -pR "$1" "$snapshots/.moving" && rename "$snapshots/.moving" "$2"
}

# Tells, in messages, what could be restored.
snapshots_found() {
  newest=$(ls -t "$snapshots") || return 0
  newest=$(echo "$newest" | head -n 1)
  if [ -n "$newest" ]; then
    echo "there are snapshots in $snapshots, the newest is $newest"
  else
    echo "there is no snapshot in $snapshots"
  fi
}
