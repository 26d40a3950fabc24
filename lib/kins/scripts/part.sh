# shellcheck shell=sh
# Decides who runs a part of the unit on this node: its pod, the pod that is to replace that one, or the node itself as long as
# no pod comes. A lock keeps them from running it at once. The kernel releases it when the last process that holds it ends,
# however that happens.
: "${scripts:?folder of the scripts}"
# shellcheck source=lib/kins/scripts/wait.sh
. "$scripts/wait.sh"

# Sets `part`, the folder of a part, in which what concerns it on this node is kept: open_part FOLDER
open_part() {
  part=$1
  # The agent's pod may start before the cri pod has made the folders.
  mkdir -p "$part"
  command exec 9>>"$part/lock" || return 1
}

# The lock is held by descriptor 9, which child processes inherit. Those that outlive the part must close it.
lock_part() { flock -n 9; }

# Asks again at each attempt, because whoever runs the part removes earlier requests when it is restarted.
has_been_handed_over() {
  if lock_part; then return; fi
  true >"$part/wanted"
  return 1
}

# Returns once nobody else runs the part on this node.
take_part() {
  if [ -n "${STANDBY:-}" ]; then
    # 75 tells standby.sh that a pod runs the part.
    lock_part || exit 75
    rm -f "$part/wanted"
    # exec closes the descriptor for good; with a redirection of the function call, a shell would keep a copy of it.
    { exec 9>&- && end_when_wanted $$; } </dev/null &
    return
  fi
  if ! lock_part; then
    wait_until 'this node to hand over what it has started itself when it was switched on' \
      has_been_handed_over
  fi
  rm -f "$part/wanted"
}

# Used when the node runs the part. Ends it once a pod asks for it: end_when_wanted PROCESS
end_when_wanted() {
  until [ -e "$part/wanted" ]; do pause "${WANTED_SECONDS:-1}" || return 0; done
  say 'a pod of the unit is there: handing over to it'
  end_process "$1"
}

# Repeated, because a program that is just starting may miss the signal. Ends together with the process: end_process PROCESS
end_process() {
  while kill -s TERM "$1" 2>/dev/null; do pause "${ASK_AGAIN_SECONDS:-15}" || return 0; done
}
