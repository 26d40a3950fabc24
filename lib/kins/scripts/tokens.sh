#!/bin/sh
# Fills the Secret of a unit with random tokens. What is there already is never touched: the server token decrypts the
# data of the edge cluster. Runs until it has succeeded, as often as you like.
set -eu
: "${SECRET:?name of the Secret}" "${NAMESPACE:?namespace of the Secret}"
scripts=${KINS_SCRIPTS:-/etc/kins/scripts}
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=lib/kins/scripts/text.sh
. "$scripts/text.sh"
# shellcheck source=lib/kins/scripts/cloud.sh
. "$scripts/cloud.sh"

say() { echo "tokens: $*" >&2; }

random_token() { bytes=$(od -An -v -tx1 -N 32 /dev/urandom) && echo "$bytes" | tr -d ' \n'; }

# The members of a JSON object: each key with a new token. Better none than a short one.
write_tokens() {
  separator=
  for key in "$@"; do
    token=$(random_token)
    [ "${#token}" -eq 64 ] || return 1
    printf '%s"%s":"%s"' "$separator" "$key" "$token"
    separator=,
  done
}

# Pods wait for the tokens of a new unit, so one request makes them all. The API server takes it back when the Secret has
# anything in it.
fill_empty() {
  {
    printf '[{"op":"test","path":"/data","value":null},{"op":"add","path":"/stringData","value":{'
    write_tokens server-token agent-token admin-token || return 1
    printf '}}]'
  } >"$work/patch" || return 1
  patch secret "$SECRET" json "$work/patch" 2>/dev/null || return 1
  say 'made server-token agent-token admin-token'
}

# Prints the resource version and the names of the keys that have a value; never a value.
read_keys() {
  # shellcheck disable=SC2016 # a template of Go
  cloud get secret "$SECRET" \
    --output go-template='{{.metadata.resourceVersion}}{{range $key, $value := .data}}{{if $value}} {{$key}}{{end}}{{end}}'
}

# The resource version makes the API server refuse the patch when somebody else was faster.
write_patch() {
  printf '{"metadata":{"resourceVersion":"%s"},"stringData":{' "$1"
  shift
  write_tokens "$@" || return 1
  printf '}}'
}

fill() {
  state=$(read_keys) || return 1
  version=${state%% *}
  missing=
  for key in server-token agent-token admin-token; do
    case " $state " in
      *" $key "*) ;;
      *) missing="$missing $key" ;;
    esac
  done
  [ -n "$missing" ] || return 0
  # shellcheck disable=SC2086 # a list of keys
  write_patch "$version" $missing >"$work/patch" || return 1
  patch secret "$SECRET" merge "$work/patch" || return 1
  say "made$missing"
}

write_cloud_kubeconfig
until fill_empty || fill; do
  say "Secret $NAMESPACE/$SECRET could not be filled yet; trying again"
  sleep "${RETRY_SECONDS:-5}"
done
say "Secret $NAMESPACE/$SECRET is complete"
