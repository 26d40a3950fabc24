# shellcheck shell=sh disable=SC2034,SC2154
# Questions to the API server of the user cluster. TLS is always verified with the given certificates, and what
# authorizes a request goes to curl by standard input, never by an argument that others can see.

api_curl() {
  curl --silent --cacert "$run/ca.crt" --connect-timeout 10 --max-time 20 --header @- "$@"
}

# api_get PATH [TOKEN]: the answer, then its HTTP status on a line of its own (000: none).
api_get() {
  printf 'Authorization: Bearer %s\n' "${2-$token}" | api_curl --write-out '\n%{http_code}\n' "$api$1"
}

status_of() { printf '%s\n' "$1" | tail -n 1; }

# value_of ANSWER KEY: one decoded value of a Secret, in whatever layout the server writes it. jq may not be there yet.
value_of() {
  printf '%s' "$1" | tr -d ' \n' | sed -n "s/.*\"$2\":\"\([A-Za-z0-9+/=]*\)\".*/\1/p" | base64 -d 2>/dev/null
}

secret_path() { printf '/api/v1/namespaces/cloud-init-settings/secrets/%s' "$1"; }

# The other way round than its siblings.
kubelet_config=kube-system-$EDGE_NAME-kubelet-bootstrap-config

# Asks as the kubelet, whose certificate is the proof that this device has joined. Prints one of: Ready, NotReady,
# unregistered, unreachable, taken.
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
  # A node that was made before its device has no machine yet.
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
