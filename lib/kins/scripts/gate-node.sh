# shellcheck shell=sh
# What agents and containerd ask before they change to another release, besides what all parts ask.
: "${kind:?part of the unit}" "${KINS_LIB:?folder of the unit}" "${scripts:?folder of the scripts}" "${work:?folder in memory}"
: "${SERVER_COUNT:?number of servers}" "${LOCAL_PORT:?port of the API on this node}"
# shellcheck source=lib/kins/scripts/kubeconfig.sh
. "$scripts/kubeconfig.sh"
# shellcheck source=lib/kins/scripts/gate.sh
. "$scripts/gate.sh"

find_api() { find_api_from_node; }

# The containerd of a node changes before its kubelet.
has_containerd_changed() {
  [ "$kind" = agent ] && [ "$version" != "$proven_version" ] || return 0
  cri=$KINS_LIB/standby/cri
  its=$(first_line "$cri/proven") && [ -n "$its" ] || return 0
  its=$(first_line "$cri/proven-of.$its/version") || return 0
  [ "$its" != "$version" ] || return 0
  why="containerd of this node changes first, and is at $its"
  return 1
}

may_change() { are_servers_new_enough && has_containerd_changed; }
may_change_in_silence() { return 1; }
