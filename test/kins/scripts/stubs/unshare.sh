#!/bin/sh
# A network of its own for a command, with a name that no other had.
set -eu
spaces=$(($(cat "$WORLD/spaces" 2>/dev/null || echo 0) + 1))
echo "$spaces" >"$WORLD/spaces"
[ "$1" = --net ] || echo "unshare $*" >>"$WORLD/refused"
shift
export NETNS="space$spaces"
mkdir -p "$WORLD/network/$NETNS/links"
: >"$WORLD/network/$NETNS/links/lo"
exec "$@"
