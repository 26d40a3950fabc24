# shellcheck shell=sh
# Who runs a part of the unit on this node: its pod, or the node itself as long as no pod comes. A lock keeps the two apart:
# the kernel gives it back with the last process that has it, however that ends.
: "${scripts:?folder of the scripts}"
# shellcheck source=lib/kins/scripts/wait.sh
. "$scripts/wait.sh"

# The lock is on descriptor 9, which is inherited: what outlives its part must not have it.
lock_part() { flock -n 9; }

# Asked for each time: whoever runs the part may have been started again, and forgotten it.
has_been_handed_over() {
  if lock_part; then return; fi
  true >"$part/wanted"
  return 1
}

# Returns when nobody else runs the part on this node: take_part FOLDER
take_part() {
  part=$1
  # The pod of the agent may be there before that of cri has made its folders.
  mkdir -p "$part"
  command exec 9>>"$part/lock" || return 1
  if [ -n "${STANDBY:-}" ]; then
    # The code says that a pod has it.
    lock_part || exit 75
    rm -f "$part/wanted"
    # Closed by itself: around a function, a shell would keep a copy.
    { exec 9>&- && end_when_wanted $$; } </dev/null &
    return
  fi
  if ! lock_part; then
    wait_until 'this node to hand over what it runs itself, since the cloud could not be reached when it was switched on' \
      has_been_handed_over
  fi
  rm -f "$part/wanted"
}

# By the node: end_when_wanted PROCESS
end_when_wanted() {
  until [ -e "$part/wanted" ]; do pause "${WANTED_SECONDS:-1}" || return 0; done
  say 'a pod of the unit is there: handing over to it'
  # Again, since a program that is just being started may miss it. With it this ends, too.
  while kill -s TERM "$1" 2>/dev/null; do pause "${ASK_AGAIN_SECONDS:-15}" || return 0; done
}
