#!/bin/sh
# Readiness probe: ready.sh FILE [PORT]. Ready while the part may take over from an earlier pod, and once it runs; then the file
# exists and, if a port is given (as hexadecimal digits, as in /proc), a process listens on it in the network of the unit.
#
# While a container of the pod waits for the state of the unit, the answer alternates. The state is in a mounted ConfigMap,
# which the kubelet updates only when it syncs the pod: about once a minute, and whenever a container's readiness changes.
set -eu
: "${1:?file that says ready}"
scripts=${KINS_SCRIPTS:-/etc/kins/scripts}
# shellcheck source=lib/kins/scripts/listens.sh
. "$scripts/listens.sh"
waiting=${KINS_WAITING:-/run/kins-waiting}

if [ -e "$waiting/shut" ]; then
  cat "$waiting/shut"
  exit 1
elif [ ! -e "$waiting/state" ]; then
  [ -e "$waiting/open" ]
  [ -e "$1" ]
  [ -z "${2:-}" ] || listens "$2"
elif [ -e "$waiting/turn" ]; then
  rm -f "$waiting/turn"
  echo 'waiting for the state of the unit'
  exit 1
else
  true >"$waiting/turn"
fi
