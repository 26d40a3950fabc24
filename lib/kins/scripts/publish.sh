#!/bin/sh
# Runs beside the control plane. Records on this node and in the cloud that the unit has formed, keeps the server in the
# Service only while it serves the right cluster, and keeps the kubeconfigs in the unit's Secret up to date. Works without
# the cloud; what could not be published is published when the link is back.
set -eu
: "${KINS_LIB:?folder of the unit}" "${UNIT:?name of the unit}" "${NAMESPACE:?namespace of the unit}"
: "${NODE_NAME:?name of the node}" "${FIRST_SERVER:?name of the first server}"
: "${STATE_CONFIGMAP:?where the state of the unit is kept}" "${SECRET:?Secret of the unit}"
: "${DIRECT_URL:?}" "${SERVICE_URL:?}" "${LOCAL_URL:?}" "${PROXY_URL=}" "${CREDENTIALS_CONFIGMAP=}"
KINS_ROLE=publish
scripts=${KINS_SCRIPTS:-/etc/kins/scripts}
work=${KINS_WORK:-/run/kins-publish}
# shellcheck source=lib/kins/scripts/join.sh
. "$scripts/join.sh"
# shellcheck source=lib/kins/scripts/cloud.sh
. "$scripts/cloud.sh"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
secrets=${KINS_SECRETS:-/etc/kins/secrets}
own=$KINS_LIB/server
data=$own/k3s
ready=$work/ready
umask 077

# With a generous timeout, because a small computer that was just switched on is slow.
edge() { kubectl --kubeconfig "$own/kubeconfig.yaml" --request-timeout 15s "$@"; }

# The marks are in the folder of the data that they are about, and are written from within it: if that folder is discarded
# meanwhile, they are discarded with it, and cannot end up in the data that takes its place.
write_marks() {
  # cluster-id last: once it is there, a server that restarts keeps the data.
  echo "$hash" | keep_file ca-hash && echo "$id" | keep_file cluster-id && [ "$(stat -c %i .)" = "$(stat -c %i "$data")" ]
}

# Writes the state to the cloud if it is missing there, or from an earlier life of this cluster. Returns 2 if it is from
# another cluster, or from a later life: publish_state ID CA_HASH
publish_state() {
  found=$(cloud get configmap "$STATE_CONFIGMAP" \
    --output go-template='{{.metadata.resourceVersion}} {{if .data}}{{with index .data "cluster-id"}}{{.}}{{end}}{{end}}') ||
    return 1
  known=${found#* }
  if [ -n "$known" ]; then
    [ "$known" = "$1" ] && return
    if ! is_later_life "$1" "$known"; then
      say "ConfigMap $STATE_CONFIGMAP says that unit $UNIT is cluster $known, but this server belongs to $1"
      if is_later_life "$known" "$1"; then say "the unit was restored or reset on another server: delete this pod to join it"; fi
      return 2
    fi
  fi
  cat server/tls/server-ca.crt >"$work/ca.crt" && echo >>"$work/ca.crt" && ca=$(quoted <"$work/ca.crt") || return 1
  printf '{"metadata":{"resourceVersion":%s},"data":{"cluster-id":%s,"ca-hash":%s,"ca.crt":%s}}' \
    "$(json "${found%% *}")" "$(json "$1")" "$(json "$2")" "$ca" >"$work/state.json"
  patch configmap "$STATE_CONFIGMAP" merge "$work/state.json"
}

# Writes a complete kubeconfig for administrators, who may be anywhere: kubeconfig TARGET URL [PROXY]
kubeconfig() { write_whole_kubeconfig "$1" "$2" server/tls/server-ca.crt "$secrets/admin-token" "${3-}"; }

# The record of changes in the edge cluster (see turn.sh), without what only concerns its nodes, for people in the cloud.
# Written by the first server, if it differs.
# shellcheck disable=SC2016 # a template
publish_record() {
  [ "$NODE_NAME" = "$FIRST_SERVER" ] || return 0
  edge get configmap kins-upgrade --namespace kube-system --ignore-not-found --output \
    go-template='{{range $key, $value := .data}}{{$key}} {{$value}}{{"\n"}}{{end}}' >"$work/upgrade" || return 1
  [ -s "$work/upgrade" ] || [ -e "$work/upgrade-published" ] || return 0
  text=$(quoted <"$work/upgrade") || return 1
  [ "$text" != "$(cat "$work/upgrade-published" 2>/dev/null || true)" ] || return 0
  printf '{"data":{"upgrade":%s}}' "$text" >"$work/upgrade.json"
  patch configmap "$STATE_CONFIGMAP" merge "$work/upgrade.json" || return 1
  printf '%s\n' "$text" >"$work/upgrade-published"
}

# Only the first server writes them, so that three servers do not keep overwriting each other. They stay valid without it.
publish_kubeconfigs() {
  [ "$NODE_NAME" = "$FIRST_SERVER" ] || return 0
  kubeconfig "$work/direct" "$DIRECT_URL" && kubeconfig "$work/tunnel" "$SERVICE_URL" "$PROXY_URL" || return 1
  direct=$(base64_of "$work/direct") && tunnel=$(base64_of "$work/tunnel") || return 1
  printf '{"data":{"kubeconfig.conf":%s,"kubeconfig-tunnel.conf":%s}}' "$(json "$direct")" "$(json "$tunnel")" \
    >"$work/secret.json"
  sum=$(sha256sum <"$work/secret.json") || return 1
  [ "$sum" = "$(cat "$work/published" 2>/dev/null || true)" ] && return
  patch secret "$SECRET" merge "$work/secret.json" || return 1
  if [ -n "$CREDENTIALS_CONFIGMAP" ]; then
    kubeconfig "$work/local" "$LOCAL_URL" && echo >>"$work/local" && text=$(quoted <"$work/local") || return 1
    printf '{"data":{"kubeconfig.conf":%s}}' "$text" >"$work/configmap.json"
    patch configmap "$CREDENTIALS_CONFIGMAP" merge "$work/configmap.json" || return 1
  fi
  printf '%s\n' "$sum" >"$work/published"
}

# Whether two ids are of one cluster, and the first is of a later life: is_later_life ID ID
is_later_life() { [ "$(uid_of "$1")" = "$(uid_of "$2")" ] && [ "$(life_of "$1")" -gt "$(life_of "$2")" ]; }

# A cluster that was restored or reset has old passwords of its nodes, and would reject nodes whose disk was replaced since.
# With all passwords deleted, it accepts the ones that nodes have. Then notes the life in the cluster, for the other servers:
# tell_life LIFE
tell_life() {
  edge get secrets --namespace kube-system --output name >"$work/secrets" || return 1
  while read -r secret; do
    case $secret in
      *.node-password.k3s) edge delete "$secret" --namespace kube-system --ignore-not-found >/dev/null || return 1 ;;
    esac
  done <"$work/secrets"
  edge annotate namespace kube-system "edge-constructs.io/life=$1" --overwrite \
    --field-manager edge-constructs-kins >/dev/null
}

# Sets `id` to the id of the cluster that this server serves.
cluster_id() {
  found=$(edge get namespace kube-system --output \
    go-template='{{.metadata.uid}} {{with .metadata.annotations}}{{with index . "edge-constructs.io/life"}}{{.}}{{end}}{{end}}') ||
    return 1
  uid=${found%% *}
  [ -n "$uid" ] || return 1
  life=${found#* }
  own_life=$(first_line life) || return 1
  if [ "${own_life:-0}" -gt "${life:-0}" ]; then
    tell_life "$own_life" || return 1
    life=$own_life
  fi
  id=$uid${life:+.$life}
}

# Whether the server may be in the Service: it answers, and serves the cluster that its data belongs to. Sets `id` and `hash`.
check() {
  edge get --raw /readyz >/dev/null 2>&1 || return 1
  cluster_id || return 1
  mine=$(first_line cluster-id) || return 1
  if [ -n "$mine" ] && [ "$mine" != "$id" ] && ! is_later_life "$id" "$mine"; then
    say "this server serves cluster $id, but its data belongs to cluster $mine: it is kept out of the Service"
    return 1
  fi
  [ -s server/tls/server-ca.crt ] || return 1
  sum=$(sha256sum <server/tls/server-ca.crt) || return 1
  hash=${sum%% *}
}

write_cloud_kubeconfig
told=
while :; do
  # This node before the cloud: after a power cut, the first server must not find that the unit has formed while its own
  # marks are missing. A server without a kubeconfig is not asked yet, because that would slow down its start.
  if ! { [ -s "$own/kubeconfig.yaml" ] && cd "$data" 2>/dev/null && check && write_marks; }; then
    rm -f "$ready"
    pause 0.5 2>/dev/null || pause 1
    continue
  fi
  outcome=0
  # Once the cloud knows, a power cut must not undo the marks on this node any more, so they are flushed before.
  [ "$told" = "$id" ] || { flush && publish_state "$id" "$hash"; } || outcome=$?
  if [ "$outcome" -eq 2 ]; then
    rm -f "$ready"
    pause 30
    continue
  fi
  [ "$outcome" -ne 0 ] || told=$id
  true >"$ready"
  publish_record || say 'what the unit says of upgrades could not be published yet'
  publish_kubeconfigs || say 'the kubeconfigs could not be published yet'
  pause "${CHECK_SECONDS:-20}"
done
