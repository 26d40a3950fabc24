# shellcheck shell=sh
# Functions that the scripts of servers and agents share: what is known of the cluster.
: "${scripts:?folder of the scripts}" "${KINS_ROLE:?who speaks}" "${KINS_LIB:?folder of the unit}"
# shellcheck source=lib/shell/text.sh
. "$scripts/text.sh"
# shellcheck source=lib/kins/scripts/kubeconfig.sh
. "$scripts/kubeconfig.sh"
# shellcheck source=lib/kins/scripts/wait.sh
. "$scripts/wait.sh"
# shellcheck source=lib/shell/answers.sh
. "$scripts/answers.sh"
# shellcheck source=lib/shell/memory.sh
. "$scripts/memory.sh"
# shellcheck source=lib/shell/tell.sh
. "$scripts/tell.sh"

# As process 1, a shell would not notice that it is to end, and be waited for in vain.
trap 'exit 0' TERM

waiting=${KINS_WAITING:-/run/kins-waiting}

speaker=$KINS_ROLE
say() { tell "$*" >&2; }

# What a cluster is called in the marks: the UID of its namespace kube-system, and, after a dot, when it was last made from
# data of before, so that servers with data from before that are told from those that have taken part since.
uid_of() { echo "${1%%.*}"; }
life_of() { case $1 in *.*) echo "${1#*.}" ;; *) echo 0 ;; esac; }

# The hash of the unit's CA: from this node's server if it has one, else from the state that the first server published.
# Joins carry it, so that a joining node verifies the server it talks to.
ca_hash() {
  hash=$(first_line "$KINS_LIB/server/k3s/ca-hash") || return 1
  [ -n "$hash" ] || hash=$(first_line "${KINS_STATE:-/etc/kins/state}/ca-hash") || return 1
  echo "$hash"
}

has_ca() { known=$(ca_hash) && [ -n "$known" ]; }

# The CA by which a server of the cluster is known: of this node's server once that has taken part, else of the state.
ca_file() {
  if [ -s "$KINS_LIB/server/k3s/ca-hash" ] && [ -s "$KINS_LIB/server/k3s/server/tls/server-ca.crt" ]; then
    echo "$KINS_LIB/server/k3s/server/tls/server-ca.crt"
  else
    echo "${KINS_STATE:-/etc/kins/state}/ca.crt"
  fi
}

# Waits for what comes with the state of the unit. The kubelet brings a changed ConfigMap into a pod about once a
# minute; ready.sh makes it look more often while this file is there.
wait_for_state() {
  true >"$waiting/state"
  wait_until "$@"
  rm -f "$waiting/state"
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
  hash=$(ca_hash) && [ -n "$hash" ] && secret=$(cat "$2") || return 1
  printf 'K10%s::%s:%s' "$hash" "$1" "$secret" | (umask 077 && write_in_memory "$3")
}
