#!/bin/sh
# Runs the containerd of a unit and publishes the network namespace that the agent joins.
set -eu
: "${KINS_RUN:?run-time folder of the unit}" "${POD_IPS:?addresses of this pod}"
scripts=${KINS_SCRIPTS:-/etc/kins/scripts}
# shellcheck source=lib/kins/scripts/cgroups.sh
. "$scripts/cgroups.sh"

use_cgroups_of_node
# The edge cluster has IPv4 only.
echo "$POD_IPS" | tr ',' '\n' | grep -v : | head -n 1 >"$KINS_RUN/address"

# A namespace left by an earlier pod would still be mounted there.
while umount "$KINS_RUN/net" 2>/dev/null; do :; done
: >"$KINS_RUN/net"
mount -o bind /proc/self/ns/net "$KINS_RUN/net"

# Pods of the edge cluster resolve names as the node does: the cloud's DNS server is out of reach when the link is down.
cat /etc/resolv.conf >"$KINS_RUN/resolv.conf"

# A socket without a listener would send the agent into its retries.
rm -f "$KINS_RUN/containerd.sock"
exec containerd --config /etc/kins/config/containerd.toml
