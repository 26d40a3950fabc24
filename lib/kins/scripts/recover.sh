# shellcheck shell=sh
# Functions of server.sh for the case that a majority of the servers has lost its disks. The remaining servers must not
# continue by themselves, because they cannot know that the others will not come back with newer data. An administrator
# decides that, with an empty file `reset` in the server's folder on the one node whose data the cluster shall continue with.

: "${own:?folder of the server}" "${data:?its data}" "${work:?its folder in memory}"
: "${state:?folder of the state}" "${SERVER_COUNT:?number of servers}"

is_reset_wanted() { [ -e "$own/reset" ]; }

# Whether another server answers; FIND is one of the functions of rejoin.sh. Stops if one answers that cannot be trusted,
# because that is not the same as silence: others_answer FIND
others_answer() {
  [ "$SERVER_COUNT" -gt 1 ] && [ -s "$(ca_file)" ] || return 1
  if "$1"; then return; fi
  if grep -E 'x509|certificate|[Uu]nauthorized|[Ff]orbidden' "$work/answers" >&2; then
    stop "another server answers, but not as one of this cluster does; nothing is changed"
  fi
  return 1
}

# Prints a port that nobody listens on. During a reset, and only then, K3s opens a load balancer on the node's loopback, by
# default on the port that the cloud cluster's K3s uses on this node.
free_port() {
  port=29999
  while grep -qs ":$(printf %04X "$port") [0-9A-F]*:0000 0A " "${NET_TABLES:-/proc/net}"/tcp*; do port=$((port - 1)); done
  echo "$port"
}

# Notes that the cluster begins a new life with this data (see join.sh), which publish.sh announces to the cluster and the
# cloud. The number is the time, but always greater than those before, even if the clock is wrong: begin_life ID ID
begin_life() {
  life=$(date +%s)
  for mark in "$1" "$2"; do
    if [ "$life" -le "$(life_of "$mark")" ]; then life=$(($(life_of "$mark") + 1)); fi
  done
  echo "$life" | write_file "$data/life"
}

# Has K3s make this server the only member, from its data or from a snapshot: k3s_reset OPTION... K3s exits with an error
# even on success, and writes its flag file before it has found out whether it can read the data, so only its message tells.
k3s_reset() {
  rm -f "$data/server/db/reset-flag"
  { k3s server --config "$work/config.yaml" "$@" --lb-server-port "$(free_port)" 2>&1 || true; } |
    awk '{ print; fflush() } /cluster membership has been reset/ { done = 1 } END { exit !done }' >&2
}

# Makes this server the only member. The others then join like servers with a new disk.
reset_members() {
  if others_answer find_another; then
    say "not resetting anything: the other servers have a majority, and this one joins it by itself"
  else
    write_config alone
    say 'making this server the only member of the cluster'
    k3s_reset --cluster-reset || stop 'K3s could not make this server the only member; see its messages above'
    begin_life "$(first_line "$data/cluster-id")" "$(first_line "$state/cluster-id")"
  fi
  rm -f "$own/reset"
  flush
}
