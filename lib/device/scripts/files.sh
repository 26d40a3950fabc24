# shellcheck shell=sh disable=SC2034,SC2154
# The folders of a run, and time limits.

# On the disk: what must be known after a restart. Nothing secret.
state=${EDGE_ROOT:-}/var/lib/edge-constructs
# In memory: what must be gone after a restart.
run=${EDGE_ROOT:-}/run/edge-constructs
root=${EDGE_ROOT:-}
cloud_folder=$root/etc/cloud/cloud.cfg.d

# KKP's names for a machine's configurations: of the Secrets, and of the files on the device.
bootstrap_config=$EDGE_NAME-kube-system-bootstrap-config
provisioning_config=$EDGE_NAME-kube-system-provisioning-config

# bounded SECONDS COMMAND...: nothing that a device does may block a run forever.
# Only KKP's script keeps the lock of a run that is killed, because it goes on. The audience nobody keeps but the run.
bounded() { timeout -k 5 "$@" </dev/null 8>&- 9>&-; }

# A file does not wait until all that others write is on the disk, and a disk that hangs holds no run.
flush() { bounded 600 sync "$@"; }

UPTIME=$root/proc/uptime

# For what everybody on the device may read: write_readable PATH
write_readable() (umask 022 && write_file "$1")

make_folders() {
  [ -d "$state" ] || { (umask 077 && mkdir -p "$state") && flush "${state%/*}"; } || return 1
  (umask 077 && mkdir -p "$run") || return 1
  [ "$(stat -f -c %T "$run")" = tmpfs ]
}

# Tells others, and a later run, how far this one has come.
step() {
  current_step=$1
  note "step $1"
  printf '%s %s %s\n' "$$" "$(date +%s)" "$1" >"$run/status" || :
}

# Removes what the run holds in memory. A killed run leaves it to the next one or to the restart.
clear_run() {
  for file in "$run"/*; do
    [ "$file" = "$run/lock" ] || rm -f "$file"
  done
}

leave() {
  trap - EXIT
  [ -z "${holds_lock-}" ] || clear_run
  exit "$1"
}

# What a signal calls may find the output of the command that it comes in the midst of: the run's own is kept as number 8.
handle_signals() {
  { command exec 8>&1; } 2>/dev/null || command exec 8>/dev/null
  # A lost connection must not leave a device half done: the run goes on to its end without its audience.
  trap '' HUP PIPE
  trap 'stop_run 130' INT
  trap 'stop_run 143' TERM
}

# An administrator's kill ends the step, too; what it began, the next run finishes.
stop_run() {
  trap '' INT TERM
  [ -z "${worker-}" ] || kill -s TERM "$worker" 2>/dev/null || :
  say "stopped in step ${current_step:-start}; run it again to go on" >&8
  leave "$1"
}
