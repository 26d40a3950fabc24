# shellcheck shell=sh disable=SC2034,SC2154
# What is given with the supervisor on standard input, base64-encoded, one a line: `script`, the Secret's value as KKP
# made it, and `ca`, the certificates that the API server is verified with.

script=
ca=

edge_receive() {
  while read -r key value; do
    case $key in
      script) script=$(printf '%s' "$value" | base64 -d 2>/dev/null) || script= ;;
      ca) ca=$(printf '%s' "$value" | base64 -d 2>/dev/null) || ca= ;;
    esac
  done
}

# What the script says about where it fetches from, and with which token.
read_script() {
  api=$(from_script 's|.* \(https://[^/ ]*\)/api/v1/namespaces/cloud-init-settings/secrets/.*|\1|p')
  token=$(from_script "s|.*Authorization: Bearer \([^']*\)'.*|\1|p")
  bootstrap_secret=$(from_script 's|.*/namespaces/cloud-init-settings/secrets/\([^ ]*\).*|\1|p')
}

from_script() { printf '%s\n' "$script" | sed -n "$1" | head -n 1; }
