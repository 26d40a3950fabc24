#!/bin/sh
# Runs beside the control plane: tells this node and the cloud that the unit has formed, lets the server into the
# Service only while it serves the right cluster, and keeps the kubeconfigs in the unit's Secret up to date.
# Works without the cloud; what could not be told is told when the link is back.
set -eu
: "${KINS_LIB:?folder of the unit}" "${UNIT:?name of the unit}" "${NAMESPACE:?namespace of the unit}"
: "${NODE_NAME:?name of the node}" "${FIRST_SERVER:?name of the first server}"
: "${STATE_CONFIGMAP:?where the state of the unit is kept}" "${SECRET:?Secret of the unit}"
: "${DIRECT_URL:?}" "${SERVICE_URL:?}" "${LOCAL_URL:?}" "${PROXY_URL=}" "${CREDENTIALS_CONFIGMAP=}"
: "${KUBERNETES_SERVICE_HOST:?address of the cloud}" "${KUBERNETES_SERVICE_PORT:?port of the cloud}"
secrets=${KINS_SECRETS:-/etc/kins/secrets}
own=$KINS_LIB/server
data=$own/k3s
work=${KINS_WORK:-/run/kins-publish}
ready=$work/ready
umask 077

# As process 1, a shell would not notice that it is to end, and be waited for in vain.
trap 'exit 0' TERM
pause() {
  sleep "$1" &
  wait "$!"
}

say() { echo "publish: $*" >&2; }

# A small computer that has just been switched on takes its time.
edge() { kubectl --kubeconfig "$own/kubeconfig.yaml" --request-timeout 15s "$@"; }
cloud() { kubectl --kubeconfig "$work/cloud.yaml" --namespace "$NAMESPACE" --request-timeout 10s "$@"; }

# patch KIND NAME FILE: under a name of its own, since Flux takes over what a manager named kubectl... has written, and
# removes it at its next round.
patch() { cloud patch "$1" "$2" --field-manager edge-constructs-kins --type merge --patch-file "$3" >/dev/null; }

# kubectl finds the cloud by itself only as long as no option is given, and without a timeout a dead link holds it up.
write_cloud_kubeconfig() {
  account=${SERVICE_ACCOUNT:-/var/run/secrets/kubernetes.io/serviceaccount}
  case $KUBERNETES_SERVICE_HOST in
    *:*) host="[$KUBERNETES_SERVICE_HOST]" ;;
    *) host=$KUBERNETES_SERVICE_HOST ;;
  esac
  printf '%s\n' 'apiVersion: v1' 'kind: Config' 'clusters:' '- name: cloud' '  cluster:' \
    "    server: https://$host:$KUBERNETES_SERVICE_PORT" "    certificate-authority: $account/ca.crt" \
    'contexts:' '- name: cloud' '  context: {cluster: cloud, user: cloud}' 'current-context: cloud' \
    'users:' '- name: cloud' '  user:' "    tokenFile: $account/token" >"$work/cloud.yaml"
}

# The marks lie in the folder of the data that they speak of, and are reached from within it: when a founding is thrown
# away meanwhile, they go with it and can't pass for marks of the next one.
write_mark() {
  [ "$(cat "$1" 2>/dev/null || true)" = "$2" ] && return
  printf '%s\n' "$2" >"$1.new" || return
  sync
  mv "$1.new" "$1" || return
  sync
}

write_marks() {
  # The identity last: with it the data counts as good, and a server that restarts keeps it.
  write_mark ca-hash "$hash" && write_mark cluster-id "$id" && [ "$(stat -c %i .)" = "$(stat -c %i "$data")" ]
}

# Puts the state into the cloud when it is not there. Fails when it says something else.
publish_state() {
  found=$(cloud get configmap "$STATE_CONFIGMAP" \
    --output go-template='{{.metadata.resourceVersion}} {{if .data}}{{with index .data "cluster-id"}}{{.}}{{end}}{{end}}') ||
    return 1
  known=${found#* }
  if [ -n "$known" ]; then
    [ "$known" = "$1" ] && return
    say "ConfigMap $STATE_CONFIGMAP says that unit $UNIT is cluster $known, but this server is of $1"
    return 2
  fi
  printf '{"metadata":{"resourceVersion":"%s"},"data":{"cluster-id":"%s","ca-hash":"%s","ca.crt":"%s"}}' \
    "${found%% *}" "$1" "$2" "$(awk '{ printf "%s\\n", $0 }' server/tls/server-ca.crt)" >"$work/state.json"
  patch configmap "$STATE_CONFIGMAP" "$work/state.json"
}

# kubeconfig URL [PROXY]: with CA and credential inside.
kubeconfig() {
  printf '%s\n' 'apiVersion: v1' 'kind: Config' 'clusters:' '- name: default' '  cluster:' "    server: $1"
  [ -z "${2-}" ] || printf '    proxy-url: %s\n' "$2"
  printf '    certificate-authority-data: %s\n' "$(base64 <server/tls/server-ca.crt | tr -d '\n')"
  printf '%s\n' 'contexts:' '- name: default' '  context:' '    cluster: default' '    namespace: default' \
    '    user: default' 'current-context: default' 'users:' '- name: default' '  user:'
  printf '    token: %s\n' "$(cat "$secrets/admin-token")"
}

# As a line of JSON's data, base64-encoded, so that nothing needs quoting.
data_line() { printf '"%s":"%s"' "$1" "$(base64 <"$2" | tr -d '\n')"; }

# One server writes them, so that three do not take turns; what they hold outlives that server.
publish_kubeconfigs() {
  [ "$NODE_NAME" = "$FIRST_SERVER" ] || return 0
  kubeconfig "$DIRECT_URL" >"$work/direct"
  kubeconfig "$SERVICE_URL" "$PROXY_URL" >"$work/tunnel"
  {
    printf '{"data":{'
    data_line kubeconfig.conf "$work/direct"
    printf ','
    data_line kubeconfig-tunnel.conf "$work/tunnel"
    printf '}}'
  } >"$work/secret.json"
  sum=$(sha256sum <"$work/secret.json")
  [ "$sum" = "$(cat "$work/published" 2>/dev/null || true)" ] && return
  patch secret "$SECRET" "$work/secret.json" || return 1
  if [ -n "$CREDENTIALS_CONFIGMAP" ]; then
    kubeconfig "$LOCAL_URL" | sed 's/^/    /' >"$work/local"
    { printf 'data:\n  kubeconfig.conf: |\n' && cat "$work/local"; } >"$work/configmap.yaml"
    patch configmap "$CREDENTIALS_CONFIGMAP" "$work/configmap.yaml" || return 1
  fi
  printf '%s\n' "$sum" >"$work/published"
}

# The server is let into the Service while it answers and is of the cluster that this node has taken part in.
check() {
  edge get --raw /readyz >/dev/null 2>&1 || return 1
  id=$(edge get namespace kube-system --output 'jsonpath={.metadata.uid}') || return 1
  mine=$(cat cluster-id 2>/dev/null || true)
  if [ -n "$mine" ] && [ "$mine" != "$id" ]; then
    say "this server serves cluster $id, but its data is of cluster $mine: it is kept out of the Service"
    return 1
  fi
  [ -s server/tls/server-ca.crt ] || return 1
  hash=$(sha256sum <server/tls/server-ca.crt | cut -d ' ' -f 1)
}

write_cloud_kubeconfig
told=
while :; do
  # This node first: a founder whose marks disagree after a power cut must find its own data good. A server that has not
  # even written its kubeconfig is not asked: its computer is busy with starting it.
  if ! { [ -s "$own/kubeconfig.yaml" ] && cd "$data" 2>/dev/null && check && write_marks; }; then
    rm -f "$ready"
    pause 0.5 2>/dev/null || pause 1
    continue
  fi
  outcome=0
  [ -n "$told" ] || publish_state "$id" "$hash" || outcome=$?
  if [ "$outcome" -eq 2 ]; then
    rm -f "$ready"
    pause 30
    continue
  fi
  [ "$outcome" -ne 0 ] || told=1
  : >"$ready"
  publish_kubeconfigs || say 'the kubeconfigs could not be published yet'
  pause "${CHECK_SECONDS:-20}"
done
