#!/bin/sh
# Keeps the rules of a chain in the file $WORLD/iptables/<table>/<chain>, those of the node in $WORLD/node-iptables.
set -eu
# iptables -w 5 -t TABLE OPERATION [CHAIN RULE...]
if [ -e "$WORLD/iptables-is-busy" ]; then
  echo 'Another app is currently holding the xtables lock.' >&2
  exit 4
fi
case ${NETNS:-node} in node) tables=node-iptables ;; *) tables=iptables ;; esac
table=$WORLD/$tables/$4 operation=$5 chain=${6-}
if [ -z "$chain" ]; then
  for file in "$table"/*; do sed "s/^/-A ${file##*/} /" "$file"; done
  exit
fi
shift 6
file=$table/$chain
if [ ! -f "$file" ]; then
  echo "iptables: No chain/target/match by that name." >&2
  exit 1
fi
# Nothing leads to a chain that is not there, nor can be asked for.
rule=$*
case $rule in
  *'-j kins'*)
    if [ ! -f "$table/${rule##*-j }" ]; then
      echo "iptables v1.8.9: Couldn't load target" >&2
      exit 2
    fi
    ;;
esac
case $operation in
  -S) sed "s/^/-A $chain /" "$file" ;;
  -A) echo "$*" >>"$file" ;;
  -C) grep -qxF -e "$*" "$file" ;;
  -I)
    shift
    { echo "$*" && cat "$file"; } >"$file.new"
    mv "$file.new" "$file"
    ;;
  -D)
    grep -qxF -e "$*" "$file"
    awk -v rule="$*" '$0 == rule && !done { done = 1; next } { print }' "$file" >"$file.new"
    mv "$file.new" "$file"
    ;;
  -F) true >"$file" ;;
  -X)
    # One that rules lead to stays.
    ! grep -qrxF -e "-j $chain" "$table"
    rm "$file"
    ;;
esac
