#!/bin/sh
# Enters the network of a node or of a unit, which are folders: see ip.sh and iptables.sh. The file that stands for a network
# has its name. Its K3s does what $WORLD/k3s-runs says. With the mounts of the node a program is started for real. One that enters
# the network of the unit, too, is containerd, a process of the cgroup that it has joined.
set -eu
namespace=node target='' has_network=''
while [ "$1" != -- ]; do
  case $1 in
    --net=*/1/ns/net) ;;
    --net=*) has_network=yes && namespace=$(cat "${1#*=}") && namespace=${namespace:-unit} ;;
    --target) target=$2 && shift ;;
  esac
  shift
done
shift
export NETNS="$namespace"
if [ -n "$target" ] && [ -z "$has_network" ]; then
  echo "on the node: ${1##*/}" >>"$WORLD/log"
  exec "$@"
fi
if [ -n "$target" ]; then
  echo "nsenter of $target: $*" >>"$WORLD/log"
  for procs in "$CGROUP_ROOT/$CGROUP/runtime/cgroup.procs" "$CGROUP_ROOT"/*/"$CGROUP/runtime/cgroup.procs"; do
    if [ -e "$procs" ]; then sed -i "s/^0\$/$$/" "$procs"; fi
  done
  exec "$@"
fi
case $1 in
  # The connections in the network of the unit.
  cat) exec cat "$WORLD/tcp" ;;
  iptables) exec "$@" ;;
esac
echo "nsenter --net=${KINS_RUN-}/net -- $*" >>"$WORLD/log"
case $1 in ip | ping | sh | true) exec "$@" ;; esac
# shellcheck disable=SC1091 # written by the test
if [ "$1" = k3s ] && [ -f "$WORLD/k3s-runs" ]; then . "$WORLD/k3s-runs"; fi
