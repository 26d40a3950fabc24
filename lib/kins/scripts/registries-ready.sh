#!/bin/sh
# Readiness probe of the cri pod: fails while something is wrong with the configuration of the unit's registries. Its output
# appears in an event of the pod. Running workloads are not affected.
set -eu
: "${KINS_RUN:?run-time folder of the unit}"
found=$(cat "$KINS_RUN/registries/problems" "$KINS_RUN/registries/refused" 2>/dev/null || true)
[ -z "$found" ] || {
  echo "$found"
  exit 1
}
