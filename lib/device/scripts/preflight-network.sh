# shellcheck shell=sh disable=SC2034,SC2154
# Checks whether the device reaches what provisioning needs, and whether the Secrets are as KKP makes them.

check_network() {
  command -v curl >/dev/null && [ -w "$run" ] || return 0
  # All at once, because each unreachable host takes its whole time limit.
  count=0
  for url in $(package_urls); do
    count=$((count + 1))
    (
      bounded 20 curl --silent --location --output /dev/null --connect-timeout 8 --max-time 15 "$url"
      echo "$? $url" >"$run/reach.$count"
    ) 9>&- &
  done
  [ -z "$api" ] || [ ! -s "$run/ca.crt" ] || check_api
  wait
  for file in "$run"/reach.*; do
    [ -r "$file" ] || continue
    read -r code url <"$file"
    [ "$code" = 0 ] || finding "$url: $(curl_cause "$code")" 'the hosts that packages come from' "$(network_remedy)"
  done
}

package_urls() {
  # Only one of apt's own sources, as a sample: the device presumably works with them already.
  sources=$(cat "$root/etc/apt/sources.list" "$root"/etc/apt/sources.list.d/*.list 2>/dev/null) || :
  printf '%s\n' "$sources" |
    sed -n 's|^deb \(\[[^]]*\] *\)\{0,1\}\(https\{0,1\}://[^ ]*\).*|\2|p' | head -n 1
  printf '%s\n' "$EDGE_PACKAGE_URLS"
}

network_remedy() {
  if [ -n "$EDGE_PROXY" ]; then echo "Let the device, or the proxy $EDGE_PROXY, reach it."
  else echo 'Let the device reach it, or give the proxy to use.'; fi
}

curl_cause() {
  case $1 in
    5) echo 'the name of the proxy cannot be resolved' ;;
    6) echo 'the name cannot be resolved' ;;
    7) echo 'the connection is refused' ;;
    28 | 124) echo 'no answer in time' ;;
    35) echo 'no TLS connection' ;;
    60) echo 'the certificate is not trusted' ;;
    *) echo "curl exited with code $1" ;;
  esac
}

# The clock is checked first, because a wrong one makes certificates look invalid.
check_api() {
  code=0
  printf '' | api_curl --dump-header "$run/headers" --output /dev/null "$api/version" || code=$?
  if [ "$code" = 60 ]; then
    curl --silent --insecure --max-time 20 --dump-header "$run/headers" --output /dev/null "$api/version" </dev/null || :
  fi
  check_clock
  case $code in
    0) check_secrets ;;
    60) finding "$api presents a certificate that the given CA has not signed, or that is not valid now" \
      "the API server of $EDGE_NAME's cluster" 'Check the clock, the given CA, and whether something intercepts the connection.' ;;
    77) finding 'the given CA is not a certificate that curl can read' "the CA of the user cluster's API server" \
      "Give certificate-authority-data of the cluster's kubeconfig on a line: ca BASE64." ;;
    *) finding "$api: $(curl_cause "$code")" 'the API server of the user cluster' \
      'Open TCP from the device: 6443 with expose strategy Tunneling, otherwise 30000 to 32767; check DNS.' ;;
  esac
}

check_clock() {
  # The last of several headers: those before it may be from a proxy.
  server_date=$(sed -n 's/^[Dd]ate: *\(.*[^[:space:]]\)[[:space:]]*$/\1/p' "$run/headers" 2>/dev/null) || server_date=
  server_date=$(printf '%s\n' "$server_date" | tail -n 1)
  [ -n "$server_date" ] || return 0
  server_time=$(to_seconds "$server_date")
  [ -n "$server_time" ] || return 0
  off=$(($(date -u +%s) - server_time))
  [ "${off#-}" -le "$EDGE_MAX_CLOCK_SKEW" ] || finding "the clock is ${off#-} s $([ "$off" -gt 0 ] && echo ahead || echo behind)" \
    "at most $EDGE_MAX_CLOCK_SKEW s off the API server's" 'Set it: timedatectl set-ntp true, or give it a time server.'
}

# Converts a date such as `Sat, 21 Nov 2026 11:59:36 GMT`, which GNU date recognizes; busybox needs its format.
to_seconds() { date -u -d "$1" +%s 2>/dev/null || date -u -D '%a, %d %b %Y %T GMT' -d "$1" +%s 2>/dev/null; }

check_secrets() {
  for check in "$bootstrap_config:cloud-config" "$provisioning_config:cloud-config" "$kubelet_config:kubeconfig"; do
    secret=${check%:*}
    key=${check#*:}
    answer=$(api_get "$(secret_path "$secret")")
    status=$(status_of "$answer")
    if [ "$status" != 200 ]; then
      secret_finding "$secret" "$status"
      # Otherwise the other Secrets would fail alike, because the token is the same.
      [ "$status" = 404 ] || return 0
      continue
    fi
    content=$(value_of "$answer" "$key")
    if [ -z "$content" ]; then
      finding "Secret $secret has no $key" 'what KKP puts there' "$(remake_remedy)"
      continue
    fi
    case $key in
      cloud-config) check_cloud_config "$secret" "$content" ;;
      kubeconfig) check_join_token "$content" ;;
    esac
  done
}

secret_finding() {
  case $2 in
    401) finding "HTTP 401 for Secret $1" 'a script whose token is valid' \
      "The token has been rotated. $(remake_remedy)" ;;
    403) finding "HTTP 403 for Secret $1" 'a token that may read it' \
      'Look at Role and RoleBinding cloud-init-getter in namespace cloud-init-settings.' ;;
    404) finding "Secret $1 does not exist" 'all Secrets of the machine' \
      "KKP is not finished, or is stuck on a leftover script Secret: if it does not appear, delete Secret edge-provider-script-$EDGE_NAME-kube-system and change a label of MachineDeployment $EDGE_NAME." ;;
    *) finding "HTTP $2 for Secret $1" 'an answer of the API server' 'Look at the user cluster.' ;;
  esac
}

# KKP makes these Secrets once, one from another, and never updates them, so all have to be deleted; the script's last,
# because KKP gets stuck if that is there without the others.
remake_remedy() {
  echo "Delete, in this order, OperatingSystemConfig $EDGE_NAME-kube-system-config in kube-system, and in" \
    "cloud-init-settings the Secrets $bootstrap_config, $provisioning_config and" \
    "edge-provider-script-$EDGE_NAME-kube-system; change a label of MachineDeployment $EDGE_NAME, and give the new script."
}

# The services that a cloud-config installs use the token inside it, and would keep trying forever with an old one.
check_cloud_config() {
  case $2 in
    '#cloud-config'*) ;;
    *)
      finding "Secret $1 holds no cloud-config" 'what KKP puts there' "$(remake_remedy)"
      return
      ;;
  esac
  for inside in $(tokens_in "$2"); do
    [ "$inside" = "$token" ] || {
      finding "the token inside Secret $1 differs from the script's" 'one token in all Secrets of the machine' \
        "The token has been rotated since KKP made that Secret. $(remake_remedy)"
      return
    }
  done
}

# Prints the tokens in a cloud-config and in its files, which are base64-encoded, each on one line: tokens_in CLOUD_CONFIG
tokens_in() {
  printf '%s\n' "$1" | sed -n 's|^ *\([A-Za-z0-9+/]\{16,\}=\{0,2\}\)$|\1|p' | while read -r line; do
    printf '%s' "$line" | base64 -d 2>/dev/null || :
    echo
  done | tokens_of
  printf '%s\n' "$1" | tokens_of
}

tokens_of() { sed -n "s/.*Authorization: Bearer \([^ '\"]*\).*/\1/p"; }

check_join_token() {
  join_token=$(printf '%s\n' "$1" | sed -n 's/^ *token: *"\{0,1\}\([^" ]*\)"\{0,1\} *$/\1/p' | head -n 1)
  if [ -z "$join_token" ]; then
    finding "no token in Secret $kubelet_config" 'a join token' "$(renewal_remedy)"
    return
  fi
  status=$(status_of "$(api_get /api "$join_token")")
  case $status in
    # 403: the token is valid, even if it may not do this.
    200 | 403) ;;
    401) finding "the token in Secret $kubelet_config has expired" 'a join token; it is valid for one hour' "$(renewal_remedy)" ;;
    *) finding "HTTP $status for the token in Secret $kubelet_config" 'an answer of the API server' 'Look at the user cluster.' ;;
  esac
}

renewal_remedy() { echo "Change a label (not an annotation) of MachineDeployment $EDGE_NAME: KKP then renews it."; }
