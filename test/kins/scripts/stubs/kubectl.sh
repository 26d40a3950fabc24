#!/bin/sh
# An API server of files. The cloud's objects are the folders $WORLD/cloud/<kind>-<name>, a file for each key of data.
set -eu
echo "kubectl $*" | tr '\n' ' ' | sed 's/ *$/\n/' >>"$WORLD/log"
server=cloud config='' verb='' kind='' name='' file='' raw='' patch='' manager=kubectl annotation=''
limit='' namespace='' type='' output='' url=''
while [ $# -gt 0 ]; do
  case $1 in
    --kubeconfig)
      case ${2##*/} in
        kubeconfig.yaml | admin.yaml | edge.yaml) server=edge ;;
        kubelet.kubeconfig) server=edge-of-kubelet ;;
        k3scontroller.kubeconfig) server=edge-of-peers ;;
      esac
      config=$2
      shift
      ;;
    --field-manager) manager=$2 && shift ;;
    --request-timeout) limit=$2 && shift ;;
    --namespace) namespace=$2 && shift ;;
    --type) type=$2 && shift ;;
    --output) output=$2 && shift ;;
    --server) url=$2 && shift ;;
    --patch-file | --filename) file=$2 && shift ;;
    --patch) patch=$2 && shift ;;
    --local) server=none ;;
    --raw)
      raw=${2%%\?*}
      case $2 in *'?fieldManager='*) manager=${2#*=} ;; esac
      shift
      ;;
    *=*) annotation=$1 ;;
    --*) ;;
    *) if [ -z "$verb" ]; then verb=$1; elif [ -z "$kind" ]; then kind=$1; else name=$1; fi ;;
  esac
  shift
done

# A dead link must hold nothing up, and what has a namespace is asked for there.
refuse() {
  echo "$*" | tee -a "$WORLD/refused" >&2
  exit 1
}
case "$server $limit" in
  none*) ;;
  *' '[1-9]*s) ;;
  *) refuse "kubectl asks without a time limit" ;;
esac
case "$server $kind $namespace" in
  'cloud '*' ' | 'edge secret'*' ') refuse "kubectl asks in no namespace" ;;
esac

# How long a server that does not answer is waited for.
if [ -e "$WORLD/$server-is-down" ]; then
  if [ -s "$WORLD/$server-is-down" ]; then elapse "$(cat "$WORLD/$server-is-down")"; fi
  if [ -e "$WORLD/$server-is-down-with" ]; then
    cat "$WORLD/$server-is-down-with" >&2
  else
    echo 'The connection to the server was refused' >&2
  fi
  exit 1
fi

# What a manager with such a name has written is removed by Flux.
case "$server $verb $manager" in
  none*) ;;
  *' patch kubectl'* | *' annotate kubectl'* | *' replace kubectl'*)
    refuse "kubectl $verb writes as $manager"
    ;;
esac

# The record of changes: the folder $WORLD/record, a file for each key of data, once somebody has made it.
print_record() {
  [ -d "$WORLD/record" ] || return 0
  cat "$WORLD/record/.version"
  for key in "$WORLD/record"/*; do
    [ ! -f "$key" ] || printf '%s %s\n' "${key##*/}" "$(cat "$key")"
  done
}
# shellcheck disable=SC1091 # written by the test
patch_record() {
  if [ -f "$WORLD/before-record" ]; then . "$WORLD/before-record"; fi
  [ "$type" = merge ] || refuse "kubectl patches the record as '$type'"
  wanted=$(sed -n 's/.*"resourceVersion":"\([^"]*\)".*/\1/p' "$file")
  seen=$(cat "$WORLD/record/.version")
  [ "$wanted" = "$seen" ] || exit 1
  # Values may have all sorts of signs in them.
  sed 's/.*"data"://' "$file" | awk '{
    while (match($0, /"[a-z-]+":("([^"\\]|\\.)*"|null)/)) {
      pair = substr($0, RSTART, RLENGTH); $0 = substr($0, RSTART + RLENGTH)
      key = substr(pair, 2, index(pair, "\":") - 2); value = substr(pair, index(pair, "\":") + 2)
      if (value != "null") value = substr(value, 2, length(value) - 2)
      gsub(/\\"/, "\"", value)
      print key, value
    }
  }' >"$WORLD/record/.patch"
  while read -r key value; do
    if [ "$value" = null ]; then rm -f "$WORLD/record/$key"; else echo "$value" >"$WORLD/record/$key"; fi
  done <"$WORLD/record/.patch"
  echo $((seen + 1)) >"$WORLD/record/.version"
}

# Of a node's status only its address matters here.
case "$server $verb $raw" in
  'none patch ')
    address=$(echo "$patch" | sed -n 's/.*"address": "\([^"]*\)".*/\1/p')
    sed "s/\"address\": \"[^\"]*\"/\"address\": \"$address\"/" "$file"
    exit 0
    ;;
  'edge-of-peers get ')
    case $output in
      *ExternalIP*) cat "$WORLD/neighbours" ;;
      *) cat "$WORLD/nodes" ;;
    esac
    exit 0
    ;;
  'edge-of-kubelet get ')
    cat "$WORLD/node.json"
    exit 0
    ;;
  'edge-of-kubelet replace '*)
    cat "$file" >"$WORLD/node.json"
    exit 0
    ;;
esac

if [ "$server" = edge ]; then
  # Only one of several servers is up.
  if [ -f "$WORLD/edge-answers-at" ] && ! grep -qxF "    server: \"$(cat "$WORLD/edge-answers-at")\"" "$config"; then
    echo 'The connection to the server was refused' >&2
    exit 1
  fi
  # A server may be asked by its own address.
  at=${url#https://}
  at=${at%:*}
  case "$raw$verb $kind" in
    '/readyzget ')
      [ ! -e "$WORLD/edge-has-no-majority" ] && [ ! -e "$WORLD/unready-$at" ] || exit 1
      echo ok
      ;;
    '/pingget ') echo pong ;;
    '/versionget ') cat "$WORLD/version-$at" ;;
    'get endpointslices') cat "$WORLD/servers" ;;
    'get configmap' | 'create configmap' | 'patch configmap')
      [ "$namespace $name" = 'kube-system kins-upgrade' ] || refuse "kubectl asks for $name in $namespace"
      case $verb in
        get) print_record ;;
        create) mkdir "$WORLD/record" && echo 1 >"$WORLD/record/.version" ;;
        patch) patch_record ;;
      esac
      ;;
    # Its UID and its life, which is an annotation.
    'get namespace') echo "$(cat "$WORLD/edge-id") $(cat "$WORLD/edge-life" 2>/dev/null || true)" ;;
    'annotate namespace')
      [ "$name" = kube-system ] || exit 1
      echo "${annotation#edge-constructs.io/life=}" >"$WORLD/edge-life"
      ;;
    'get secrets')
      # A table for people otherwise.
      [ "$output" = name ] || refuse "kubectl lists Secrets as '$output'"
      cat "$WORLD/edge-secrets"
      ;;
    delete\ secret/*) sed -i "\\#^$kind\$#d" "$WORLD/edge-secrets" ;;
    'get node')
      case $output in
        *Ready*) cat "$WORLD/ready-$name" 2>/dev/null || true ;;
        *) cat "$WORLD/membership" 2>/dev/null || true ;;
      esac
      ;;
    # K3s notes whom it has removed; not at once, and not each time.
    'annotate node') if [ -f "$WORLD/removal" ]; then mv "$WORLD/removal" "$WORLD/membership"; fi ;;
    'delete secret') ;;
    *) exit 1 ;;
  esac
  exit 0
fi

object=$WORLD/cloud/$kind-$name
version=$(cat "$object/.version")
if [ "$verb" = get ]; then
  case $kind in
    configmap) printf '%s %s' "$version" "$(cat "$object/cluster-id" 2>/dev/null || true)" ;;
    secret)
      # One value, decoded, or what there is.
      key=$(echo "$output" | sed -n 's/.*{{index \.data "\([^"]*\)" | base64decode}}$/\1/p')
      if [ -n "$key" ]; then
        cat "$object/$key"
        exit
      fi
      printf '%s' "$version"
      for key in "$object"/*; do
        if [ -s "$key" ]; then printf ' %s' "${key##*/}"; fi
      done
      ;;
  esac
  exit 0
fi

# shellcheck disable=SC1091 # written by the test
if [ -f "$WORLD/before-patch" ]; then . "$WORLD/before-patch"; fi
version=$(cat "$object/.version")
wanted=$(sed -n 's/.*"resourceVersion":"\([^"]*\)".*/\1/p' "$file")
if [ -n "$wanted" ] && [ "$wanted" != "$version" ]; then
  echo 'Error from server (Conflict): the object has been modified' >&2
  exit 1
fi
# The API server takes each for what it is said to be.
case "$type $(head -c 1 "$file")" in
  'json [' | 'merge {') ;;
  *) refuse "kubectl patches with something that is no patch of type '$type'" ;;
esac
# A JSON patch that tests first whether there is any data; no other is asked for.
if grep -q '^\[' "$file"; then
  for key in "$object"/*; do
    if [ -e "$key" ]; then
      echo 'The request is invalid: the server rejected our request due to an error in our request' >&2
      exit 1
    fi
  done
  tr '{},' '\n' <"$file" | sed -n 's/^"\([a-z]*-token\)":"\([^"]*\)"$/\1 \2/p' | while read -r key value; do
    printf '%s' "$value" >"$object/$key"
  done
elif grep -q '^{' "$file"; then
  # All at once, as the API server does it: the version is written last, and tests look at whole objects only.
  tr '{},' '\n' <"$file" | sed -n 's/^"\([-.a-z]*\)":"\([^"]*\)"$/\1 \2/p' | while read -r key value; do
    if [ "$key" != resourceVersion ]; then printf '%s' "$value" >"$object/$key"; fi
  done
else
  cat "$file" >"$object/patch.yaml"
fi
cat "$file" >"$WORLD/patch-$kind-$((version + 1))"
echo $((version + 1)) >"$object/.version"
