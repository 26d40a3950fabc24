#!/bin/sh
# Keeps the programs of a server on its node, which the server itself has no right to.
set -eu
: "${KINS_LIB:?folder of the unit}"
scripts=${KINS_SCRIPTS:-/etc/kins/scripts}
# shellcheck source=lib/kins/scripts/release.sh
. "$scripts/release.sh"
# shellcheck source=lib/shell/tell.sh
. "$scripts/tell.sh"
speaker=release
say() { tell "$*" >&2; }

keep_release server
