# shellcheck shell=sh
# Functions that let a node with a new disk in. A node proves itself to the servers with a password that lies on its disk;
# they refuse a new one under the old name until they have forgotten the old. Only an administrator can tell them, and
# the agent is none: it asks, and the container beside it that keeps the administrator's token does it.
admission=${KINS_ADMISSION:-/run/kins-admission}

# By the agent. Asks only when there is no password on the disk, so a node that works is never touched.
ask_for_admission() {
  rm -f "$admission/ask" "$admission/admitted"
  [ ! -s "$KINS_LIB/node/password" ] || return 0
  ca=$(ca_file)
  cat "$ca" >"$admission/ca.crt"
  # Found out here: the container beside the agent does not see the server's folder.
  server_url >"$admission/url"
  true >"$admission/ask"
  wait_until 'a server to forget the password from the previous disk' is_admitted
  rm -f "$admission/ask"
}

is_admitted() { [ -e "$admission/admitted" ]; }

# By the container beside the agent.
admit() {
  : "${secrets:?folder of the tokens}"
  [ -e "$admission/ask" ] && [ ! -e "$admission/admitted" ] || return 0
  write_kubeconfig "$admission/admin.yaml" "$(cat "$admission/url")" "$admission/ca.crt" "$secrets/admin-token"
  kubectl --kubeconfig "$admission/admin.yaml" --request-timeout 10s --namespace kube-system \
    delete secret "$NODE_NAME.node-password.k3s" --ignore-not-found >/dev/null || return 0
  true >"$admission/admitted"
}
