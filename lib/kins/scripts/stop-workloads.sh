#!/bin/sh
# Runs before the cri pod ends, for whatever reason: its end kills every container of the edge cluster, so they get
# their grace period first. Nothing is removed: the next cri pod finds all data.
set -u
: "${KINS_RUN:?run-time folder of the unit}"
export CONTAINER_RUNTIME_ENDPOINT="unix://$KINS_RUN/containerd.sock"
seconds=${STOP_SECONDS:-30}

for container in $(crictl ps --quiet 2>/dev/null); do
  crictl stop --timeout "$seconds" "$container" >/dev/null 2>&1 &
done
wait
