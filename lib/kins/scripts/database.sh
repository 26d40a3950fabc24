# shellcheck shell=sh
# Functions of server.sh about the database of a server that may or may not have become a member yet.

: "${own:?folder of the server}" "${data:?its data}" "${work:?its folder in memory}" "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
database=$data/server/db/etcd

has_database() { [ -d "$database/member" ]; }

# Whether etcd has received anything from the cluster, according to its log. etcd creates its files before that. If the
# power is cut in between, it starts from those files as a member that knows no others, and rejects for good everyone who
# could tell it more. It has acknowledged nothing either, so nothing is lost by discarding its files.
#
# Stops if the log cannot be read: a failing disk is no reason to discard anything.
knows_cluster() {
  [ -d "$database/member/wal" ] || return 1
  ls "$database/member/wal" >/dev/null || stop "the log of etcd in $database can't be read; nothing is changed"
  for log in "$database"/member/wal/*.wal; do
    [ -f "$log" ] || continue
    outcome=0
    { od -An -v -tu1 "$log" && true >"$work/log-was-read"; } | find_commit || outcome=$?
    if [ "$outcome" -eq 0 ]; then return; fi
    # An outcome of 1 says nothing about od, because awk closes the pipe at the end mark of the log, before the end of file.
    if [ "$outcome" -eq 2 ] && [ ! -e "$work/log-was-read" ]; then
      stop "the log of etcd $log can't be read; nothing is changed"
    fi
    rm -f "$work/log-was-read"
  done
  return 1
}

# Reads a log of etcd, each byte as a decimal number. The log is a sequence of frames: eight bytes of length and padding,
# then a record. A record of type 3 says how far the log is committed, which is what etcd starts from. Exits with 0 if
# something is committed, with 1 at the end mark of the log, and with 2 if the input ends without one.
find_commit() {
  awk '
    function after_number(i) { while (record[i] > 127) i++; return i + 1 }
    function is_committed(   i) {
      if (record[0] != 8 || record[1] != 3 || record[2] != 16) return 0
      i = after_number(3)
      if (record[i] != 26 || record[i + 2] != 8) return 0
      i = after_number(i + 3)
      if (record[i] != 16) return 0
      i = after_number(i + 1)
      return record[i] == 24 && record[i + 1] > 0
    }
    BEGIN { place = 1; outcome = 2 }
    {
      for (field = 1; field <= NF; field++) {
        if (at < 7) { size += $field * place; place *= 256 }
        else if (at == 7) {
          if (size == 0) { outcome = 1; exit }
          end = 8 + size + ($field > 127 ? $field % 8 : 0)
        }
        else if (at < 48) record[at - 8] = $field
        if (++at > 7 && at == end) {
          if (is_committed()) { outcome = 0; exit }
          at = size = 0; place = 1
        }
      }
    }
    END { exit outcome }'
}

# Discards a folder of data, but keeps its snapshots. Renames it first, so that a process that still writes into it cannot
# reach what takes its place.
discard() {
  remove_discarded "$1"
  [ -e "$1" ] || return 0
  put_away "$1" "$1.discarded"
  flush
  remove_discarded "$1"
}

# Removes a renamed folder, which a power cut may have left from an earlier start, with snapshots still in it.
remove_discarded() {
  [ -e "$1.discarded" ] || return 0
  keep_snapshots "$1.discarded"
  # Tries twice, because publish.sh may still be writing into it.
  remove_tree "$1.discarded" || remove_tree "$1.discarded"
}

# Discards the data of a server that is about to join, but keeps its name in etcd: the others may have admitted it under that
# name already, and would take another name for another server. A server that was a member for sure joins under a new name.
discard_all_but_name() {
  if [ -s "$database/name" ] && [ ! -s "$data/cluster-id" ]; then
    write_file "$own/name" <"$database/name"
  fi
  discard "$data"
  if [ -s "$own/name" ]; then
    mkdir -p "$database"
    write_file "$database/name" <"$own/name"
    rm "$own/name"
  fi
}

# A power cut may leave a file empty. K3s fails at every start if a key or a certificate is empty, but creates missing ones,
# or takes them from the database.
remove_empty_keys() {
  for file in "$data"/server/tls/* "$data"/server/tls/*/* "$data"/server/cred/*; do
    if [ -f "$file" ] && [ ! -s "$file" ]; then rm "$file"; fi
  done
}
