#!/bin/sh
# Whether a computer on the LAN, or behind flannel, answers: one that has a file $WORLD/lan/<address> does not.
set -eu
for address in "$@"; do :; done
echo "ping $address" >>"$WORLD/log"
[ ! -e "$WORLD/lan/$address" ]
