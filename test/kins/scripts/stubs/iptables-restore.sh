#!/bin/sh
# Replaces chains of the node, see iptables.sh, and leaves those alone that are not named.
set -eu
[ "$*" = '-w 5 --noflush' ] || echo "iptables-restore $*" >>"$WORLD/refused"
[ ! -e "$WORLD/iptables-is-busy" ] || exit 4
echo iptables-restore >>"$WORLD/log"
while read -r first rest; do
  case $first in
    '*'*) table=$WORLD/node-iptables/${first#?} && mkdir -p "$table" ;;
    :*) true >"$table/${first#?}" ;;
    -A) echo "${rest#* }" >>"$table/${rest%% *}" ;;
  esac
done
