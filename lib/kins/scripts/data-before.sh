# shellcheck shell=sh
# Functions of server.sh that take back what a release on trial has done to the data. An only server goes back to a copy that
# was made before, with K3s stopped; but if the release had been ready, others may have written since, so the release of before
# first tries to go on with the data as it is. One of several servers goes on with the data as it is, or joins anew.
: "${data:?its data}" "${left:?earlier data}" "${own:?folder of the server}" "${SERVER_COUNT:?number of servers}"
: "${boot=}" "${stage=}"
saved=$data.before-upgrade

is_release_ready() { kubectl --kubeconfig "$own/kubeconfig.yaml" --request-timeout 10s get --raw /readyz >/dev/null 2>&1; }
# Without the others' majority, no release gets ready.
may_be_blamed() { is_alone || others_answer find_another; }

is_alone() { [ "$SERVER_COUNT" = 1 ]; }

before_trial() {
  is_alone && [ -d "$data" ] || return 0
  discard "$saved"
  remove_tree "$saved.new" && cp -pR "$data" "$saved.new" && rename "$saved.new" "$saved" && return
  remove_tree "$saved.new"
  return 1
}

after_trial() { discard "$saved"; }

# If the power is cut in between, the next start begins here again, because the trial has not ended.
put_saved_back() {
  [ -d "$saved" ] || return 0
  say 'putting the data of before in place again'
  discard "$data"
  rename "$saved" "$data"
}

take_back() {
  if [ "$stage" != back ]; then
    if is_alone && [ "$stage" = began ]; then
      put_saved_back && end_trial
      return
    fi
    stage=back boot=
  elif has_failed; then
    if is_alone; then
      put_saved_back && end_trial
      return
    elif others_answer find_another; then
      say 'the release of before cannot go on with the data of the other: joining as with a new disk'
      discard "$left"
      rename "$data" "$left" && end_trial
      return
    fi
    boot=
  fi
  count_start
}
