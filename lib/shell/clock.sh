# shellcheck shell=sh
# A clock that only goes forward. Time limits use it: the wall clock may be set meanwhile, and a count of attempts
# does not say how long each of them took.

# Seconds since boot.
uptime_seconds() {
  read -r up _ <"${UPTIME:-/proc/uptime}" || return 1
  echo "${up%%.*}"
}

# The moment that many seconds from now: seconds_from_now SECONDS
seconds_from_now() {
  up=$(uptime_seconds) || return 1
  echo $((up + $1))
}

# Whether a moment has come; without a clock it has, since nobody would ever know: is_past MOMENT
is_past() {
  up=$(uptime_seconds) || return 0
  [ "$up" -ge "${1:-0}" ]
}
