# shellcheck shell=sh
# Functions that wait for so many seconds, not for so many looks: to look at something that does not answer takes a while
# itself.

# How long the machine has been up. The time of day may be set while somebody waits.
seconds_up() {
  read -r up _ <"${UPTIME:-/proc/uptime}"
  echo "${up%%.*}"
}

# Between two looks: nap ROUND. Short at first, since somebody may wait for a node to come up; not every sleep knows
# fractions.
nap() {
  if [ "$1" -lt 120 ] && sleep 0.2 2>/dev/null; then return; fi
  sleep 1
}

# Tries a command until it succeeds; fails when it has not in so many seconds: within SECONDS COMMAND...
within() {
  deadline=$(($(seconds_up) + $1))
  shift
  tries=0
  until "$@"; do
    [ "$(seconds_up)" -lt "$deadline" ] || return 1
    nap "$tries"
    tries=$((tries + 1))
  done
}

# Waits until a command succeeds; says at first, and later once a minute, what it waits for: wait_until WHAT COMMAND...
wait_until() {
  what=$1
  shift
  round=0
  next_word=0
  until "$@"; do
    if [ "$(seconds_up)" -ge "$next_word" ]; then
      say "waiting for $what"
      next_word=$(($(seconds_up) + 60))
    fi
    nap "$round"
    round=$((round + 1))
  done
}
