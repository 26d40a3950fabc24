#!/bin/sh
# Starts a part of the unit for standby.sh, with everything that its pod was given: enter.sh KIT SCRIPT
set -eu
: "${1:?folder of what the pod was given}" "${HERE:?address of the node as it is now}" "${RELEASE:?what K3s runs from}"
kit=$1
own_path=$PATH
# shellcheck disable=SC1091 # written by kit.sh
. "$kit/environment"
export PATH="$PATH:$own_path" KINS_CONFIG="$kit/config" KINS_SCRIPTS="$kit/scripts" KINS_STATE="$kit/state" \
  KINS_SECRETS="$kit/secrets" KINS_RELEASE="$RELEASE" STANDBY=yes
# The node's address may have changed while it was switched off.
export NODE_IP="$HERE"
[ -z "${OWN_URL:-}" ] || export OWN_URL="https://$HERE:${OWN_URL##*:}"
# Settings refer to files by the paths that they have in the pod.
[ ! -w /etc ] || ln -s "$kit" /etc/kins
exec sh "$kit/scripts/$2"
