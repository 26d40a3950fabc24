# shellcheck shell=sh
# Functions of cri.sh that run containerd on the node, outside of the pod: with the node's mounts, in the network and the
# cgroup of the unit, from files that stay. So it goes on when the pod ends, and containers with it. It is started again
# when its release, its settings or the credentials of registries have changed; containers are held by shims of their own, so
# they run on meanwhile.
: "${KINS_RUN:?run-time folder of the unit}" "${KINS_LIB:?folder of the unit}" "${CGROUP:?cgroup of the unit}"
: "${scripts:?folder of the scripts}" "${root:?folder of the cgroups}"
# shellcheck source=lib/kins/scripts/wait.sh
. "$scripts/wait.sh"
# shellcheck source=lib/shell/memory.sh
. "$scripts/memory.sh"
# shellcheck source=lib/shell/tell.sh
. "$scripts/tell.sh"
registries=$KINS_RUN/registries
settings=$KINS_RUN/containerd.toml
with=$KINS_RUN/containerd.with
log=$KINS_LIB/log/containerd.log
proc=${HOST_PROC:-/proc}
ending=
started=

speaker=cri
say() { tell "$*" >&2; }

# Credentials as the agent has written them; none before it has come, or where no registry has any.
credentials() { cat "$registries/auth.toml" 2>/dev/null || true; }

# The folder of K3s' programs on the node; release.sh says which.
release=

# Writes the settings of containerd with credentials, if it takes them. What it says about those that it doesn't might show
# them.
write_settings() (
  umask 077
  {
    sed "s|@RELEASE@|$release|" "${KINS_CONFIG:-/etc/kins/config}/containerd.toml" && printf '%s\n' "$1"
  } >"$settings.new" &&
    containerd --config "$settings.new" config dump >/dev/null 2>&1 && rename_in_memory "$settings.new" "$settings"
)

# Notes what containerd was started with, for the agent.
note_taken() {
  [ -d "$registries" ] || return 0
  (umask 077 && printf '%s\n' "$taken" >"$registries/taken.toml")
}

group_of_unit() {
  for group in "$root/$CGROUP/runtime" "$root"/*/"$CGROUP/runtime"; do
    [ ! -e "$group/cgroup.procs" ] || { echo "$group/cgroup.procs" && return; }
  done
}

# Every containerd of the unit, whoever started it. Shims, which are in the same group, have another name.
containerds() {
  procs=$(group_of_unit) && [ -n "$procs" ] || return 0
  while read -r pid; do
    [ "$(cat "$proc/$pid/comm" 2>/dev/null)" != containerd ] || echo "$pid"
  done <"$procs"
}

# One that has just been started is not called so yet; one that has ended is a zombie until somebody waits for it.
is_starting() { [ -n "$started" ] && grep -qs '^[^)]*) [^Z]' "$proc/$started/stat"; }
is_gone() {
  left=$(containerds) && [ -z "$left" ]
}

# What it is to be started with: its release, and its settings with all credentials.
wanted() {
  sum=$(sha256sum <"$settings") && echo "$release ${sum%% *}"
}

# The groups of the node, not those of the pod: what is in the pod's ends with it.
join_unit() {
  make_cgroup "$CGROUP" && make_cgroup "$CGROUP/runtime"
  for procs in "$root/$CGROUP/runtime/cgroup.procs" "$root"/*/"$CGROUP/runtime/cgroup.procs"; do
    [ ! -e "$procs" ] || echo 0 >"$procs" || return 1
  done
}

# Nothing of the pod is given on, not even its environment, by which the recycler knows pods of the unit.
# shellcheck disable=SC2016 # for the shell that is started
launch() {
  join_unit || exit 1
  # The lock of the part is the pod's.
  exec 9>&-
  exec nsenter --target "${HOST_INIT:-1}" --mount --ipc --uts --net="$KINS_RUN/net" -- \
    "$release/bin/env" -i PATH="$release/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$release/bin/aux" \
    GOGC="${GOGC:-100}" XTABLES_LOCKFILE="$KINS_RUN/xtables.lock" \
    "$release/bin/setsid" "$release/bin/sh" -c 'exec containerd --config "$1" >>"$2" 2>&1 </dev/null' sh "$settings" "$log"
}

start_containerd() {
  # Of one that was killed: an agent takes a socket without a listener for a containerd that lives.
  rm -f "$KINS_RUN/containerd.sock"
  # For root alone: it follows from credentials, too.
  now=$(wanted) && (umask 077 && echo "$now" | write_in_memory "$with") || return 1
  launch &
  started=$!
}

end_containerds() {
  for signal in TERM KILL; do
    # shellcheck disable=SC2046 # a list of process ids
    kill -s "$signal" $(containerds) 2>/dev/null || true
    if within "${END_SECONDS:-20}" is_gone; then return; fi
  done
  return 1
}

# Takes the credentials that are there now. Fails where containerd does not take them.
take_credentials() {
  taken=$(credentials)
  rm -f "$registries/refused"
  if write_settings "$taken"; then return 0; fi
  say 'containerd does not accept the registry credentials'
  echo 'containerd does not accept the registry credentials: look for characters that are not UTF-8 in their Secrets' \
    >"$registries/refused"
  return 1
}

# Starts containerd, or leaves the one alone that runs with the same: settle_containerd WHY
settle_containerd() {
  if is_gone; then start_containerd && return; fi
  [ "$(wanted)" != "$(cat "$with" 2>/dev/null)" ] || return 0
  say "$1: restarting containerd; workloads keep running"
  end_containerds && start_containerd
}

# What containerd says is the log of the pod, too; the file must not fill the disk.
show_log() {
  true >>"$log"
  tail -n 0 -F "$log" &
  teller=$!
}

trim_log() {
  size=$(stat -c %s "$log" 2>/dev/null) || return 0
  [ "$size" -lt "${LOG_BYTES:-10485760}" ] || { cat "$log" >"$log.1" && true >"$log"; }
}

answers() { ctr --address "$KINS_RUN/containerd.sock" --timeout 10s version >/dev/null 2>&1; }

# Not before the containerd of this release answers; and again once a minute or so, since a release is in use until the last
# container of its time has ended.
tidy() {
  if [ "$looks" = 0 ]; then
    # By its time the node knows what the clock has come to, when it is switched on the next time.
    [ ! -e "$KINS_LIB/standby/start" ] || touch "$KINS_LIB/standby/seen"
    if has_other_releases; then
      answers || return 0
      remove_other_releases
    fi
  fi
  looks=$(((looks + 1) % 30))
}

run_containerd() {
  looks=0
  trap 'ending=yes' TERM
  take_credentials || write_settings '' || return 1
  show_log
  settle_containerd 'there is another release or another configuration' || return 1
  note_taken
  while [ -z "$ending" ]; do
    pause "${LOOK_SECONDS:-2}" || true
    [ -z "$ending" ] || break
    trim_log
    tidy
    if is_gone; then
      # Nothing else meanwhile: it could not be ended for other credentials.
      if is_starting; then continue; fi
      say 'containerd has ended: restarting it; workloads keep running'
      start_containerd || return 1
    fi
    [ "$(credentials)" != "$taken" ] || continue
    if take_credentials; then settle_containerd 'the registry credentials have changed'; fi
    note_taken
  done
  kill "$teller" 2>/dev/null || true
}
