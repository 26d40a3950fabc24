# shellcheck shell=sh
# Watches over a release on trial, in the background of the part that runs it: it gets ready in time, stays so for a while, and
# has then proven itself; or it is ended, and the next start goes back. A part defines is_release_ready; may_be_blamed, which
# tells whether the release must be at fault if it is not ready, and not the other nodes; and `ready_limit`, in seconds.
: "${scripts:?folder of the scripts}" "${part=}" "${kind:?part of the unit}"
# shellcheck source=lib/kins/scripts/trial.sh
. "$scripts/trial.sh"

# Ends the release on trial: give_up PROCESS WHY
give_up() {
  if [ "$runs" = own ]; then refuse "$revision" "$2"; fi
  boot=failed
  write_trial
  end_process "$1"
}

seconds_of() {
  seconds=$(upgrade_setting "$1")
  echo "${seconds:-$2}"
}

await_ready() {
  limit=$(seconds_of ready "${ready_limit:?}")
  ready_until=$(seconds_from_now "$limit") || return 1
  until is_release_ready; do
    pause "${READY_SECONDS:-5}" || return 1
    if is_past "$ready_until"; then
      if may_be_blamed; then
        give_up "$1" "did not get ready within $limit s"
        return 1
      fi
      ready_until=$(seconds_from_now "$limit") || return 1
    fi
  done
}

# The first node of the unit that runs a release takes its time; those that follow, a minute at most.
soak_seconds() {
  soak=$(seconds_of soak 900)
  if [ "$soak" -gt 60 ] && find_api && read_record && [ "$(recorded "proven-$kind")" = "$revision" ]; then soak=60; fi
  echo "$soak"
}

stay_ready() {
  seconds=$(soak_seconds) || return 1
  soaked=$(seconds_from_now "$seconds") || return 1
  away=
  # Not ready at the end is not proven, whoever is to blame.
  until [ -z "$away" ] && is_past "$soaked"; do
    pause "${SOAK_SECONDS:-15}" || return 1
    if is_release_ready; then
      away=
    elif [ -z "$away" ]; then
      away=$(seconds_from_now "${AWAY_SECONDS:-120}") || return 1
    elif is_past "$away" && may_be_blamed; then
      give_up "$1" "was not ready for ${AWAY_SECONDS:-120} s"
      return 1
    fi
  done
}

write_proven() {
  id=$programs
  [ -n "$id" ] || id=$(own_programs) || return 1
  [ -n "$id" ] && copy_given "$given" "$1/config" && echo "$id" >"$1/programs" && echo "$version" >"$1/version"
}

prove() {
  remove_tree "$part/.proven" && remove_tree "$part/.unproven" && mkdir "$part/.proven" && write_proven "$part/.proven" || return 1
  folder=$part/proven-of.$revision
  [ ! -d "$folder" ] || rename "$folder" "$part/.unproven" || return 1
  rename "$part/.proven" "$folder" && remove_tree "$part/.unproven" && echo "$revision" | write_file "$part/proven" || return 1
  rm -f "$part/refused"
  end_trial && after_trial || return 1
  for other in "$part"/proven-of.*; do
    [ "$other" = "$folder" ] || remove_tree "$other" || return 1
  done
  [ -z "$proven" ] || say "$version has proven itself on this node"
}

watch_gate() {
  until gate_opens; do
    tell_why
    pause "${GATE_SECONDS:-10}" || return 0
  done
  say "changing from $proven_version to $version"
  end_process "$1"
}

until_settled() { until settle_record "$@"; do pause "${SETTLE_SECONDS:-20}" || return 0; done; }

# Watches what this start runs, as PROCESS: watch_release PROCESS
watch_release() {
  [ -n "$revision" ] || return 0
  if [ -n "$trial" ]; then
    await_ready "$1" || return 0
    if [ "$runs" = own ] && [ "$revision" = "$trial" ]; then
      stage=ready
      write_trial
    else
      end_trial && after_trial || return 0
    fi
  fi
  if [ "$runs" = own ] && [ "$revision" != "$proven" ]; then
    if [ -n "$proven" ]; then stay_ready "$1" || return 0; else await_ready "$1" || return 0; fi
    prove || { say 'could not note that this release has proven itself: look at the disk' && return 0; }
    until_settled "proven-$kind" "$revision"
  elif [ "$runs" = own ]; then
    until_settled
  elif [ "${refused%% *}" = "$revision" ]; then
    until_settled "refused-$kind" "$revision $NODE_NAME ${refused#* }"
  elif [ -z "${STANDBY:-}" ]; then
    watch_gate "$1"
  fi
}
