#!/bin/sh
# Runs the unit's K3s agent on this node, in the unit's network namespace.
set -eu
: "${KINS_LIB:?folder of the unit}" "${KINS_RUN:?run-time folder of the unit}" "${NODE_NAME:?name of the node}"
: "${CGROUP:?cgroup of the unit}" "${JOIN_URL:?where servers are met}" "${OWN_URL:?the server on this node}"
: "${SERVERS:?names of the servers}" "${NODE_IP:?address of the node}"
KINS_ROLE=agent
scripts=${KINS_SCRIPTS:-/etc/kins/scripts}
# shellcheck source=lib/kins/scripts/join.sh
. "$scripts/join.sh"
# shellcheck source=lib/kins/scripts/cgroups.sh
. "$scripts/cgroups.sh"
# shellcheck source=lib/kins/scripts/admit.sh
. "$scripts/admit.sh"
# shellcheck source=lib/kins/scripts/images.sh
. "$scripts/images.sh"
secrets=${KINS_SECRETS:-/etc/kins/secrets}
work=${KINS_WORK:-/run/kins-agent}
# shellcheck source=lib/kins/scripts/network.sh
. "$scripts/network.sh"
# shellcheck source=lib/kins/scripts/peers.sh
. "$scripts/peers.sh"
# shellcheck source=lib/kins/scripts/reach.sh
. "$scripts/reach.sh"
# shellcheck source=lib/kins/scripts/proxy.sh
. "$scripts/proxy.sh"
# shellcheck source=lib/kins/scripts/registries.sh
. "$scripts/registries.sh"
# shellcheck source=lib/kins/scripts/part.sh
. "$scripts/part.sh"
# shellcheck source=lib/kins/scripts/kit.sh
. "$scripts/kit.sh"
kind=agent ready_limit=180
# shellcheck source=lib/kins/scripts/gate-node.sh
. "$scripts/gate-node.sh"
# shellcheck source=lib/kins/scripts/prove.sh
. "$scripts/prove.sh"
# shellcheck source=lib/kins/scripts/listens.sh
. "$scripts/listens.sh"
umask 077

# The socket alone proves nothing: a containerd that was killed leaves it behind.
has_containerd() {
  [ -S "$KINS_RUN/containerd.sock" ] && [ -s "$KINS_RUN/resolv.conf" ] && [ -s "$KINS_RUN/address" ] && nsenter --net="$KINS_RUN/net" -- true 2>/dev/null &&
    ctr --address "$KINS_RUN/containerd.sock" version >/dev/null 2>&1
}

# Whether the kubelet of this release runs, and the servers call the node ready.
is_release_ready() {
  listens 280A &&
    answer "$work/node" kubectl --kubeconfig "$KINS_LIB/agent/agent/kubelet.kubeconfig" --server "$(server_url)" --request-timeout 10s \
      get node "$NODE_NAME" --output jsonpath='{.status.conditions[?(@.type=="Ready")].status} {.status.nodeInfo.kubeletVersion}' \
      2>/dev/null && [ "$(cat "$work/node")" = "True $version" ]
}
may_be_blamed() { find_api; }

rm -f "$waiting/state"
open_part "$KINS_LIB/standby/agent"
await_turn
settle_release || {
  say "the release of K3s to run could not be settled: look at the disk"
  exit 1
}
use_cgroups_of_node
make_cgroup "$CGROUP"
write_registries || say "could not write containerd's registry configuration to $registries; continuing without it"
# containerd restarts to load new credentials, and a kubelet that loses its containerd while starting exits.
within "${TAKE_SECONDS:-15}" has_taken_credentials ||
  say 'containerd of the unit has not loaded the registry credentials yet: see the log of the cri pod'
wait_until 'containerd of the unit, which the cri pod starts' has_containerd
cat "$KINS_LIB/node/machine-id" >"${MACHINE_ID:-/etc/machine-id}"
import_images
wait_for_state 'the first server to form the cluster' has_ca
# Before anything that needs a server, to report what blocks the way to it. Never ends by itself.
watch_reach </dev/null &
ask_for_admission
secure_token node "$secrets/agent-token" "$work/token"
{
  # Settings name other files by the paths that those of the pod have.
  sed "s|/etc/kins/config/|$release_config/|" "$release_config/agent.yaml"
  setting node-name "$NODE_NAME"
  setting node-ip "$(cat "$KINS_RUN/address")"
  setting node-external-ip "$NODE_IP"
  setting server "$(server_url)"
  setting token-file "$work/token"
} >"$work/config.yaml"
tell_address
# Read only now: the steps above may have taken minutes, in which a node that was just switched on may get another network.
network=$(network_id || true)
mark_earlier_rules
# All watchers share one background shell, which reaps those that finish. K3s, which takes over this process, would not.
{
  watch_proxy &
  watch_registries &
  watch_peers &
  watch_release $$ &
  watch_network "$network" $$
} </dev/null &
settle_kit "$KINS_LIB/standby/agent"
if [ -z "${STANDBY:-}" ]; then
  keep_release agent
fi
show_started
say "starting K3s on $NODE_NAME"
exec nsenter --net="$KINS_RUN/net" -- k3s agent --config "$work/config.yaml"
