# shellcheck shell=sh disable=SC2034,SC2154
# Requests to the API server of the user cluster. TLS is always verified with the given certificates. Tokens are passed to
# curl by standard input, because others can see the arguments of a process.

api_curl() {
  curl --silent --cacert "$run/ca.crt" --connect-timeout 10 --max-time 20 --header @- "$@"
}

# Prints the answer, then its HTTP status on a line of its own (000 if there was no answer): api_get PATH [TOKEN]
api_get() {
  printf 'Authorization: Bearer %s\n' "${2-$token}" | api_curl --write-out '\n%{http_code}\n' "$api$1"
}

status_of() { printf '%s\n' "$1" | tail -n 1; }

# Prints a decoded value of a Secret, whatever the layout of the JSON. jq may not be installed yet: value_of ANSWER KEY
value_of() {
  printf '%s' "$1" | tr -d ' \n' | sed -n "s/.*\"$2\":\"\([A-Za-z0-9+/=]*\)\".*/\1/p" | base64 -d 2>/dev/null
}

secret_path() { printf '/api/v1/namespaces/cloud-init-settings/secrets/%s' "$1"; }

# KKP builds this name in another order than those of the other Secrets (see files.sh).
kubelet_config=kube-system-$EDGE_NAME-kubelet-bootstrap-config

# Prints the state of the node: Ready, NotReady, unregistered, unreachable, or taken (by another device). Uses the kubelet's
# own certificate, because having one proves that this device has joined.
node_state() {
  pem=$root/etc/kubernetes/pki/kubelet-client-current.pem
  [ -s "$pem" ] || {
    echo unregistered
    return
  }
  answer=$(api_curl --cert "$pem" --write-out '\n%{http_code}\n' "$api/api/v1/nodes/$EDGE_NAME" </dev/null)
  case $(status_of "$answer") in
    200) ;;
    401 | 403 | 404)
      echo unregistered
      return
      ;;
    *)
      echo unreachable
      return
      ;;
  esac
  node=$(printf '%s' "$answer" | tr -d ' \n')
  # A node that was created before its device joined has no machine ID yet.
  case $(printf '%s' "$node" | sed -n 's/.*"machineID":"\([^"]*\)".*/\1/p') in
    '')
      echo unregistered
      return
      ;;
    "$(first_line "$root/etc/machine-id")") ;;
    *)
      echo taken
      return
      ;;
  esac
  case $(printf '%s' "$node" | sed -n 's/.*{\([^{}]*"type":"Ready"[^{}]*\)}.*/\1/p') in
    *'"status":"True"'*) echo Ready ;;
    *) echo NotReady ;;
  esac
}
