#!/bin/sh
# Adds to a table of mounts. Where the network of a process is mounted, the file has its name.
set -eu
echo "mount $*" >>"$WORLD/log"
for target in "$@"; do :; done
echo "$target" >>"$WORLD/mounts"
case $* in *' /proc/self/ns/net '*) echo "${NETNS:-node}" >"$target" ;; esac
