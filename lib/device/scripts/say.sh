# shellcheck shell=sh disable=SC2034,SC2154
# What is reported to whoever started the run, and what is kept of it on the device. Nothing secret gets into either.

speaker=$EDGE_NAME

# A cut connection does not end the run.
say() {
  tell "$*"
  note "$*"
}

# A line in the log on the device. Before the state folder exists there is no log.
note() {
  if [ -d "$state" ]; then printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >>"$state/log" 2>/dev/null || :; fi
}

# Only one older log is kept: a device that is tried again for months must not fill its disk.
rotate_log() {
  [ -f "$state/log" ] || return 0
  if [ "$(wc -c <"$state/log")" -gt 262144 ]; then rename "$state/log" "$state/log.1"; fi
}

# KKP's script and its services run curl -v and set -x, which print the token that reads the Secrets of all machines.
redact() {
  sed -e 's/[Bb]earer [^ "'\'']*/Bearer (hidden)/g' \
    -e 's/eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9._-]*/(hidden)/g' \
    -e 's/[a-z0-9]\{6\}\.[a-z0-9]\{16\}/(hidden)/g' \
    -e 's/"\(cloud-config\|kubeconfig\|token\)": *"[^"]*"/"\1": "(hidden)"/g'
}

# Ends the run with a cause and what to do about it: fail CODE CAUSE REMEDY
fail() {
  say "failed: $2"
  say "remedy: $3"
  leave "$1"
}
