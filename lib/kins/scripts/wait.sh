# shellcheck shell=sh
# Functions that wait for so many seconds, not for so many looks: to look at something that does not answer takes a while
# itself.

: "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/clock.sh
. "$scripts/clock.sh"

# Between two looks: nap ROUND. Short at first, since somebody may wait for a node to come up; not every sleep knows
# fractions.
nap() {
  if [ "$1" -lt 120 ] && sleep 0.2 2>/dev/null; then return; fi
  sleep 1
}

# A longer one, from which the shell wakes at once when it is to end: pause SECONDS
pause() {
  sleep "$1" &
  wait "$!"
}

# Tries a command until it succeeds; fails when it has not in so many seconds: within SECONDS COMMAND...
within() {
  deadline=$(seconds_from_now "$1") || deadline=
  shift
  tries=0
  until "$@"; do
    ! is_past "$deadline" || return 1
    nap "$tries"
    tries=$((tries + 1))
  done
}

# Waits until a command succeeds; says at first, and later once a minute, what it waits for: wait_until WHAT COMMAND...
wait_until() {
  what=$1
  shift
  round=0
  next_word=
  until "$@"; do
    if is_past "$next_word"; then
      say "waiting for $what"
      next_word=$(seconds_from_now 60) || next_word=
    fi
    nap "$round"
    round=$((round + 1))
  done
}
