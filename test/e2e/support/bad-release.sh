#!/bin/sh
# Stands in for the k3s of a release with a fault; the real one is below this folder. What is between @ is filled in: the release
# that it says it is, and what becomes of a server or an agent.
real=$(dirname "$(readlink -f "$0")")/real/k3s
case ${1-} in
  --version | -v)
    echo 'k3s version @VERSION@ (00000000)'
    exit
    ;;
  server | agent) ;;
  *) exec "$real" "$@" ;;
esac
@RUNS@
