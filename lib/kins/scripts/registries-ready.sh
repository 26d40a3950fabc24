#!/bin/sh
# Whether the cri pod is ready: not while something is wrong with the registries that the unit pulls from. What is said here is
# to be read in an event of the pod. What runs goes on, whatever this says.
set -eu
: "${KINS_RUN:?run-time folder of the unit}"
found=$(cat "$KINS_RUN/registries/problems" "$KINS_RUN/registries/refused" 2>/dev/null || true)
[ -z "$found" ] || {
  echo "$found"
  exit 1
}
