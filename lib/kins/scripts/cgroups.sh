# shellcheck shell=sh
# Functions for pods that make cgroups for other pods; sourced by cri.sh and agent.sh.

# Replaces the pod's own view of the cgroups with the node's tree: processes that the pod starts must be in that tree, and
# must see no other.
use_cgroups_of_node() {
  umount -l /sys/fs/cgroup
  mount -o rbind /host/sys/fs/cgroup /sys/fs/cgroup
}

# Copies what a new cpuset group needs before a process may enter it.
copy_cpuset() {
  for file in cpuset.cpus cpuset.mems; do
    [ -s "$2/$file" ] || cat "$1/$file" >"$2/$file"
  done
}

# Makes the group below which the kubelet puts its pods: in the one tree of version 2, or in every tree of version 1.
make_cgroup() {
  root=${CGROUP_ROOT:-/sys/fs/cgroup}
  if [ -f "$root/cgroup.controllers" ]; then
    # One by one, so that a controller that cannot be delegated does not hold back the others.
    controllers=$(cat "$root/cgroup.controllers")
    for controller in $controllers; do
      echo "+$controller" >"$root/cgroup.subtree_control" 2>/dev/null || true
    done
    mkdir -p "$root/$1"
    return
  fi
  for tree in "$root"/*/; do
    tree=${tree%/}
    mkdir -p "$tree/$1"
    if [ -f "$tree/cpuset.cpus" ]; then copy_cpuset "$tree" "$tree/$1"; fi
  done
}
