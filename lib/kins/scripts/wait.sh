# shellcheck shell=sh
# Functions that wait. Limits are in seconds and not in attempts, because checking something that does not answer takes time.

: "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/clock.sh
. "$scripts/clock.sh"

# Pauses between two attempts; briefly at first, so that a node is not slow to start. Not every sleep accepts fractions:
# nap ATTEMPT
nap() {
  if [ "$1" -lt 120 ] && sleep 0.2 2>/dev/null; then return; fi
  sleep 1
}

# Sleeps, but lets a signal interrupt it, so that the script can end at once: pause SECONDS
pause() {
  sleep "$1" &
  wait "$!"
}

# Repeats a command until it succeeds; fails if it has not done so in time: within SECONDS COMMAND...
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

# Repeats a command until it succeeds, and says once a minute what it is waiting for: wait_until WHAT COMMAND...
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
