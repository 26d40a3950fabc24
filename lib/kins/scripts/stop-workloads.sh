# shellcheck shell=sh
# Function of recycle.sh that stops the containers of the edge cluster, and grants each its grace period.
: "${run:?run-time folder of the unit}" "${work:?folder for lists}" "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/answers.sh
. "$scripts/answers.sh"
export CONTAINER_RUNTIME_ENDPOINT="unix://$run/containerd.sock"
# K3s' crictl fails without a configuration file, which exists only where K3s runs its own containerd.
export CRI_CONFIG_FILE=/dev/null
# The longest grace period that is granted, in seconds.
longest=${STOP_SECONDS:-300}

# "ID SECONDS" of every container. The kubelet notes the grace period of the pod on its containers.
list_containers() {
  answer "$work/containers.json" crictl ps --output json || return 1
  awk -F '"' -v longest="$longest" '
    $2 == "id" { id = $4; seconds = 30; ids[++n] = id }
    $2 == "io.kubernetes.pod.terminationGracePeriod" { seconds = $4 + 0 }
    id != "" { grace[id] = seconds < longest ? seconds : longest }
    END { for (i = 1; i <= n; i++) print ids[i], grace[ids[i]] }' "$work/containers.json" >"$work/containers"
}

# If containerd does not answer, leaves the processes to recycle.sh, which sends them signals.
stop_workloads() {
  if [ ! -S "$run/containerd.sock" ] || ! within "${LIST_SECONDS:-10}" list_containers; then return 0; fi
  [ ! -s "$work/containers" ] || say "stopping $(grep -c . "$work/containers") containers"
  stopping=
  while read -r id seconds; do
    crictl stop --timeout "$seconds" "$id" >/dev/null 2>&1 &
    stopping="$stopping $!"
  done <"$work/containers"
  for each in $stopping; do wait "$each" || true; done
}
