#!/bin/sh
# node-enter.sh CGROUP... -- COMMAND...: joins the given cgroups (one a hierarchy), then becomes a command in namespaces of
# its own. The cgroup namespace is made after joining, so the command sees the joined cgroup as the root of its tree.
set -eu
while [ "$1" != -- ]; do
  echo 0 >"$1/cgroup.procs"
  shift
done
shift
exec unshare --mount --uts --ipc --net --pid --cgroup --fork --propagation private -- "$@"
