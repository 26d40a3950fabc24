#!/bin/sh
# So many seconds pass by the clock that the scripts go by; at once, since a cut must not leave half a number.
set -eu
awk -v seconds="$1" '{ printf "%.2f 0.00\n", $1 + seconds }' "$WORLD/uptime" >"$WORLD/uptime.new"
mv "$WORLD/uptime.new" "$WORLD/uptime"
