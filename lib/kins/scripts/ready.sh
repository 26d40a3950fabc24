#!/bin/sh
# Whether a container is ready: once the given file is there, and, if a port is given (in hexadecimal digits, as /proc has
# it), somebody listens on it in the network of the unit.
#
# While a container of the pod waits for the state of the unit, the answer changes from one time to the next. That state
# comes by a ConfigMap, and the kubelet brings a changed one into a pod only when it looks at the pod: once a minute or
# so, and whenever the readiness of a container changes.
set -eu
: "${1:?file that says ready}"
waiting=${KINS_WAITING:-/run/kins-waiting}

# Without IPv6 there is one table only. Where none can be read, nobody is known to listen.
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
