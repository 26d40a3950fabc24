#!/bin/sh
# Gives a server the tokens of its unit before it starts. They are in the unit's Secret; whichever server comes
# first fills in random ones if it is empty. Tokens in it are never changed, because the server token decrypts the data of
# the edge cluster.
# Retries until it succeeds, can be repeated at any time, and does not need the cloud if the mounted Secret is complete.
set -eu
: "${KINS_LIB:?folder of the unit}" "${UNIT:?name of the unit}"
: "${SECRET:?name of the Secret}" "${NAMESPACE:?namespace of the Secret}"
KINS_ROLE=tokens
scripts=${KINS_SCRIPTS:-/etc/kins/scripts}
umask 077
work=$(mktemp -d)
# shellcheck source=lib/kins/scripts/join.sh
. "$scripts/join.sh"
# shellcheck source=lib/kins/scripts/cloud.sh
. "$scripts/cloud.sh"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
# shellcheck source=lib/shell/random.sh
. "$scripts/random.sh"
trap 'remove_tree "$work"' EXIT
secrets=${KINS_SECRETS:-/etc/kins/secrets}
tokens=${KINS_TOKENS:-/run/kins-tokens}
KEYS='server-token agent-token admin-token'

# Takes the tokens that are mounted in the pod. Fails if one is missing, because the Secret lacked it when the pod started.
take_mounted() {
  for key in $KEYS; do [ -s "$secrets/$key" ] || return 1; done
  for key in $KEYS; do cat "$secrets/$key" >"$tokens/$key" || return 1; done
}

# Prints members of a JSON object, each key with a new token, and keeps the tokens in files, too: write_tokens KEY...
write_tokens() {
  separator=
  for key in "$@"; do
    token=$(random_hex 32) || return 1
    printf '%s%s:%s' "$separator" "$(json "$key")" "$(json "$token")"
    printf '%s' "$token" >"$work/$key" || return 1
    separator=,
  done
}

# Whether the unit has no data yet. If it has, a new server token could not decrypt it.
has_no_data() {
  here=$(first_line "$KINS_LIB/server/k3s/cluster-id") || return 1
  there=$(first_line "${KINS_STATE:-/etc/kins/state}/cluster-id") || return 1
  [ -z "$here$there" ]
}

# Makes all tokens with one request, because the pods of a new unit are waiting for them. The API server rejects the request
# if the Secret has anything in it.
fill_empty() {
  has_no_data || return 1
  {
    printf '[{"op":"test","path":"/data","value":null},{"op":"add","path":"/stringData","value":{'
    # shellcheck disable=SC2086 # a list of keys
    write_tokens $KEYS || return 1
    printf '}}]'
  } >"$work/patch" || return 1
  patch secret "$SECRET" json "$work/patch" 2>/dev/null || return 1
  say "made $KEYS"
  for key in $KEYS; do cat "$work/$key" >"$tokens/$key" || return 1; done
}

# Prints the resource version and the keys that have a value, but no values.
read_keys() {
  # shellcheck disable=SC2016 # a template of Go
  cloud get secret "$SECRET" \
    --output go-template='{{.metadata.resourceVersion}}{{range $key, $value := .data}}{{if $value}} {{$key}}{{end}}{{end}}'
}

# The resource version makes the API server reject the patch if the Secret has changed since: write_patch VERSION KEY...
write_patch() {
  printf '{"metadata":{"resourceVersion":%s},"stringData":{' "$(json "$1")"
  shift
  write_tokens "$@" || return 1
  printf '}}'
}

fill() {
  state=$(read_keys) || return 1
  version=${state%% *}
  missing=
  for key in $KEYS; do
    case " $state " in
      *" $key "*) ;;
      *) missing="$missing $key" ;;
    esac
  done
  [ -n "$missing" ] || return 0
  case $missing in
    *' server-token'*)
      if ! has_no_data; then
        say "unit $UNIT has data that only its server-token can decrypt, and Secret $NAMESPACE/$SECRET has none: put it" \
          "back from your copy of the Secret"
        return 1
      fi
      ;;
  esac
  # shellcheck disable=SC2086 # a list of keys
  write_patch "$version" $missing >"$work/patch" || return 1
  patch secret "$SECRET" merge "$work/patch" || return 1
  say "made$missing"
}

# Takes the tokens from the Secret, where another server may have made them.
take() {
  for key in $KEYS; do
    cloud get secret "$SECRET" --output go-template="{{index .data \"$key\" | base64decode}}" >"$tokens/$key" || return 1
    [ -s "$tokens/$key" ] || return 1
  done
}

if take_mounted; then exit 0; fi
write_cloud_kubeconfig
until fill_empty || { fill && take; }; do
  say "Secret $NAMESPACE/$SECRET could not be filled or read yet; trying again"
  sleep "${RETRY_SECONDS:-5}"
done
say "Secret $NAMESPACE/$SECRET is complete"
