# shellcheck shell=sh
# Functions of server.sh for the day on which a majority of the servers has lost its disks. What is left cannot go on by
# itself: nobody can tell it that the others will not come back with newer data. An administrator does, with an empty
# file `reset` in the server's folder on the one node whose data shall be the cluster's.

: "${own:?folder of the server}" "${data:?its data}" "${work:?its folder in memory}"
: "${state:?folder of the state}" "${SERVER_COUNT:?number of servers}"

is_reset_wanted() { [ -e "$own/reset" ]; }

# Whether another server does, by a way of rejoin.sh to find one. One whose answer can't be trusted is none that is silent.
others_answer() {
  [ "$SERVER_COUNT" -gt 1 ] && [ -s "$(ca_file)" ] || return 1
  if "$1"; then return; fi
  if grep -E 'x509|certificate|[Uu]nauthorized|[Ff]orbidden' "$work/answers" >&2; then
    stop "another server answers, but not as one of this cluster does; nothing is changed"
  fi
  return 1
}

# A port that nobody listens on. For the reset, and only then, K3s opens a load balancer on the loopback of the node, by
# default where the cloud cluster's own K3s has its.
free_port() {
  port=29999
  while grep -qs ":$(printf %04X "$port") [0-9A-F]*:0000 0A " "${NET_TABLES:-/proc/net}"/tcp*; do port=$((port - 1)); done
  echo "$port"
}

# Notes that the cluster begins a new life with this data; publish.sh tells it to the cluster and to the cloud. By the
# clock, but later than what was before in any case.
begin_life() {
  life=$(date +%s)
  for mark in "$1" "$2"; do
    if [ "$life" -le "$(life_of "$mark")" ]; then life=$(($(life_of "$mark") + 1)); fi
  done
  echo "$life" | write_file "$data/life"
}

# Has K3s make this server the only member, from its data or from a snapshot: k3s_reset OPTION... It ends with an error in
# any case, and has left its flag before it is through and has found that it can read what is there; so it goes by its word.
k3s_reset() {
  rm -f "$data/server/db/reset-flag"
  { k3s server --config "$work/config.yaml" "$@" --lb-server-port "$(free_port)" 2>&1 || true; } |
    awk '{ print; fflush() } /cluster membership has been reset/ { done = 1 } END { exit !done }' >&2
}

# Makes this server the only member, once; the others then join as servers with a new disk.
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
