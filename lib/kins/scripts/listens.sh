# shellcheck shell=sh
: "${KINS_RUN:?run-time folder of the unit}"

# Whether a process listens on a port in the network of the unit: listens PORT (as hexadecimal digits, as in /proc)
# Without IPv6 there is only one table, so cat may fail. If neither can be read, the answer is no.
listens() {
  sockets=$(nsenter --net="$KINS_RUN/net" -- cat /proc/net/tcp /proc/net/tcp6) || true
  echo "$sockets" | grep -q ":$1 [0-9A-F]*:0000 0A "
}
