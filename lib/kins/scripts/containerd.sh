# shellcheck shell=sh
# Functions of cri.sh that run containerd, and start it again when the credentials of registries have changed, which it reads
# only at its start. Containers are held by shims of their own, so that they run on meanwhile.
: "${KINS_RUN:?run-time folder of the unit}" "${scripts:?folder of the scripts}"
# shellcheck source=lib/kins/scripts/wait.sh
. "$scripts/wait.sh"
# shellcheck source=lib/shell/memory.sh
. "$scripts/memory.sh"
# shellcheck source=lib/shell/tell.sh
. "$scripts/tell.sh"
registries=$KINS_RUN/registries
settings=$KINS_RUN/containerd.toml
ending=
containerd=

speaker=cri
say() { tell "$*" >&2; }

# Credentials as the agent has written them; none before it has come, or where no registry has any.
credentials() { cat "$registries/auth.toml" 2>/dev/null || true; }

# Writes the settings of containerd with credentials, if it takes them. What it says about those that it doesn't might show
# them.
write_settings() (
  umask 077
  {
    cat "${KINS_CONFIG:-/etc/kins/config}/containerd.toml" && printf '%s\n' "$1"
  } >"$settings.new" &&
    containerd --config "$settings.new" config dump >/dev/null 2>&1 && rename_in_memory "$settings.new" "$settings"
)

# Notes what containerd was started with, for the agent.
note_taken() {
  [ -d "$registries" ] || return 0
  (umask 077 && printf '%s\n' "$taken" >"$registries/taken.toml")
}

start_containerd() {
  # Of one that was killed: an agent takes a socket without a listener for a containerd that lives.
  rm -f "$KINS_RUN/containerd.sock"
  containerd --config "$settings" &
  containerd=$!
  [ -z "$ending" ] || kill "$containerd"
}

is_gone() { ! kill -0 "$containerd" 2>/dev/null; }

end_containerd() {
  kill "$containerd" 2>/dev/null || true
  within "${END_SECONDS:-20}" is_gone || kill -9 "$containerd" 2>/dev/null || true
  wait "$containerd" || true
}

# Takes the credentials that are there now. Returns whether containerd has to be started (again) for them.
take_credentials() {
  taken=$(credentials)
  rm -f "$registries/refused"
  if write_settings "$taken"; then return 0; fi
  say 'containerd does not accept the registry credentials'
  echo 'containerd does not accept the registry credentials: look for characters that are not UTF-8 in their Secrets' \
    >"$registries/refused"
  return 1
}

# Runs as process 1, which adopts the shims of a containerd that has ended.
run_containerd() {
  trap 'ending=yes; kill "$containerd" 2>/dev/null || true' TERM
  taken=$(credentials)
  if ! take_credentials; then write_settings '' || return 1; fi
  start_containerd
  note_taken
  while [ -z "$ending" ] && ! is_gone; do
    pause "${LOOK_SECONDS:-2}" || true
    [ "$(credentials)" != "$taken" ] || continue
    if take_credentials && [ -z "$ending" ]; then
      say 'the registry credentials have changed: restarting containerd; workloads keep running'
      end_containerd
      start_containerd
    fi
    note_taken
  done
  status=0
  wait "$containerd" || status=$?
  return "$status"
}
