# shellcheck shell=sh disable=SC2034,SC2154
# Messages to whoever started the run, and the log on the device. Neither may contain secrets.

speaker=$EDGE_NAME

# Never fails, so that a lost connection does not end the run.
say() {
  tell "$*"
  note "$*"
}

# Adds a line to the log on the device, once its folder exists.
note() {
  if [ -d "$state" ]; then printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >>"$state/log" 2>/dev/null || :; fi
}

# Keeps only one older log, because a device may try again for months and must not fill its disk.
rotate_log() {
  [ -f "$state/log" ] || return 0
  if [ "$(wc -c <"$state/log")" -gt 262144 ]; then rename "$state/log" "$state/log.1"; fi
}

# Hides tokens: KKP's scripts use curl -v and set -x, which print the token that can read the Secrets of all machines.
redact() {
  sed -e 's/[Bb]earer [^ "'\'']*/Bearer (hidden)/g' \
    -e 's/eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9._-]*/(hidden)/g' \
    -e 's/[a-z0-9]\{6\}\.[a-z0-9]\{16\}/(hidden)/g' \
    -e 's/"\(cloud-config\|kubeconfig\|token\)": *"[^"]*"/"\1": "(hidden)"/g'
}

# Ends the run, and tells the cause and what to do about it: fail CODE CAUSE REMEDY
fail() {
  say "failed: $2"
  say "remedy: $3"
  leave "$1"
}
