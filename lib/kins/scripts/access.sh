#!/bin/sh
# Keeps the files up to date that the kubeconfig on the node refers to: the CA of the unit, and the administrator's token.
# Only root can read them. Also lets nodes with a new disk in: see admit.sh.
set -eu
: "${KINS_LIB:?folder of the unit}"
secrets=${KINS_SECRETS:-/etc/kins/secrets}
access=$KINS_LIB/access
KINS_ROLE=access
scripts=${KINS_SCRIPTS:-/etc/kins/scripts}
# shellcheck source=lib/kins/scripts/join.sh
. "$scripts/join.sh"
# shellcheck source=lib/kins/scripts/admit.sh
. "$scripts/admit.sh"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
umask 077

# Copies a file if it has changed: copy SOURCE TARGET
copy() {
  [ -s "$1" ] || return 0
  cmp -s "$1" "$2" || write_file "$2" <"$1"
}

round=0
while :; do
  admit
  copy "$KINS_LIB/agent/agent/server-ca.crt" "$access/ca.crt"
  copy "$secrets/admin-token" "$access/token"
  if [ -s "$access/ca.crt" ] && [ -s "$access/token" ]; then
    pause "${CHECK_SECONDS:-60}"
  else
    nap "$round"
    round=$((round + 1))
  fi
done
