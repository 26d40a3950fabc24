# shellcheck shell=sh
# Functions that server.sh and agent.sh share: what is known of the cluster, and how to wait.

say() { echo "$KINS_ROLE: $*" >&2; }

# First line of a file, or nothing.
first_line() { { [ -r "$1" ] && head -n 1 "$1"; } || true; }

# The hash of the unit's CA: from this node's server if it has one, else from the state that the first server published.
# Joins carry it, so that a joining node verifies the server it talks to.
ca_hash() {
  hash=$(first_line "$KINS_LIB/server/ca-hash")
  [ -n "$hash" ] || hash=$(first_line "${KINS_STATE:-/etc/kins/state}/ca-hash")
  echo "$hash"
}

has_ca() { [ -n "$(ca_hash)" ]; }

# Waits until a command succeeds; says once a minute what it waits for.
wait_until() {
  what=$1
  shift
  seconds=0
  until "$@"; do
    if [ $((seconds % 60)) -eq 0 ]; then say "waiting for $what"; fi
    sleep 1
    seconds=$((seconds + 1))
  done
}

# Writes a token in the form that carries the CA's hash: secure_token USER FILE_WITH_SECRET TARGET
secure_token() {
  (umask 077 && printf 'K10%s::%s:%s' "$(ca_hash)" "$1" "$(cat "$2")" >"$3.new" && mv "$3.new" "$3")
}
