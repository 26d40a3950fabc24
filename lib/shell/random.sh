# shellcheck shell=sh
# Prints random bytes as hexadecimal digits, and fails rather than print fewer than asked for: random_hex BYTES
random_hex() {
  random_digits=$(od -An -v -tx1 -N "$1" /dev/urandom) || return 1
  random_digits=$(printf '%s' "$random_digits" | tr -d ' \n')
  [ "${#random_digits}" -eq $(($1 * 2)) ] && printf '%s' "$random_digits"
}
