# shellcheck shell=sh
# How the API server of a cluster is reached.
: "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/text.sh
. "$scripts/text.sh"

# A kubeconfig without a credential in it: write_kubeconfig TARGET URL CA_FILE TOKEN_FILE
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
