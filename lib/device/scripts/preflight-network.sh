# shellcheck shell=sh disable=SC2034,SC2154
# Whether the device reaches what provisioning needs, and whether the Secrets are what KKP makes.

check_network() {
  command -v curl >/dev/null && [ -w "$run" ] || return 0
  # A dead host takes its whole time limit, so all are asked at once.
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
  # One of apt's own sources stands for all: they are what the device already works with.
  cat "$root/etc/apt/sources.list" "$root"/etc/apt/sources.list.d/*.list 2>/dev/null |
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
    *) echo "curl ends with code $1" ;;
  esac
}

# A clock that is off makes every certificate look wrong, so it is told first.
check_api() {
  code=0
  printf '' | api_curl --dump-header "$run/headers" --output /dev/null "$api/version" || code=$?
  if [ "$code" = 60 ]; then
    curl --silent --insecure --max-time 20 --dump-header "$run/headers" --output /dev/null "$api/version" </dev/null || :
  fi
  check_clock
  case $code in
    0) check_secrets ;;
    60) finding "$api shows a certificate that the given CA has not signed, or that is not valid now" \
      "the API server of $EDGE_NAME's cluster" 'Look at the clock, at the given CA, and for somebody in between.' ;;
    *) finding "$api: $(curl_cause "$code")" 'the API server of the user cluster' \
      'Open TCP from the device: 6443 with expose strategy Tunneling, otherwise 30000 to 32767; check DNS.' ;;
  esac
}

check_clock() {
  server_date=$(sed -n 's/^[Dd]ate: *\(.*[^[:space:]]\)[[:space:]]*$/\1/p' "$run/headers" 2>/dev/null | tail -n 1)
  [ -n "$server_date" ] || return 0
  server_time=$(to_seconds "$server_date")
  [ -n "$server_time" ] || return 0
  off=$(($(date -u +%s) - server_time))
  [ "${off#-}" -le "$EDGE_MAX_CLOCK_SKEW" ] || finding "the clock is ${off#-} s $([ "$off" -gt 0 ] && echo ahead || echo behind)" \
    "at most $EDGE_MAX_CLOCK_SKEW s off the API server's" 'Set it: timedatectl set-ntp true, or give it a time server.'
}

# `Sat, 21 Nov 2026 11:59:36 GMT`: GNU date reads that; busybox wants to be told how.
to_seconds() { date -u -d "$1" +%s 2>/dev/null || date -u -D '%a, %d %b %Y %T GMT' -d "$1" +%s 2>/dev/null; }

check_secrets() {
  for check in "$bootstrap_config:cloud-config" "$provisioning_config:cloud-config" "$kubelet_config:kubeconfig"; do
    secret=${check%:*}
    answer=$(api_get "$(secret_path "$secret")")
    status=$(status_of "$answer")
    if [ "$status" != 200 ]; then
      secret_finding "$secret" "$status"
      # The same token reads all of them.
      [ "$status" = 404 ] || return 0
      continue
    fi
    content=$(value_of "$answer" "${check#*:}")
    [ -n "$content" ] || secret_finding "$secret" empty
    [ "$secret" != "$kubelet_config" ] || [ -z "$content" ] || check_join_token "$content"
  done
}

secret_finding() {
  case $2 in
    401) finding "HTTP 401 for Secret $1" 'a script whose token is valid' \
      'The token has been rotated: delete the script Secret, wait until KKP has made it again, and give that one.' ;;
    403) finding "HTTP 403 for Secret $1" 'a token that may read it' \
      'Look at Role and RoleBinding cloud-init-getter in namespace cloud-init-settings.' ;;
    404) finding "Secret $1 does not exist" 'all Secrets of the machine' \
      "KKP is not done, or stuck on a left-over script Secret: if it stays away, delete Secret edge-provider-script-$EDGE_NAME-kube-system." ;;
    *) finding "HTTP $2 for Secret $1" 'an answer of the API server' 'Look at the user cluster.' ;;
  esac
}

check_join_token() {
  join_token=$(printf '%s\n' "$1" | sed -n 's/^ *token: *"\{0,1\}\([^" ]*\)"\{0,1\} *$/\1/p' | head -n 1)
  status=$(bearer=$join_token && status_of "$(api_get /api)")
  [ "$status" != 401 ] || finding "the token in Secret $kubelet_config has expired" 'a token to join with; it lives one hour' \
    "Change a label (not an annotation) of MachineDeployment $EDGE_NAME: KKP then renews it."
}
