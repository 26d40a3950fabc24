# shellcheck shell=sh
# A clock that only goes forward, for time limits: the wall clock may be set in the meantime, and counting attempts ignores
# how long each of them took.

# Seconds since boot.
uptime_seconds() {
  read -r up _ <"${UPTIME:-/proc/uptime}" || return 1
  echo "${up%%.*}"
}

# The moment SECONDS from now, on that clock: seconds_from_now SECONDS
seconds_from_now() {
  up=$(uptime_seconds) || return 1
  echo $((up + $1))
}

# Whether a moment has passed. True if the clock cannot be read, so that nobody waits forever: is_past MOMENT
is_past() {
  up=$(uptime_seconds) || return 0
  [ "$up" -ge "${1:-0}" ]
}
