# shellcheck shell=sh
# Functions of cri.sh that run containerd on the node, outside of the pod: with the node's mounts, in the network and the
# cgroup of the unit, from programs on the node's disk. So it keeps running when the pod ends, and so do containers. It is
# restarted when its release, its settings or the credentials of registries change; containers belong to shims, which keep
# running meanwhile.
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

# Prints the credentials that the agent has written; nothing before it has started, or if no registry has any.
credentials() { cat "$registries/auth.toml" 2>/dev/null || true; }

# The folder of K3s' programs on the node, and that of the settings; see trial.sh.
release='' release_config=''

# Writes containerd's settings with the given credentials, if containerd accepts them. Hides its error messages, which might
# contain the credentials: write_settings CREDENTIALS
write_settings() (
  umask 077
  {
    sed "s|@RELEASE@|$release|" "$release_config/containerd.toml" && printf '%s\n' "$1"
  } >"$settings.new" &&
    containerd --config "$settings.new" config dump >/dev/null 2>&1 && rename_in_memory "$settings.new" "$settings"
)

# Notes the credentials that containerd was started with, for the agent.
note_taken() {
  [ -d "$registries" ] || return 0
  (umask 077 && printf '%s\n' "$taken" >"$registries/taken.toml")
}

group_of_unit() {
  for group in "$root/$CGROUP/runtime" "$root"/*/"$CGROUP/runtime"; do
    [ ! -e "$group/cgroup.procs" ] || { echo "$group/cgroup.procs" && return; }
  done
}

# Prints every containerd of the unit, whoever started it. Shims, which are in the same cgroup, have another name.
containerds() {
  procs=$(group_of_unit) && [ -n "$procs" ] || return 0
  while read -r pid; do
    [ "$(cat "$proc/$pid/comm" 2>/dev/null)" != containerd ] || echo "$pid"
  done <"$procs"
}

# A process that was just started does not have the name containerd yet, so is_gone alone would miss it. One that has ended
# is a zombie until the shell waits for it.
is_starting() { [ -n "$started" ] && grep -qs '^[^)]*) [^Z]' "$proc/$started/stat"; }
is_gone() {
  left=$(containerds) && [ -z "$left" ]
}

# Prints what containerd should run with: its release, and the hash of its settings, which include the credentials.
wanted() {
  sum=$(sha256sum <"$settings") && echo "$release ${sum%% *}"
}

# Moves this process into the unit's cgroups, because processes in the pod's cgroups end with the pod.
join_unit() {
  make_cgroup "$CGROUP" && make_cgroup "$CGROUP/runtime"
  for procs in "$root/$CGROUP/runtime/cgroup.procs" "$root"/*/"$CGROUP/runtime/cgroup.procs"; do
    [ ! -e "$procs" ] || echo 0 >"$procs" || return 1
  done
}

# Passes on nothing of the pod, not even its environment, by which recycle.sh would take containerd for a pod of the unit.
# shellcheck disable=SC2016 # for the shell that is started
launch() {
  join_unit || exit 1
  # The lock of the part must end with the pod: see part.sh.
  exec 9>&-
  exec nsenter --target 1 --mount --ipc --uts --net="$KINS_RUN/net" -- \
    "$release/bin/env" -i PATH="$release/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$release/bin/aux" \
    GOGC="${GOGC:-100}" XTABLES_LOCKFILE="$KINS_RUN/xtables.lock" \
    "$release/bin/setsid" "$release/bin/sh" -c 'exec containerd --config "$1" >>"$2" 2>&1 </dev/null' sh "$settings" "$log"
}

start_containerd() {
  # A containerd that was killed leaves its socket behind, which could be taken for a running one.
  rm -f "$KINS_RUN/containerd.sock"
  # Readable by root only, because it has a hash of credentials in it.
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

# Writes containerd's settings with the current credentials. Fails if containerd does not accept them.
take_credentials() {
  taken=$(credentials)
  rm -f "$registries/refused"
  if write_settings "$taken"; then return 0; fi
  say 'containerd does not accept the registry credentials'
  echo 'containerd does not accept the registry credentials: look for characters that are not UTF-8 in their Secrets' \
    >"$registries/refused"
  return 1
}

# Starts containerd, or restarts it if its release or settings have changed: settle_containerd WHY
settle_containerd() {
  if is_gone; then start_containerd && return; fi
  [ "$(wanted)" != "$(cat "$with" 2>/dev/null)" ] || return 0
  say "$1: restarting containerd; workloads keep running"
  end_containerds && start_containerd
}

# Copies containerd's log to the log of the pod. trim_log keeps the file from filling the disk.
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

# About once a minute, notes that the node is running, and removes other releases once the containerd of this one answers.
# Repeated because a release stays in use until the last container that was started from it has ended.
tidy() {
  if [ "$looks" = 0 ]; then
    # The time of this file tells standby.sh, after the next boot, how far the clock had come.
    [ ! -e "$KINS_LIB/standby/start" ] || touch "$KINS_LIB/standby/seen"
    if has_other_releases; then
      answers || return 0
      remove_other_releases
    fi
  fi
  looks=$(((looks + 1) % 30))
}

begin_containerd() {
  trap 'ending=yes' TERM
  take_credentials || write_settings '' || return 1
  show_log
  settle_containerd 'there is another release or another configuration' || return 1
  note_taken
}

keep_containerd() {
  looks=0
  while [ -z "$ending" ]; do
    pause "${LOOK_SECONDS:-2}" || true
    [ -z "$ending" ] || break
    trim_log
    tidy
    if is_gone; then
      # Waits before anything else: end_containerds would not find it yet.
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
