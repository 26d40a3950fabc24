# shellcheck shell=sh
# The record of changes that all nodes of a unit share: a ConfigMap in the edge cluster, so it works without the cloud. By it
# one part of one node is changed at a time, and a release that one node has gone back from is not tried on another. People
# read in it what a change waits for.
#   turn             PART NODE REVISION of what is being changed
#   proven-PART      the revision that has proven itself on some node
#   refused-PART     REVISION NODE WHY, of a release that a node has gone back from
#   waits-PART       NODE WHY, of the node that is next
: "${kind:?part of the unit}" "${NODE_NAME:?name of the node}" "${work:?folder in memory}" "${scripts:?folder of the scripts}"
: "${revision=}" "${why=}"
# shellcheck source=lib/shell/answers.sh
. "$scripts/answers.sh"
# shellcheck source=lib/shell/text.sh
. "$scripts/text.sh"
record=kins-upgrade
# The kubeconfig by which `edge` reaches the edge cluster, set by find_api of the part.
edge_config=

edge() { kubectl --kubeconfig "$edge_config" --request-timeout 10s "$@"; }
edge_record() { edge --namespace kube-system "$@"; }

# What find_api of a part does where no server is on the node: the API is asked as an administrator on this node would do it.
find_api_from_node() {
  edge_config=$work/edge.yaml
  [ -s "$KINS_LIB/access/ca.crt" ] && [ -s "$KINS_LIB/access/token" ] || return 1
  write_kubeconfig "$edge_config" "https://127.0.0.1:$LOCAL_PORT" "$KINS_LIB/access/ca.crt" "$KINS_LIB/access/token"
  edge get --raw /readyz >/dev/null 2>&1
}

# shellcheck disable=SC2016 # a template
print_record() {
  edge_record get configmap "$record" --ignore-not-found --output \
    go-template='{{.metadata.resourceVersion}}{{"\n"}}{{range $key, $value := .data}}{{$key}} {{$value}}{{"\n"}}{{end}}' 2>/dev/null
}
read_record() { answer "$work/record" print_record; }

# Prints a line of the record that was read last: recorded KEY
recorded() { awk -v key="$1" 'NR > 1 && $1 == key { sub(/^[^ ]+ ?/, ""); print; exit }' "$work/record"; }

# Writes to the record that was read last, and fails if somebody else has written since: write_record KEY VALUE...
# An empty value removes the key.
write_record() {
  if [ ! -s "$work/record" ]; then
    edge_record create configmap "$record" >/dev/null 2>&1 || true
    read_record && [ -s "$work/record" ] || return 1
  fi
  entries=
  while [ $# -gt 0 ]; do
    if [ -n "$2" ]; then value=$(json "$2") || return 1; else value=null; fi
    entries="$entries${entries:+,}\"$1\":$value"
    shift 2
  done
  seen=$(json "$(head -n 1 "$work/record")") || return 1
  printf '{"metadata":{"resourceVersion":%s},"data":{%s}}' "$seen" "$entries" >"$work/record.json"
  edge_record patch configmap "$record" --field-manager edge-constructs-kins --type merge --patch-file "$work/record.json" \
    >/dev/null 2>&1
}

# Whether the holder of a turn has gone for good, or is off, and what it was doing is no longer wanted: is_given_up NODE REVISION
is_given_up() {
  [ "$2" != "$revision" ] || return 1
  ready=$(edge get node "$1" --ignore-not-found \
    --output jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null) || return 1
  [ "$ready" != True ]
}

# Takes the turn, or sets `why`.
take_turn() {
  read_record || { why='the edge cluster does not answer' && return 1; }
  last=$(recorded "refused-$kind") && holder=$(recorded turn) || return 1
  case $last in
    "$revision $NODE_NAME "*) ;;
    "$revision "*)
      last=${last#* }
      why="node ${last%% *} went back from this release: ${last#* }. Set back what was changed"
      return 1
      ;;
  esac
  case $holder in
    "$kind $NODE_NAME $revision") return 0 ;;
    '' | "$kind $NODE_NAME "*) ;;
    *)
      its_part=${holder%% *} holder=${holder#* }
      if ! is_given_up "${holder%% *}" "${holder#* }"; then
        why="the $its_part of node ${holder%% *} is being changed; one after the other"
        return 1
      fi
      ;;
  esac
  write_record turn "$kind $NODE_NAME $revision" "waits-$kind" '' || { why='another node was faster' && return 1; }
}

# Tells people what this node waits for.
tell_wait() {
  read_record || return 1
  [ "$(recorded "waits-$kind")" = "$NODE_NAME $1" ] || write_record "waits-$kind" "$NODE_NAME $1"
}

# Tells the others what has become of this part, if given, and that its turn is over. Nothing is written that is there:
# settle_record [KEY VALUE]
settle_record() {
  find_api && read_record || return 1
  key=${1:-}
  if [ -n "$key" ] && [ "$(recorded "$key")" = "$2" ]; then set --; fi
  case $(recorded turn) in "$kind $NODE_NAME "*) set -- "$@" turn '' ;; esac
  case $(recorded "waits-$kind") in "$NODE_NAME "*) set -- "$@" "waits-$kind" '' ;; esac
  if [ "$key" != "refused-$kind" ]; then
    case $(recorded "refused-$kind") in *" $NODE_NAME "*) set -- "$@" "refused-$kind" '' ;; esac
  fi
  [ $# -eq 0 ] || write_record "$@"
}
