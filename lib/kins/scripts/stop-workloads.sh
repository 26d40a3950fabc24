#!/bin/sh
# Runs before the cri pod ends, for whatever reason: its end kills every container of the edge cluster, so they get
# their grace period first. Nothing is removed: the next cri pod finds all data.
set -u
: "${KINS_RUN:?run-time folder of the unit}"
scripts=${KINS_SCRIPTS:-/etc/kins/scripts}
# shellcheck source=lib/kins/scripts/wait.sh
. "$scripts/wait.sh"
export CONTAINER_RUNTIME_ENDPOINT="unix://$KINS_RUN/containerd.sock"
# K3s' crictl gives up without a file of settings, which only K3s' own containerd has.
export CRI_CONFIG_FILE=/dev/null
work=${KINS_WORK:-/tmp}
longest=${STOP_SECONDS:-30}
tables=${NET_TABLES:-/proc/net}

# A kubelet starts at once what is stopped under it. It listens on port 10250 (280A) of the network that it shares with
# this pod.
kubelet_is_gone() { ! grep -qs ':280A [0-9A-F]*:0000 0A ' "$tables/tcp" "$tables/tcp6"; }

# "ID SECONDS" of every running container. The kubelet notes the grace period of the pod on its containers.
containers() {
  crictl ps --output json >"$work/containers.json" || return 1
  awk -F '"' -v longest="$longest" '
    $2 == "id" { id = $4; seconds = 30; ids[++n] = id }
    $2 == "io.kubernetes.pod.terminationGracePeriod" { seconds = $4 + 0 }
    id != "" { grace[id] = seconds < longest ? seconds : longest }
    END { for (i = 1; i <= n; i++) print ids[i], grace[ids[i]] }' "$work/containers.json"
}

# When the unit ends, the agent ends with it; when only this pod is replaced, it stays.
within "${AGENT_SECONDS:-10}" kubelet_is_gone

list_containers() { containers >"$work/containers"; }

# containerd may be about to be started again. What a hook says when it fails is told in an event of the pod.
within "${LIST_SECONDS:-10}" list_containers || exit 1
while read -r id seconds; do
  crictl stop --timeout "$seconds" "$id" >/dev/null 2>&1 &
done <"$work/containers"
wait
