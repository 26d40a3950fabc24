#!/bin/sh
# Connects to a port on the LAN. Without a file $WORLD/lan/<address>:<port>, which says how that fails, somebody listens; the file
# $WORLD/lan/<address> may say that the whole computer is off. Says what busybox says, and ends as `timeout` does.
set -eu
echo "telnet $*" >>"$WORLD/log"
said() { cat "$WORLD/lan/$1" 2>/dev/null || true; }
case "$(said "$1") $(said "$1:$2")" in
  off* | *silent) exit 124 ;;
  *[a-z]) echo "telnet: can't connect to remote host ($1): $(said "$1:$2")" >&2 && exit 1 ;;
  *) echo "Connected to $1" ;;
esac
