# shellcheck shell=sh
# Functions that server.sh and agent.sh share: what is known of the cluster, and how to wait.

# As process 1, a shell would not notice that it is to end, and be waited for in vain.
trap 'exit 0' TERM

waiting=${KINS_WAITING:-/run/kins-waiting}

say() { echo "$KINS_ROLE: $*" >&2; }

# First line of a file, or nothing.
first_line() { { [ -r "$1" ] && head -n 1 "$1"; } || true; }

# The hash of the unit's CA: from this node's server if it has one, else from the state that the first server published.
# Joins carry it, so that a joining node verifies the server it talks to.
ca_hash() {
  hash=$(first_line "$KINS_LIB/server/k3s/ca-hash")
  [ -n "$hash" ] || hash=$(first_line "${KINS_STATE:-/etc/kins/state}/ca-hash")
  echo "$hash"
}

has_ca() { [ -n "$(ca_hash)" ]; }

# Between two looks: nap ROUND. Short at first, since somebody may wait for a node to come up; not every sleep knows
# fractions.
nap() {
  if [ "$1" -lt 120 ] && sleep 0.2 2>/dev/null; then return; fi
  sleep 1
}

# Waits until a command succeeds; says at first, and later once a minute, what it waits for.
wait_until() {
  what=$1
  shift
  round=0
  until "$@"; do
    if [ $((round % 60)) -eq 0 ]; then say "waiting for $what"; fi
    nap "$round"
    round=$((round + 1))
  done
}

# The same, for what comes with the state of the unit. The kubelet brings a changed ConfigMap into a pod about once a
# minute; ready.sh makes it look more often while this file is there.
wait_for_state() {
  : >"$waiting/state"
  wait_until "$@"
  rm -f "$waiting/state"
}

# A kubeconfig without a credential in it: write_admin_kubeconfig TARGET URL CA_FILE TOKEN_FILE
write_admin_kubeconfig() {
  printf '%s\n' 'apiVersion: v1' 'kind: Config' 'clusters:' '- name: edge' '  cluster:' "    server: $2" \
    "    certificate-authority: $3" 'contexts:' '- name: edge' '  context: {cluster: edge, user: admin}' \
    'current-context: edge' 'users:' '- name: admin' '  user:' "    tokenFile: $4" >"$1"
}

# Where this node meets a server. The one on the same node needs neither the cloud's DNS nor another node; until it has
# been a member once it needs the others itself, and the node should not wait for it.
server_url() {
  case ",$SERVERS," in
    *",$NODE_NAME,"*) if [ -s "$KINS_LIB/server/k3s/ca-hash" ]; then echo "$OWN_URL"; else echo "$JOIN_URL"; fi ;;
    *) echo "$JOIN_URL" ;;
  esac
}

# Writes a token in the form that carries the CA's hash: secure_token USER FILE_WITH_SECRET TARGET
secure_token() {
  (umask 077 && printf 'K10%s::%s:%s' "$(ca_hash)" "$1" "$(cat "$2")" >"$3.new" && mv "$3.new" "$3")
}
