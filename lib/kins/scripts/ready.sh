#!/bin/sh
# Readiness probe: ready.sh FILE [PORT]. Ready once the file exists and, if a port is given (as hexadecimal digits, as in
# /proc), a process listens on it in the network of the unit.
#
# While a container of the pod waits for the state of the unit, the answer alternates. The state is in a mounted ConfigMap,
# which the kubelet updates only when it syncs the pod: about once a minute, and whenever a container's readiness changes.
set -eu
: "${1:?file that says ready}"
waiting=${KINS_WAITING:-/run/kins-waiting}

# Without IPv6 there is only one table, so cat may fail. If neither can be read, the answer is no.
listens() {
  sockets=$(nsenter --net="$KINS_RUN/net" -- cat /proc/net/tcp /proc/net/tcp6) || true
  echo "$sockets" | grep -q ":$1 [0-9A-F]*:0000 0A "
}

if [ ! -e "$waiting/state" ]; then
  [ -e "$1" ]
  [ -z "${2:-}" ] || listens "$2"
elif [ -e "$waiting/turn" ]; then
  rm -f "$waiting/turn"
  echo 'waiting for the state of the unit'
  exit 1
else
  true >"$waiting/turn"
fi
