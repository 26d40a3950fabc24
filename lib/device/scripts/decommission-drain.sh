# shellcheck shell=sh disable=SC2034,SC2154
# Drains the node with the kubelet's own rights, which suffice to cordon it and to evict its pods, so no administrator of the
# cluster is needed. If the cluster can't be reached any more, decommissioning continues without draining.

kubectl_as_kubelet() {
  bounded 30 "$root/opt/bin/kubectl" --kubeconfig "$root/var/lib/kubelet/kubeconfig" --request-timeout 20s "$@"
}

# Writes a line `namespace name` to $run/evict for each pod to evict. Not for those of DaemonSets, which would come back,
# nor for static pods, which end with the kubelet.
find_pods() {
  answer "$run/pods" kubectl_as_kubelet get pods --all-namespaces --field-selector "spec.nodeName=$EDGE_NAME" --no-headers \
    --output 'custom-columns=N:.metadata.namespace,P:.metadata.name,K:.metadata.ownerReferences[0].kind,S:.status.phase' \
    2>/dev/null &&
    awk '$3 != "DaemonSet" && $3 != "Node" && $4 != "Succeeded" && $4 != "Failed" { print $1, $2 }' "$run/pods" >"$run/evict"
}

evict() {
  printf '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"namespace":%s,"name":%s}}' \
    "$(json "$1")" "$(json "$2")" >"$run/eviction.json" &&
    kubectl_as_kubelet create --raw "/api/v1/namespaces/$1/pods/$2/eviction" --filename "$run/eviction.json" >/dev/null 2>&1
}

drain_node() {
  [ -x "$root/opt/bin/kubectl" ] && [ -s "$root/var/lib/kubelet/kubeconfig" ] || return 0
  if ! kubectl_as_kubelet cordon "$EDGE_NAME" >/dev/null 2>&1; then
    say 'the cluster cannot be asked to move the pods away: they stop with the device'
    return 0
  fi
  drain_end=$(seconds_from_now "$EDGE_DRAIN_SECONDS")
  while :; do
    answer=lost
    ! find_pods || answer=given
    if [ "$answer" = given ] && [ ! -s "$run/evict" ]; then
      say "no pods are left on node $EDGE_NAME except those of DaemonSets"
      return 0
    fi
    if is_past "$drain_end"; then
      case $answer in
        given)
          left=$(tr ' \n' '/ ' <"$run/evict")
          say "not moved within $EDGE_DRAIN_SECONDS s: ${left% }"
          ;;
        lost) say 'the cluster no longer says which pods are left: they stop with the device' ;;
      esac
      return 0
    fi
    # The API server rejects evictions that would violate a disruption budget; they are tried again.
    if [ "$answer" = given ]; then
      while read -r namespace pod; do evict "$namespace" "$pod" || :; done <"$run/evict"
    fi
    sleep 2
  done
}
