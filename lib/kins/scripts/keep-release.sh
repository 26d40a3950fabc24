#!/bin/sh
# Copies the programs of the server to its node. The server itself has no right to write there.
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
