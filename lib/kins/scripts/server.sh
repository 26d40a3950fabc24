#!/bin/sh
# Starts the K3s control plane of a unit on this node: founds the cluster, joins it, or goes on with what is on disk.
#
# The rule that keeps a unit from ever becoming two: only the first server founds, only while nothing says that the unit
# has formed before, and what it leaves behind half-made is thrown away. Every other start joins.
set -eu
: "${KINS_LIB:?folder of the unit}" "${NODE_NAME:?name of the node}" "${NODE_IP:?address of the node}"
: "${FIRST_SERVER:?name of the first server}" "${SERVER_COUNT:?number of servers}" "${JOIN_URL:?where servers are met}"
: "${UNIT:?name of the unit}" "${STATE_CONFIGMAP:?where the state of the unit is kept}"
KINS_ROLE=server
scripts=${KINS_SCRIPTS:-/etc/kins/scripts}
# shellcheck source=lib/kins/scripts/join.sh
. "$scripts/join.sh"
state=${KINS_STATE:-/etc/kins/state}
secrets=${KINS_SECRETS:-/etc/kins/secrets}
own=$KINS_LIB/server
data=$own/k3s
work=${KINS_WORK:-/run/kins-server}
# shellcheck source=lib/kins/scripts/database.sh
. "$scripts/database.sh"
# shellcheck source=lib/kins/scripts/rejoin.sh
. "$scripts/rejoin.sh"
# shellcheck source=lib/kins/scripts/recover.sh
. "$scripts/recover.sh"
umask 077

stop() {
  say "$*"
  # The message stays to be read, and the kubelet does not start this over many times a minute.
  sleep "${STOP_SECONDS:-30}"
  exit 1
}

is_writable() { [ -w "$own" ]; }
has_formed() { [ -n "$(first_line "$state/cluster-id")" ]; }

# What this start is: found, join, member (of several) or alone (the only server).
decide() {
  here=$(first_line "$data/cluster-id")
  there=$(first_line "$state/cluster-id")
  if [ -n "$here" ] && [ -n "$there" ] && [ "$here" != "$there" ]; then
    stop "the data in $own is of cluster $here, but unit $UNIT is cluster $there: move $own away to let this server join"
  fi
  if [ -n "$here" ] && has_database; then
    if [ "$SERVER_COUNT" -eq 1 ]; then echo alone; else echo member; fi
  elif [ -z "$here$there" ]; then
    if [ "$NODE_NAME" = "$FIRST_SERVER" ]; then echo found; else echo wait; fi
  elif [ "$SERVER_COUNT" -eq 1 ]; then
    stop "unit $UNIT has formed before (cluster ${there:-$here}), but its only server has no database in $data: restore" \
      "the folder from a backup, or give the old cluster up: remove the folder, and the key cluster-id from ConfigMap" \
      "$STATE_CONFIGMAP"
  else
    echo join
  fi
}

write_config() {
  {
    cat "${KINS_CONFIG:-/etc/kins/config}/server.yaml"
    echo "node-name: $NODE_NAME"
    echo "node-ip: $NODE_IP"
    echo "advertise-address: $NODE_IP"
    echo "data-dir: $data"
    echo "write-kubeconfig: $own/kubeconfig.yaml"
    echo "token-file: $work/token"
    echo "agent-token-file: $secrets/agent-token"
    case $1 in
      found | alone) echo 'cluster-init: true' ;;
      *) echo "server: $another" ;;
    esac
  } >"$work/config.yaml"
}

# Whoever has a database knows the others from it.
another=$JOIN_URL

# Left by a container that was killed while it waited.
rm -f "$waiting/state"
wait_until "the cri pod on this node to make $own" is_writable
role=$(decide)
if [ "$role" = wait ]; then
  wait_for_state "server $FIRST_SERVER to form the cluster" has_formed
  role='join'
fi

if [ "$role" = found ]; then
  # Made by a start that was cut short: nobody can have joined it, because nothing has said that the unit has formed.
  discard_data
  cat "$secrets/server-token" >"$work/token"
else
  wait_for_state 'the CA of the cluster' has_ca
  secure_token server "$secrets/server-token" "$work/token"
fi
if [ "$role" = join ]; then
  # With a database it may be a member already, without whom the others have no majority and let nobody in.
  if knows_cluster; then
    wait_for_one_up
  else
    if [ -e "$data" ]; then say "there is no database in $data that knows the cluster: joining as with a new disk"; fi
    discard_all_but_name
    wait_until 'the other servers to let this one in' is_no_member
  fi
fi
printf '%s,kins-admin,kins-admin,"system:masters"\n' "$(cat "$secrets/admin-token")" >"$work/tokens.csv"
case $role in
  alone | member) if is_reset_wanted; then reset_members; fi ;;
esac
remove_empty_keys
write_config "$role"
say "starting K3s on $NODE_NAME ($role)"
exec k3s server --config "$work/config.yaml"
