# shellcheck shell=sh disable=SC2034,SC2154
# Reads what the caller passes on standard input, base64-encoded, one per line: `script`, the value of KKP's script Secret,
# and `ca`, the certificates that verify the API server.

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

# Extracts the address of the API server, the token, and the name of the first Secret from the script.
read_script() {
  api=$(from_script 's|.* \(https://[^/ ]*\)/api/v1/namespaces/cloud-init-settings/secrets/.*|\1|p')
  token=$(from_script "s|.*Authorization: Bearer \([^']*\)'.*|\1|p")
  bootstrap_secret=$(from_script 's|.*/namespaces/cloud-init-settings/secrets/\([^ ]*\).*|\1|p')
}

from_script() { printf '%s\n' "$script" | sed -n "$1" | head -n 1; }
