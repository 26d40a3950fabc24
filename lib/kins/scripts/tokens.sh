#!/bin/sh
# Gives a server the tokens of its unit before it starts. They are in the Secret of the unit, which gets random ones when it
# has none, from whichever server is first. What is there already is never touched: the server token decrypts the data of
# the edge cluster. Runs until it has succeeded, as often as you like; the cloud is asked for nothing that the pod has.
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

# What the kubelet has brought: nothing, where the Secret had none of it when the pod came.
take_mounted() {
  for key in $KEYS; do [ -s "$secrets/$key" ] || return 1; done
  for key in $KEYS; do cat "$secrets/$key" >"$tokens/$key" || return 1; done
}

# The members of a JSON object: each key with a new token, which is kept in a file too.
write_tokens() {
  separator=
  for key in "$@"; do
    token=$(random_hex 32) || return 1
    printf '%s%s:%s' "$separator" "$(json "$key")" "$(json "$token")"
    printf '%s' "$token" >"$work/$key" || return 1
    separator=,
  done
}

# The server token of a unit that has data can't be made up.
has_no_data() {
  here=$(first_line "$KINS_LIB/server/k3s/cluster-id") || return 1
  there=$(first_line "${KINS_STATE:-/etc/kins/state}/cluster-id") || return 1
  [ -z "$here$there" ]
}

# Pods wait for the tokens of a new unit, so one request makes them all. The API server takes it back when the Secret has
# anything in it.
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

# Prints the resource version and the names of the keys that have a value; never a value.
read_keys() {
  # shellcheck disable=SC2016 # a template of Go
  cloud get secret "$SECRET" \
    --output go-template='{{.metadata.resourceVersion}}{{range $key, $value := .data}}{{if $value}} {{$key}}{{end}}{{end}}'
}

# The resource version makes the API server refuse the patch when somebody else was faster.
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

# What another server may have made.
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
