#!/bin/sh
# Copies the programs of this image to the node, from where the unit will run them after an upgrade, and keeps them there
# as long as this pod exists. The pod is ready once they are complete.
set -eu
: "${KINS_LIB:?folder of the unit}"
scripts=${KINS_SCRIPTS:-/etc/kins/scripts}
staged=${KINS_STAGED:-/run/kins-prepull/staged}
# shellcheck source=lib/kins/scripts/release.sh
. "$scripts/release.sh"
# shellcheck source=lib/kins/scripts/wait.sh
. "$scripts/wait.sh"
# shellcheck source=lib/shell/tell.sh
. "$scripts/tell.sh"
speaker=prepull
say() { tell "$*" >&2; }

# From then on the programs count as any others: they go unless something runs from them.
trap 'rm -f "$KINS_LIB/standby/next.release" && exit 0' TERM INT

# Programs that nothing runs from are removed, unless they are noted. So they are noted first, and copied again if they were
# removed just before that.
stage() { install_release && note_release next && install_release; }

rm -f "$staged"
until stage; do
  say "could not copy the programs of the next release to $releases: look at the disk; trying again"
  pause "${RETRY_SECONDS:-60}"
done
say "the programs of the next release are in $release"
true >"$staged"
while :; do pause 3600; done
