#!/bin/sh
# Stands in for runc where root may not lower oom_score_adj (CAP_SYS_RESOURCE is missing, as in many sandboxes): takes the
# wish for a lower value out of the bundle, then becomes the real runc beside it. Never installed where the capability is there.
set -eu
bundle='' previous=''
for argument in "$@"; do
  case $previous in --bundle | -b) bundle=$argument ;; esac
  case $argument in --bundle=*) bundle=${argument#--bundle=} ;; esac
  previous=$argument
done
if [ -n "$bundle" ] && [ -f "$bundle/config.json" ]; then
  sed 's/,"oomScoreAdj":-\{0,1\}[0-9]*//' "$bundle/config.json" >"$bundle/config.json.new"
  cat "$bundle/config.json.new" >"$bundle/config.json"
  rm -f "$bundle/config.json.new"
fi
exec "${0%/*}/runc-real" "$@"
