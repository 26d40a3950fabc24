#!/bin/sh
# Lists containers from a file, as crictl does it in JSON, and logs which are stopped, and where.
set -eu
# As K3s' does where its own containerd is not.
[ "${CRI_CONFIG_FILE-}" = /dev/null ] || { echo 'load config file: stat /bin/crictl.yaml: no such file or directory' >&2; exit 1; }
if [ "$1" = ps ]; then cat "$WORLD/containers"; else echo "crictl $* at $CONTAINER_RUNTIME_ENDPOINT" >>"$WORLD/log"; fi
