# shellcheck shell=sh
# Functions that talk to the API server of the cloud cluster, with the account of the pod.
: "${NAMESPACE:?namespace of the unit}" "${work:?folder for files that nobody else may read}"
: "${KUBERNETES_SERVICE_HOST:?address of the cloud}" "${KUBERNETES_SERVICE_PORT:?port of the cloud}"
: "${scripts:?folder of the scripts}"
# shellcheck source=lib/kins/scripts/kubeconfig.sh
. "$scripts/kubeconfig.sh"

# kubectl finds the API server by itself only when run without options, but a dead link would block it without a timeout.
write_cloud_kubeconfig() {
  account=${SERVICE_ACCOUNT:-/var/run/secrets/kubernetes.io/serviceaccount}
  case $KUBERNETES_SERVICE_HOST in
    *:*) host="[$KUBERNETES_SERVICE_HOST]" ;;
    *) host=$KUBERNETES_SERVICE_HOST ;;
  esac
  write_kubeconfig "$work/cloud.yaml" "https://$host:$KUBERNETES_SERVICE_PORT" "$account/ca.crt" "$account/token"
}

cloud() { kubectl --kubeconfig "$work/cloud.yaml" --namespace "$NAMESPACE" --request-timeout 10s "$@"; }

# With a field manager of its own, because Flux takes over, and then removes, fields whose manager is named kubectl...:
# patch KIND NAME TYPE FILE
patch() { cloud patch "$1" "$2" --field-manager edge-constructs-kins --type "$3" --patch-file "$4" >/dev/null; }
