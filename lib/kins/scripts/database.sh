# shellcheck shell=sh
# Functions of server.sh about the database of a server that has not been a member for sure yet.

: "${own:?folder of the server}" "${data:?its data}" "${work:?its folder in memory}" "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
database=$data/server/db/etcd

has_database() { [ -d "$database/member" ]; }

# Whether etcd has taken over anything from the cluster, by its log. etcd makes its files before that. If the power is cut in
# between, it finds them, takes itself for a member who knows nobody, and sends away everybody who could tell it more, for
# ever. What has taken over nothing has acknowledged nothing either, so nothing is lost with it.
#
# What can't be read is taken for no answer: nothing is thrown away because a disk fails.
knows_cluster() {
  [ -d "$database/member/wal" ] || return 1
  ls "$database/member/wal" >/dev/null || stop "the log of etcd in $database can't be read; nothing is changed"
  for log in "$database"/member/wal/*.wal; do
    [ -f "$log" ] || continue
    outcome=0
    { od -An -v -tu1 "$log" && true >"$work/log-was-read"; } | find_commit || outcome=$?
    if [ "$outcome" -eq 0 ]; then return; fi
    # Whoever reads up to the end of the log closes the pipe there.
    if [ "$outcome" -eq 2 ] && [ ! -e "$work/log-was-read" ]; then
      stop "the log of etcd $log can't be read; nothing is changed"
    fi
    rm -f "$work/log-was-read"
  done
  return 1
}

# Reads a log of etcd, byte by byte as a number. It is a row of frames: eight bytes of length and padding, then a record. A
# record of type 3 says up to where the log is committed; it is what etcd goes by when it starts. Succeeds when something is
# committed; ends with 1 when the log says that it has come to its end, and with 2 when it just ends.
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

# Moved first, so that nothing that is still written into it can reach what comes in its place. Snapshots stay.
discard() {
  remove_discarded "$1"
  [ -e "$1" ] || return 0
  put_away "$1" "$1.discarded"
  flush
  remove_discarded "$1"
}

# What was to be removed when the power was cut may hold snapshots, too.
remove_discarded() {
  [ -e "$1.discarded" ] || return 0
  keep_snapshots "$1.discarded"
  # A second time: publish.sh may still be at work in it.
  remove_tree "$1.discarded" || remove_tree "$1.discarded"
}

# Under its name the others may have let this server in already, and K3s takes another name for another server. Whoever was
# a member for sure is let in anew, under a new one.
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

# A power cut may leave the name of a file on the disk and nothing in it. K3s goes by the name, and ends with such a key or
# certificate at every start; what is missing it makes anew, or takes from the database.
remove_empty_keys() {
  for file in "$data"/server/tls/* "$data"/server/tls/*/* "$data"/server/cred/*; do
    if [ -f "$file" ] && [ ! -s "$file" ]; then rm "$file"; fi
  done
}
