# shellcheck shell=sh
# Functions of server.sh for the day on which a majority of the servers has lost its disks. What is left cannot go on by
# itself: nobody can tell it that the others will not come back with newer data. An administrator does, with an empty
# file `reset` in the server's folder on the one node whose data shall be the cluster's.

: "${own:?folder of the server}" "${data:?its data}" "${work:?its folder in memory}" "${secrets:?folder of the tokens}"

is_reset_wanted() { [ -e "$own/reset" ]; }

others_answer() {
  write_admin_kubeconfig "$work/admin.yaml" "$JOIN_URL" "$data/server/tls/server-ca.crt" "$secrets/admin-token"
  kubectl --kubeconfig "$work/admin.yaml" --request-timeout 10s get --raw /readyz >/dev/null 2>&1
}

# A port that nobody listens on. For the reset, and only then, K3s opens a load balancer on the loopback of the node, by
# default where the cloud cluster's own K3s has its.
free_port() {
  port=29999
  while grep -q ":$(printf %04X "$port") [0-9A-F]*:0000 0A " "${NET_TABLES:-/proc/net}"/tcp*; do port=$((port - 1)); done
  echo "$port"
}

# Makes this server the only member, once. K3s leaves a flag when it has, takes it away at the next start, and ends in
# either case; the others then join as servers with a new disk.
reset_members() {
  if others_answer; then
    say "not resetting anything: the other servers have a majority, and this one joins it by itself"
  else
    write_config alone
    if [ ! -e "$data/server/db/reset-flag" ]; then
      say 'making this server the only member of the cluster'
      k3s server --config "$work/config.yaml" --cluster-reset --lb-server-port "$(free_port)" || true
    fi
    [ -e "$data/server/db/reset-flag" ] || stop 'K3s could not make this server the only member; see its messages above'
  fi
  rm -f "$own/reset"
}
