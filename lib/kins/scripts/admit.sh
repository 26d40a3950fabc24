# shellcheck shell=sh
# Functions that let in a node with a new disk. A node identifies itself to the servers with a password on its disk, and they
# reject another password from a node of the same name until they have forgotten the first. Only an administrator can make
# them forget it. The agent has no such rights, so it asks the container beside it, which keeps the administrator's token.
admission=${KINS_ADMISSION:-/run/kins-admission}

# Called by the agent. Asks only if there is no password on the disk, so a working node is never affected.
ask_for_admission() {
  rm -f "$admission/ask" "$admission/admitted"
  [ ! -s "$KINS_LIB/node/password" ] || return 0
  ca=$(ca_file)
  cat "$ca" >"$admission/ca.crt"
  # Determined here, because the other container does not see the server's folder.
  server_url >"$admission/url"
  true >"$admission/ask"
  wait_until 'a server to forget the password from the previous disk' is_admitted
  rm -f "$admission/ask"
}

is_admitted() { [ -e "$admission/admitted" ]; }

# Called by the container beside the agent.
admit() {
  : "${secrets:?folder of the tokens}"
  [ -e "$admission/ask" ] && [ ! -e "$admission/admitted" ] || return 0
  write_kubeconfig "$admission/admin.yaml" "$(cat "$admission/url")" "$admission/ca.crt" "$secrets/admin-token"
  kubectl --kubeconfig "$admission/admin.yaml" --request-timeout 10s --namespace kube-system \
    delete secret "$NODE_NAME.node-password.k3s" --ignore-not-found >/dev/null || return 0
  true >"$admission/admitted"
}
