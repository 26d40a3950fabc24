# shellcheck shell=sh
# Functions of server.sh for the case that no server has usable data any more. On one node, an administrator writes the name
# of a snapshot into a file `restore` in the server's folder. That server restores the snapshot; the others join it.

: "${own:?folder of the server}" "${data:?its data}" "${work:?its folder in memory}" "${secrets:?folder of the tokens}"
: "${snapshots:?folder of the snapshots}" "${state:?folder of the state}"
wish=$own/restore

# The earlier data, kept until the cluster has served from the snapshot.
before=$data.before-restore
# The earlier data of a server that joins a cluster that was restored elsewhere, kept until it has joined.
left=$data.left

is_restore_wanted() { [ -e "$wish" ]; }

restore() {
  name=$(first_line "$wish")
  if [ "$name" = elsewhere ]; then
    leave_data
    return
  fi
  check_wish
  if others_answer find_one_up; then
    say "not restoring yet: another server is up. Write the word elsewhere into $wish on the nodes of the other servers," \
      "and delete their pods"
    wait_until 'the other servers to end' no_other_is_up
    is_restore_wanted || return 0
  fi
  put_data_aside
  write_config restore
  say "restoring the snapshot $name"
  if ! k3s_reset --cluster-reset --etcd-s3=false --cluster-reset-restore-path "$snapshots/$name"; then
    put_data_back
    stop "K3s could not restore $snapshots/$name; see its messages above. It takes whole snapshots only, and the server" \
      "token that was in use when it was taken. The data of before is in place again: remove $wish to go on with it"
  fi
  begin_life "$(first_line "$before/cluster-id")" "$(first_line "$state/cluster-id")"
  rm "$data/restoring"
  flush
  end_wish
  say "restored the snapshot $name"
}

no_other_is_up() { ! is_restore_wanted || ! others_answer find_one_up; }

# Stops if what was asked for is impossible, before anything is changed.
check_wish() {
  case $name in
    '' | */* | .*)
      stop "$wish has to hold the name of one of the files in $snapshots, or the word elsewhere: $(snapshots_found)" ;;
  esac
  [ -f "$snapshots/$name" ] || stop "there is no snapshot $name to restore: $(snapshots_found)"
  [ -r "$snapshots/$name" ] || stop "the snapshot $snapshots/$name can't be read by user $(id -u): give it to that user"
  [ -s "$snapshots/$name" ] || stop "the snapshot $snapshots/$name is empty: $(snapshots_found)"
  if [ "$NODE_NAME" != "$FIRST_SERVER" ] && ! has_formed && [ ! -s "$data/cluster-id" ]; then
    stop "unit $UNIT has not formed yet, which $FIRST_SERVER does: restore the snapshot there"
  fi
}

# Makes room for a restore. Data from an interrupted restore, or from one that has never served, is discarded; only other
# data is kept as $before, which must stay what was there before the first attempt.
put_data_aside() {
  if is_attempt || { [ -s "$data/life" ] && [ ! -s "$data/cluster-id" ]; }; then
    discard "$data"
  elif [ -e "$data" ]; then
    discard "$before"
    rename "$data" "$before"
  fi
  begin_attempt
}

# The flag appears together with the folder: without it, the folder would pass for the earlier data, and replace that.
begin_attempt() {
  remove_tree "$data.attempt"
  mkdir "$data.attempt"
  true >"$data.attempt/restoring"
  rename "$data.attempt" "$data"
}

is_attempt() { [ -e "$data/restoring" ]; }

put_data_back() {
  discard "$data"
  [ ! -e "$before" ] || rename "$before" "$data"
  flush
}

leave_data() {
  [ "$SERVER_COUNT" -gt 1 ] || stop "there is no other server that unit $UNIT could be restored on: see $wish"
  if [ -e "$data" ]; then
    discard "$left"
    rename "$data" "$left"
  fi
  end_wish
  say 'the data of this server is set aside: joining as with a new disk'
}

end_wish() {
  rm -f "$wish"
  flush
}

# For a start that is not asked to restore: puts the earlier data back if a restore was not completed, and discards it once
# the cluster has served from the snapshot.
settle_restore() {
  remove_tree "$data.attempt"
  if is_attempt || { [ -e "$before" ] && [ ! -e "$data" ]; }; then
    put_data_back
  elif [ -s "$data/cluster-id" ]; then
    discard "$before"
    discard "$left"
  fi
}
