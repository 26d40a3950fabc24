#!/bin/sh
# Stands in for runc on the lab's nodes: changes the bundle, then becomes the real runc beside it.
# - Nodes of the lab share the kernel, and with it the id of its boot. Containers find one that changes with each power cut in the
#   file that BOOT_ID names.
# - Where root may not lower oom_score_adj (CAP_SYS_RESOURCE is missing, as in many sandboxes), the wish for a lower value is taken
#   out.
set -eu
bundle='' previous=''
for argument in "$@"; do
  case $previous in --bundle | -b) bundle=$argument ;; esac
  case $argument in --bundle=*) bundle=${argument#--bundle=} ;; esac
  previous=$argument
done
# edit EXPRESSION
edit() {
  sed "$1" "$bundle/config.json" >"$bundle/config.json.new"
  cat "$bundle/config.json.new" >"$bundle/config.json"
  rm -f "$bundle/config.json.new"
}
if [ -n "$bundle" ] && [ -f "$bundle/config.json" ]; then
  [ -e "${0%/*}/runc-lowers-oom" ] || edit 's/,"oomScoreAdj":-\{0,1\}[0-9]*//'
  id=/run/lab/boot-id
  if [ -e "$id" ]; then
    edit "s|\"env\":\\[|&\"BOOT_ID=/.lab-boot-id\",|"
    edit "s|\"mounts\":\\[|&{\"destination\":\"/.lab-boot-id\",\"type\":\"bind\",\"source\":\"$id\",\"options\":[\"bind\",\"ro\"]},|"
  fi
fi
exec "${0%/*}/runc-real" "$@"
