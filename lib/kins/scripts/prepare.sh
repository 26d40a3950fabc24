#!/bin/sh
# Makes the folders of a unit on this node. The folder of the control plane must belong to an unprivileged user, which only a
# privileged pod can arrange, so this runs in the cri pod.
set -eu
: "${KINS_LIB:?folder of the unit}" "${KINS_RUN:?run-time folder of the unit}" "${SERVER_UID:?user of the control plane}"

scripts=${KINS_SCRIPTS:-/etc/kins/scripts}
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
# shellcheck source=lib/shell/random.sh
. "$scripts/random.sh"

chmod 0711 "$KINS_LIB" "$KINS_RUN"
for dir in containerd kubelet agent node cni access; do
  mkdir -p "$KINS_LIB/$dir"
  chmod 0700 "$KINS_LIB/$dir"
done
mkdir -p "$KINS_LIB/log" "$KINS_RUN/flannel" "$KINS_LIB/standby/cri" "$KINS_LIB/standby/agent"
chmod 0700 "$KINS_LIB/standby"

# Changes the owner of the folder only, not recursively: that user has made everything below it, and could have placed links
# there for chown to follow.
mkdir -p "$KINS_LIB/server"
chown "$SERVER_UID:$SERVER_UID" "$KINS_LIB/server"
chmod 0700 "$KINS_LIB/server"

if [ ! -s "$KINS_LIB/node/machine-id" ]; then
  id=$(random_hex 16) || {
    echo 'prepare: /dev/urandom returned too little for a machine id' >&2
    exit 1
  }
  printf '%s' "$id" | write_file "$KINS_LIB/node/machine-id"
fi
