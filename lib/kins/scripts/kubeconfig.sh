# shellcheck shell=sh
# Functions that write kubeconfigs.
: "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/text.sh
. "$scripts/text.sh"

# Refers to the files of the CA and the token, so has no secret in it: write_kubeconfig TARGET URL CA_FILE TOKEN_FILE
write_kubeconfig() {
  {
    printf '%s\n' 'apiVersion: v1' 'kind: Config' 'clusters:' '- name: default' '  cluster:'
    setting '    server' "$2"
    setting '    certificate-authority' "$3"
    printf '%s\n' 'contexts:' '- name: default' '  context: {cluster: default, user: default}' 'current-context: default' \
      'users:' '- name: default' '  user:'
    setting '    tokenFile' "$4"
  } >"$1"
}

# Prints the content of a file as base64, on one line: base64_of FILE
base64_of() {
  encoded=$(base64 <"$1") || return 1
  printf '%s' "$encoded" | tr -d '\n'
}

# Contains the CA and the token themselves: write_whole_kubeconfig TARGET URL CA_FILE TOKEN_FILE [PROXY]
write_whole_kubeconfig() {
  ca=$(base64_of "$3") && credential=$(quoted <"$4") || return 1
  {
    printf '%s\n' 'apiVersion: v1' 'kind: Config' 'clusters:' '- name: default' '  cluster:'
    setting '    server' "$2"
    [ -z "${5-}" ] || setting '    proxy-url' "$5"
    setting '    certificate-authority-data' "$ca"
    printf '%s\n' 'contexts:' '- name: default' '  context:' '    cluster: default' '    namespace: default' \
      '    user: default' 'current-context: default' 'users:' '- name: default' '  user:' "    token: $credential"
  } >"$1"
}
