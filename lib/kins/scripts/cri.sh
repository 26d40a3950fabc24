#!/bin/sh
# Runs the containerd of a unit and publishes the network namespace that the agent joins.
set -eu
: "${KINS_RUN:?run-time folder of the unit}" "${POD_IPS:?addresses of this pod}"
scripts=${KINS_SCRIPTS:-/etc/kins/scripts}
# shellcheck source=lib/kins/scripts/cgroups.sh
. "$scripts/cgroups.sh"
# shellcheck source=lib/kins/scripts/containerd.sh
. "$scripts/containerd.sh"

# First: an agent that finds this pod's network takes a socket without a listener for a containerd that lives.
rm -f "$KINS_RUN/containerd.sock"
use_cgroups_of_node
# The edge cluster has IPv4 only.
address=$(echo "$POD_IPS" | tr ',' '\n' | grep -v :) || {
  say "this pod has no IPv4 address ($POD_IPS), and the edge cluster is IPv4 only"
  exit 1
}
echo "$address" | head -n 1 >"$KINS_RUN/address"

# A namespace left by an earlier pod would still be mounted there.
while umount "$KINS_RUN/net" 2>/dev/null; do :; done
true >"$KINS_RUN/net"
mount -o bind /proc/self/ns/net "$KINS_RUN/net"

# Pods of the edge cluster resolve names as the node does: the cloud's DNS server is out of reach when the link is down.
cat /etc/resolv.conf >"$KINS_RUN/resolv.conf"

run_containerd
