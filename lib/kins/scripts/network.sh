# shellcheck shell=sh
# Functions of agent.sh about the network of the unit, which the cri pod makes.
: "${KINS_LIB:?folder of the unit}" "${KINS_RUN:?run-time folder of the unit}" "${NODE_NAME:?name of the node}"
: "${work:?folder for files that nobody else may read}"

# Prints the inode number of the unit's network namespace, which identifies it.
network_id() { stat -L -c %i "$KINS_RUN/net" 2>/dev/null; }

is_network_of() { [ "$(network_id)" = "$1" ]; }

# Ends the agent once the network namespace was replaced, because the old one is not connected to anything any more. Checks
# twice, because there is none for a moment while it is replaced. A second SIGTERM makes K3s exit at once.
# watch_network NUMBER PROCESS
watch_network() {
  while is_network_of "$1" || { sleep 2 && is_network_of "$1"; }; do sleep 2; done
  say 'the network of the unit was made anew: exiting, to be restarted in it'
  while kill -TERM "$2" 2>/dev/null; do sleep "${STOP_SECONDS:-15}"; done
}

kubelet() {
  kubectl --kubeconfig "$KINS_LIB/agent/agent/kubelet.kubeconfig" --server "$(server_url)" --request-timeout 5s "$@"
}

# Replaces an earlier address of the node in the edge cluster with the current one. With a raw request, because kubectl
# reads the status before it patches it, and a kubelet has the right to write it only.
replace_address() {
  address=$(cat "$KINS_RUN/address")
  kubelet get node "$NODE_NAME" --output json >"$work/node.json" || return 1
  if grep -qF "\"address\": \"$address\"" "$work/node.json"; then return 0; fi
  kubectl patch --local --filename "$work/node.json" --output json --patch '{
    "metadata": {"annotations": {"k3s.io/internal-ip": "'"$address"'"}},
    "status": {"addresses": [{"type": "InternalIP", "address": "'"$address"'"}]}
  }' >"$work/status.json" || return 1
  kubelet replace --raw "/api/v1/nodes/$NODE_NAME/status?fieldManager=edge-constructs-kins" --filename "$work/status.json" >/dev/null || return 1
  say "the address of this node is now $address"
}

# Tells the edge cluster about a new address before K3s starts. K3s' control plane would notice it only within five minutes,
# and until then the network policy controller makes the agent exit again and again. If the cluster does not answer in time,
# K3s starts regardless.
tell_address() {
  [ -s "$KINS_LIB/agent/agent/kubelet.kubeconfig" ] && [ -s "$KINS_RUN/address" ] || return 0
  within 15 try_to_replace_address || true
  cat "$work/address.log" >&2
}

try_to_replace_address() { replace_address 2>"$work/address.log"; }
