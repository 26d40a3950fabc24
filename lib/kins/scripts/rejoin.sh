# shellcheck shell=sh
# Functions of server.sh for a server that is about to join. A server that lost its disk is still a member of etcd to the
# others, and K3s refuses a second member of the same name: the old one has to go first.

: "${data:?data of the server}" "${work:?its folder in memory}"
: "${state:?folder of the state}" "${secrets:?folder of the tokens}"

admin() { kubectl --kubeconfig "$work/admin.yaml" --request-timeout 10s "$@"; }

# Another server that answers for a path, by its own address if that is known: the name that stands for all of them leads to
# this one, too, as soon as it listens, and then it would wait for itself.
find_answering() {
  true >"$work/answers"
  for server in ${SERVER_URLS:-any=$JOIN_URL}; do
    [ "${server%%=*}" != "$NODE_NAME" ] || continue
    another=${server#*=}
    write_kubeconfig "$work/admin.yaml" "$another" "$(ca_file)" "$secrets/admin-token"
    if admin get --raw "$1" >/dev/null 2>>"$work/answers"; then return; fi
  done
  another=$JOIN_URL
  return 1
}

# One that has a majority behind it.
find_another() { find_answering /readyz; }

# One that is up, with a majority or without.
find_one_up() { find_answering /ping; }

# K3s asks another server for the keys of the cluster, and ends when it neither reaches one nor has them in its database yet.
# Not waited for without end: it may have them, and the others may be gone.
wait_for_one_up() { within 20 find_one_up || true; }

# Prints the name of this node's membership, a blank, and the name of the membership that was taken from it. Nothing for a
# node that the cluster does not know.
memberships() {
  admin get node "$NODE_NAME" --ignore-not-found --output go-template='{{with .metadata.annotations -}}
    {{with index . "etcd.k3s.cattle.io/node-name"}}{{.}}{{end}} {{with index . "etcd.k3s.cattle.io/removed-node-name"}}{{.}}{{end}}
    {{- end}}'
}

# Succeeds when this node is no member. The API answers only with a majority of the servers, and etcd itself refuses a
# removal that would cost it the majority; K3s then takes the annotation back, and it is asked for again.
is_no_member() {
  find_another || return 1
  names=$(memberships) || return 1
  member=${names%% *}
  if [ -z "$member" ] || [ "$member" = "${names#* }" ]; then return 0; fi
  say "asking the other servers to forget member $member, whose disk is gone"
  admin annotate node "$NODE_NAME" etcd.k3s.cattle.io/remove=true --overwrite \
    --field-manager edge-constructs-kins >/dev/null || true
  return 1
}
