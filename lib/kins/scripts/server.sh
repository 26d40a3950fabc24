#!/bin/sh
# Starts the unit's K3s control plane on this node: founds the cluster, joins it, or continues with the data on disk.
#
# One rule keeps a unit from ever becoming two clusters: only the first server founds, and only while there is no record
# that the unit has formed before. A founding that was cut short is thrown away. Every other start joins.
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
# shellcheck source=lib/kins/scripts/snapshots.sh
. "$scripts/snapshots.sh"
# shellcheck source=lib/kins/scripts/database.sh
. "$scripts/database.sh"
# shellcheck source=lib/kins/scripts/rejoin.sh
. "$scripts/rejoin.sh"
# shellcheck source=lib/kins/scripts/recover.sh
. "$scripts/recover.sh"
# shellcheck source=lib/kins/scripts/restore.sh
. "$scripts/restore.sh"
# shellcheck source=lib/kins/scripts/part.sh
. "$scripts/part.sh"
# shellcheck source=lib/kins/scripts/kit.sh
. "$scripts/kit.sh"
kind=server ready_limit=600
# shellcheck source=lib/kins/scripts/gate-server.sh
. "$scripts/gate-server.sh"
# shellcheck source=lib/kins/scripts/prove.sh
. "$scripts/prove.sh"
# shellcheck source=lib/kins/scripts/data-before.sh
. "$scripts/data-before.sh"
umask 077

stop() {
  say "$*"
  # Leaves time to read the message, and keeps the kubelet from restarting this many times a minute.
  sleep "${STOP_SECONDS:-30}"
  exit 1
}

is_writable() { [ -w "$own" ]; }
has_formed() { formed=$(first_line "$state/cluster-id") && [ -n "$formed" ]; }

# A failing disk must not look like one without data. Callers try twice, because publish.sh may be changing the folder.
can_read_marks() { ls -lA "$own" >/dev/null && { [ ! -e "$data" ] || ls -lA "$data" >/dev/null; }; }

# K3s would replace an empty token with one of its own, and then the database could not be read with the token in the Secret.
# The API server rejects tokens that contain blanks.
check_tokens() {
  for token in server-token agent-token admin-token; do
    case $(cat "$secrets/$token") in
      '' | *[!!-~]*)
        stop "the token $token of unit $UNIT is empty, or has other characters in it than letters, digits and signs of" \
          "ASCII: put another into the Secret before the unit forms"
        ;;
    esac
  done
}

# What this server has to do or is: found, wait (for the first server to found), join, member (of several), alone (the only
# server), or restored (from a snapshot, and has not served yet).
decide() {
  # Not every shell exits by itself when a command substitution fails.
  here=$(first_line "$data/cluster-id") || exit 1
  there=$(first_line "$state/cluster-id") || exit 1
  if [ -n "$here" ] && [ -n "$there" ] && [ "$(uid_of "$here")" != "$(uid_of "$there")" ]; then
    stop "the data in $data belongs to cluster $here, but unit $UNIT is cluster $there: move $data away to let this server join"
  elif [ -n "$here" ] && [ "$(life_of "$here")" -lt "$(life_of "$there")" ]; then
    stop "the data in $data is from before unit $UNIT was restored or reset on another server: write the word elsewhere" \
      "into $wish to have it set aside and this server join"
  fi
  if [ -n "$here" ] && has_database; then
    if [ "$SERVER_COUNT" -eq 1 ]; then echo alone; else echo member; fi
  elif [ -s "$data/life" ] && has_database; then
    echo restored
  elif [ -z "$here$there" ]; then
    if [ "$NODE_NAME" = "$FIRST_SERVER" ]; then echo found; else echo wait; fi
  elif [ "$SERVER_COUNT" -eq 1 ]; then
    stop "unit $UNIT has formed before (cluster ${there:-$here}), but its only server has no database in $data:" \
      "$(snapshots_found). Write the name of one into $wish, restore the folder from a backup, or give the old cluster" \
      "up: move the folder away, and remove the key cluster-id from ConfigMap $STATE_CONFIGMAP, with the annotation" \
      "edge-constructs.io/give-up set to what it was"
  else
    echo join
  fi
}

write_config() {
  {
    cat "$release_config/server.yaml"
    setting node-name "$NODE_NAME"
    setting node-ip "$NODE_IP"
    setting advertise-address "$NODE_IP"
    setting data-dir "$data"
    setting etcd-snapshot-dir "$snapshots"
    setting write-kubeconfig "$own/kubeconfig.yaml"
    setting agent-token-file "$secrets/agent-token"
    case $1 in
      # For a restore, K3s does not accept a token file.
      restore)
        token=$(quoted <"$secrets/server-token")
        printf 'token: %s\n' "$token"
        ;;
      *) setting token-file "$work/token" ;;
    esac
    case $1 in
      found | alone | restore | restored) echo 'cluster-init: true' ;;
      *) setting server "$another" ;;
    esac
  } >"$work/config.yaml"
}

# Left by a container that was killed while it waited.
rm -f "$waiting/state"
wait_until "the cri pod on this node to make $own" is_writable
open_part "$own/standby"
await_turn
# Founding and joining are left to pods, because the cloud has to learn of it.
if [ -n "${STANDBY:-}" ] && [ ! -s "$data/cluster-id" ]; then
  say "this server has not taken part in a cluster yet: it is for its pod to start it"
  exit 75
fi
can_read_marks || can_read_marks || stop "the folder $own can't be read; nothing is changed"
settle_release || stop "the release of K3s to run could not be settled: look at the disk"
# Earlier releases kept them in K3s' default folder, within the data.
keep_snapshots "$data"
if is_restore_wanted; then restore; else settle_restore; fi
role=$(decide)
if [ "$role" = wait ]; then
  wait_for_state "server $FIRST_SERVER to form the cluster" has_formed
  role='join'
fi

case $role in
  found)
    check_tokens
    # Left by a founding that was cut short. Nobody can have joined it, because it was never announced.
    discard "$data"
    cat "$secrets/server-token" >"$work/token"
    ;;
  # Without the CA's hash: the CA in the snapshot may differ from the published one.
  restored) cat "$secrets/server-token" >"$work/token" ;;
  *)
    wait_for_state 'the CA of the cluster' has_ca
    secure_token server "$secrets/server-token" "$work/token"
    ;;
esac
# Only for a start without a database: a member finds the other servers in its own.
another=$JOIN_URL
if [ "$role" = join ]; then
  # With a database this server may be a member already, and without it the others may lack the majority to admit anyone.
  if knows_cluster; then
    wait_for_one_up
  else
    if [ -e "$data" ]; then say "there is no database in $data that knows the cluster: joining as with a new disk"; fi
    discard_all_but_name
    wait_until "the other servers to let this one in. If they are up and a firewall is in the way, the log of this node's agent \
names the ports. If no server has data any more, one has to be restored by $wish on its node: $(snapshots_found)" is_no_member
  fi
fi
admin=$(csv_column <"$secrets/admin-token")
printf '%s,kins-admin,kins-admin,"system:masters"\n' "$admin" >"$work/tokens.csv"
case $role in
  alone | member) if is_reset_wanted; then reset_members; fi ;;
esac
remove_empty_keys
write_config "$role"
settle_kit "$own/standby"
watch_release $$ </dev/null &
show_started
say "starting K3s on $NODE_NAME ($role)"
exec k3s server --config "$work/config.yaml"
