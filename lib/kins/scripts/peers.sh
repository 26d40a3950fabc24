# shellcheck shell=sh
# Functions of agent.sh that make the addresses of the other nodes within the edge cluster reachable, at which a kubelet is asked
# for metrics, for instance. Flannel leads to the pods of a node only.
: "${KINS_LIB:?folder of the unit}" "${KINS_RUN:?run-time folder of the unit}" "${NODE_NAME:?name of the node}"
: "${work:?folder for files that nobody else may read}" "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/answers.sh
. "$scripts/answers.sh"

peer_routes() { nsenter --net="$KINS_RUN/net" -- ip route "$@"; }

# Where flannel leads to now. It changes when nodes come and go.
pod_routes() {
  answer "$work/routes" peer_routes show || return 1
  awk '$5 ~ /^flannel\./ && $1 ~ /\// { print $1, $5 }' "$work/routes"
}

# Prints something of the nodes of the edge cluster. The kubelet may not list them; who wraps packets may: ask_nodes JSONPATH
ask_nodes() {
  kubectl --kubeconfig "$KINS_LIB/agent/agent/k3scontroller.kubeconfig" --server "$(server_url)" --request-timeout 20s \
    get nodes --output jsonpath="$1"
}

# "NAME ADDRESS PODS" of each node.
list_nodes() {
  ask_nodes '{range .items[*]}{.metadata.name}{" "}{.status.addresses[?(@.type=="InternalIP")].address}{" "}{.spec.podCIDR}{"\n"}{end}' \
    2>"$work/peers.log"
}

# The first address of a node's pods is that of its flannel.
lead_to_peers() {
  answer "$work/nodes" list_nodes || return 1
  device=${1##* }
  while read -r name address pods; do
    if [ "$name" = "$NODE_NAME" ] || [ -z "$pods" ]; then continue; fi
    peer_routes replace "$address/32" via "${pods%/*}" dev "$device" onlink src "$(cat "$KINS_RUN/address")" || return 1
  done <"$work/nodes"
}

watch_peers() {
  known=
  while :; do
    now=$(pod_routes) || now=
    if [ -n "$now" ] && [ "$now" != "$known" ] && lead_to_peers "$now"; then known=$now; fi
    sleep "${PEER_SECONDS:-5}"
  done
}
