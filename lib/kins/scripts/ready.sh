#!/bin/sh
# Whether a container is ready: once the given file is there.
#
# While a container of the pod waits for the state of the unit, the answer changes from one time to the next. That state
# comes by a ConfigMap, and the kubelet brings a changed one into a pod only when it looks at the pod: once a minute or
# so, and whenever the readiness of a container changes.
set -eu
: "${1:?file that says ready}"
waiting=${KINS_WAITING:-/run/kins-waiting}

if [ ! -e "$waiting/state" ]; then
  [ -e "$1" ]
elif [ -e "$waiting/turn" ]; then
  rm -f "$waiting/turn"
  echo 'waiting for the state of the unit'
  exit 1
else
  : >"$waiting/turn"
fi
