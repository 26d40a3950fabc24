# shellcheck shell=sh
# Functions that talk to the API server of the cloud cluster, with the account of the pod.
: "${NAMESPACE:?namespace of the unit}" "${work:?folder for files that nobody else may read}"
: "${KUBERNETES_SERVICE_HOST:?address of the cloud}" "${KUBERNETES_SERVICE_PORT:?port of the cloud}"
: "${scripts:?folder of the scripts}"
# shellcheck source=lib/kins/scripts/kubeconfig.sh
. "$scripts/kubeconfig.sh"

# kubectl finds the cloud by itself only as long as no option is given, and without a timeout a dead link holds it up.
write_cloud_kubeconfig() {
  account=${SERVICE_ACCOUNT:-/var/run/secrets/kubernetes.io/serviceaccount}
  case $KUBERNETES_SERVICE_HOST in
    *:*) host="[$KUBERNETES_SERVICE_HOST]" ;;
    *) host=$KUBERNETES_SERVICE_HOST ;;
  esac
  write_kubeconfig "$work/cloud.yaml" "https://$host:$KUBERNETES_SERVICE_PORT" "$account/ca.crt" "$account/token"
}

cloud() { kubectl --kubeconfig "$work/cloud.yaml" --namespace "$NAMESPACE" --request-timeout 10s "$@"; }

# Under a name of its own: Flux takes over what a manager named kubectl... has written, and removes it at its next round.
# patch KIND NAME TYPE FILE
patch() { cloud patch "$1" "$2" --field-manager edge-constructs-kins --type "$3" --patch-file "$4" >/dev/null; }
