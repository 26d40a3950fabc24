# shellcheck shell=sh
# Functions that write a text so that who reads the file finds that very text, whatever is in it. They take it from their
# input, so that a secret is in no argument.

# As a string of JSON, which is one of YAML and TOML too. The end of the last line is left out.
quoted() {
  escaped=$(sed -e ':more' -e '$!{' -e 'N' -e 'b more' -e '}' -e 's/[\\"]/\\&/g' -e 's/\t/\\t/g' -e 's/\n/\\n/g') || return 1
  printf '"%s"' "$escaped"
}

# As a column of CSV.
csv_column() {
  doubled=$(sed -e 's/"/""/g') || return 1
  printf '"'
  printf '%s' "$doubled" | tr -d '\n'
  printf '"'
}

# A line of YAML: setting NAME VALUE
setting() { printf '%s: %s\n' "$1" "$(printf '%s' "$2" | quoted)"; }

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
