#!/bin/sh
# Makes what the workloads of a unit need on this node beyond the life of any pod: the unit's network, and a containerd that
# keeps running when this pod ends.
set -eu
: "${KINS_RUN:?run-time folder of the unit}"
scripts=${KINS_SCRIPTS:-/etc/kins/scripts}
root=${CGROUP_ROOT:-/sys/fs/cgroup}
# shellcheck source=lib/kins/scripts/cgroups.sh
. "$scripts/cgroups.sh"
# shellcheck source=lib/kins/scripts/containerd.sh
. "$scripts/containerd.sh"
# shellcheck source=lib/kins/scripts/release.sh
. "$scripts/release.sh"
# shellcheck source=lib/kins/scripts/other-releases.sh
. "$scripts/other-releases.sh"
# shellcheck source=lib/kins/scripts/part.sh
. "$scripts/part.sh"
# shellcheck source=lib/kins/scripts/kit.sh
. "$scripts/kit.sh"
# shellcheck source=lib/kins/scripts/service.sh
. "$scripts/service.sh"
# shellcheck source=lib/kins/scripts/plane.sh
. "$scripts/plane.sh"

take_part "$KINS_LIB/standby/cri"
use_cgroups_of_node
install_release || {
  say "could not copy K3s' programs to $releases: look at the disk"
  exit 1
}
make_plane || {
  say 'could not make the network of the unit on this node'
  exit 1
}

# Pods of the edge cluster resolve names as the node does, because the cloud's DNS can't be reached while the link is down.
cat /etc/resolv.conf >"$KINS_RUN/resolv.conf"
mkdir -p "$KINS_RUN/cni"
write_in_memory "$KINS_RUN/cni/10-kins.conflist" <"${KINS_CONFIG:-/etc/kins/config}/cni.conflist"

settle_kit "$KINS_LIB/standby/cri"
if [ -z "${STANDBY:-}" ]; then
  keep_release cri
  settle_service
fi
keep_plane </dev/null &
run_containerd
