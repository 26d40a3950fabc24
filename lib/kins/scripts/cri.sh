#!/bin/sh
# Makes what the workloads of a unit need on this node beyond the life of any pod: the unit's network, and a containerd that
# keeps running when this pod ends.
set -eu
: "${KINS_RUN:?run-time folder of the unit}" "${KINS_LIB:?folder of the unit}" "${NODE_NAME:?name of the node}"
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
work=${KINS_WORK:-/run/kins-cri} kind=cri ready_limit=90
# shellcheck source=lib/kins/scripts/gate-node.sh
. "$scripts/gate-node.sh"
# shellcheck source=lib/kins/scripts/prove.sh
. "$scripts/prove.sh"

is_release_ready() { answers; }
may_be_blamed() { true; }

open_part "$KINS_LIB/standby/cri"
# Before the turn is awaited, so that little is left to do then.
install_release || {
  say "could not copy K3s' programs to $releases: look at the disk"
  exit 1
}
if [ -z "${STANDBY:-}" ]; then note_release cri; fi
await_turn
use_cgroups_of_node
settle_release || {
  say "the release of K3s to run could not be settled: look at the disk"
  exit 1
}
make_plane || {
  say 'could not make the network of the unit on this node'
  exit 1
}

# Pods of the edge cluster resolve names as the node does, because the cloud's DNS can't be reached while the link is down.
cat /etc/resolv.conf >"$KINS_RUN/resolv.conf"
mkdir -p "$KINS_RUN/cni"
write_in_memory "$KINS_RUN/cni/10-kins.conflist" <"$release_config/cni.conflist"

settle_kit "$KINS_LIB/standby/cri"
if [ -z "${STANDBY:-}" ]; then settle_service; fi
keep_plane </dev/null &
begin_containerd
# Not before: the containerd of the earlier release would pass for this one.
watch_release $$ </dev/null &
show_started
keep_containerd
