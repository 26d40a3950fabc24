#!/bin/sh
# Enters nothing. Its K3s does what $WORLD/k3s-runs says, and its iptables keeps the rules of a chain in the file
# $WORLD/iptables/<table>/<chain>.
set -eu
# nsenter --net=... -- COMMAND...
shift 2
# The connections in the network of the unit.
if [ "$1" = cat ] && [ "$2" = /proc/net/tcp ]; then
  cat "$WORLD/tcp"
  exit
fi
if [ "$1" != iptables ]; then
  echo "nsenter --net=$KINS_RUN/net -- $*" >>"$WORLD/log"
  # shellcheck disable=SC1091 # written by the test
  if [ "$1" = k3s ] && [ -f "$WORLD/k3s-runs" ]; then . "$WORLD/k3s-runs"; fi
  exit
fi
# iptables -w 5 -t TABLE OPERATION [CHAIN RULE...]
table=$WORLD/iptables/$5 operation=$6 chain=${7-}
if [ -z "$chain" ]; then
  for file in "$table"/*; do sed "s/^/-A ${file##*/} /" "$file"; done
  exit
fi
shift 7
file=$table/$chain
if [ ! -f "$file" ]; then
  echo "iptables: No chain/target/match by that name." >&2
  exit 1
fi
case $operation in
  -S) sed "s/^/-A $chain /" "$file" ;;
  -A) echo "$*" >>"$file" ;;
  -C) grep -qxF -e "$*" "$file" ;;
  -X) rm "$file" ;;
esac
