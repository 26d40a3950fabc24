# shellcheck shell=sh
# Functions of server.sh for a server that is about to join. To the others, a server that lost its disk is still a member of
# etcd, and K3s rejects a second member for the same node, so the old one has to be removed first.

: "${data:?data of the server}" "${work:?its folder in memory}"
: "${state:?folder of the state}" "${secrets:?folder of the tokens}"

admin() { kubectl --kubeconfig "$work/admin.yaml" --request-timeout 10s "$@"; }

# Finds another server that answers at a path, and sets `another` to its URL. Asks each by its own address if that is known:
# the name that stands for all of them includes this server, too, which would then wait for itself: find_answering PATH
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

# Finds a server that has a majority behind it.
find_another() { find_answering /readyz; }

# Finds a server that is up, with or without a majority.
find_one_up() { find_answering /ping; }

# K3s asks another server for the keys of the cluster, and exits if it neither reaches one nor has the keys in its database.
# Waits only for a while, because this server may have the keys, and the others may be gone.
wait_for_one_up() { within 20 find_one_up || true; }

# Prints the name of this node's member, a blank, and the name of its member that was removed last. Prints nothing if the
# cluster does not know the node.
memberships() {
  admin get node "$NODE_NAME" --ignore-not-found --output go-template='{{with .metadata.annotations -}}
    {{with index . "etcd.k3s.cattle.io/node-name"}}{{.}}{{end}} {{with index . "etcd.k3s.cattle.io/removed-node-name"}}{{.}}{{end}}
    {{- end}}'
}

# Succeeds once this node is not a member; until then, asks for the removal of its member. The API server answers only if
# there is a majority. etcd itself rejects a removal that would cost it the majority; K3s then drops the annotation, and the
# next attempt sets it again.
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
