#!/bin/sh
# Readiness probe of the cri pod: ready while it may take over from an earlier one, and once it runs. Fails while something is
# wrong with the configuration of the unit's registries. Its output appears in an event of the pod. Running workloads are not
# affected.
set -eu
: "${KINS_RUN:?run-time folder of the unit}"
waiting=${KINS_WAITING:-/run/kins-waiting}
found=$(cat "$waiting/shut" "$KINS_RUN/registries/problems" "$KINS_RUN/registries/refused" 2>/dev/null || true)
[ -z "$found" ] || {
  echo "$found"
  exit 1
}
[ -e "$waiting/open" ]
