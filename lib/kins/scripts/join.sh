# shellcheck shell=sh
# Functions that the scripts of servers and agents share: what this node knows about the cluster, and how it joins.
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

# The shell is process 1 of its container, where it would otherwise ignore SIGTERM until it is killed.
trap 'exit 0' TERM

waiting=${KINS_WAITING:-/run/kins-waiting}

speaker=$KINS_ROLE
say() { tell "$*" >&2; }

# The id of a cluster in the marks is UID.LIFE. UID is that of its namespace kube-system. LIFE, missing at first, is the
# time at which the cluster was last restored or reset, by which servers with older data are recognized.
uid_of() { echo "${1%%.*}"; }
life_of() { case $1 in *.*) echo "${1#*.}" ;; *) echo 0 ;; esac; }

# Prints the hash of the unit's CA: from the server on this node if there is one, else from the state that the first server
# published. It becomes part of the token, so that a joining node can verify the server that it talks to.
ca_hash() {
  hash=$(first_line "$KINS_LIB/server/k3s/ca-hash") || return 1
  [ -n "$hash" ] || hash=$(first_line "${KINS_STATE:-/etc/kins/state}/ca-hash") || return 1
  echo "$hash"
}

has_ca() { known=$(ca_hash) && [ -n "$known" ]; }

# Prints the file of the CA that verifies servers: from the server on this node once it has been a member, else from the
# published state.
ca_file() {
  if [ -s "$KINS_LIB/server/k3s/ca-hash" ] && [ -s "$KINS_LIB/server/k3s/server/tls/server-ca.crt" ]; then
    echo "$KINS_LIB/server/k3s/server/tls/server-ca.crt"
  else
    echo "${KINS_STATE:-/etc/kins/state}/ca.crt"
  fi
}

# Like wait_until, for something in the published state of the unit. The kubelet updates mounted ConfigMaps only about once a
# minute; while this file exists, ready.sh makes it do so more often.
wait_for_state() {
  true >"$waiting/state"
  wait_until "$@"
  rm -f "$waiting/state"
}

# Prints the URL at which the agent reaches a server. The one on the same node needs neither the cloud's DNS nor another node,
# but until it has been a member once it depends on the others itself, and the agent should not wait for it.
server_url() {
  case ",$SERVERS," in
    *",$NODE_NAME,"*) if [ -s "$KINS_LIB/server/k3s/ca-hash" ]; then echo "$OWN_URL"; else echo "$JOIN_URL"; fi ;;
    *) echo "$JOIN_URL" ;;
  esac
}

# Writes a token in K3s' secure format, which contains the hash of the CA: secure_token USER FILE_WITH_SECRET TARGET
secure_token() {
  hash=$(ca_hash) && [ -n "$hash" ] && secret=$(cat "$2") || return 1
  printf 'K10%s::%s:%s' "$hash" "$1" "$secret" | (umask 077 && write_in_memory "$3")
}
