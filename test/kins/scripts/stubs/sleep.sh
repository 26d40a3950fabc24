#!/bin/sh
# Time passes: what the test has planned for this moment happens, and after STOP_AT such moments the power is cut.
set -eu
case $1 in
  0 | 0.0 | *[!0-9.]*) echo "sleep $1" | tee -a "$WORLD/refused" >&2 && exit 1 ;;
esac
# What goes on beside a script until that ends has to let it.
case " ${REAL_SLEEP-} " in *" $1 "*) exec /bin/sleep "$1" ;; esac
echo "sleep $*" >>"$WORLD/log"
read -r count <"$WORLD/sleeps"
count=$((count + 1))
echo "$count" >"$WORLD/sleeps"
"${0%/*}/elapse" "$1"
# shellcheck disable=SC1090 # written by the test
if [ -f "$WORLD/at-sleep-$count" ]; then . "$WORLD/at-sleep-$count"; fi
if [ "$count" -ge "$STOP_AT" ]; then
  : >"$WORLD/stopped"
  kill -9 0
fi
