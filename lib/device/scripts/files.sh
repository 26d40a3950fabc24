# shellcheck shell=sh disable=SC2034,SC2154
# The folders and files of a run, time limits, and signals.

# On the disk, to survive a restart. Has no secrets in it.
state=${EDGE_ROOT:-}/var/lib/edge-constructs
# In memory, to be gone after a restart.
run=${EDGE_ROOT:-}/run/edge-constructs
root=${EDGE_ROOT:-}
cloud_folder=$root/etc/cloud/cloud.cfg.d

# KKP's names of a machine's configurations, which are Secrets in the cluster and files on the device.
bootstrap_config=$EDGE_NAME-kube-system-bootstrap-config
provisioning_config=$EDGE_NAME-kube-system-provisioning-config

# Runs a command with a time limit, because nothing on a device may block a run forever: bounded SECONDS COMMAND...
# Closes the lock (9), which only KKP's script keeps, because it continues if the run is killed, and the run's output (8).
bounded() { timeout -k 5 "$@" </dev/null 8>&- 9>&-; }

# Syncs only the given files, so that nobody waits for what others write, and has a time limit, in case the disk hangs.
flush() { bounded 600 sync "$@"; }

UPTIME=$root/proc/uptime

# Writes a file that everybody on the device may read: write_readable PATH
write_readable() (umask 022 && write_file "$1")

make_folders() {
  [ -d "$state" ] || { (umask 077 && mkdir -p "$state") && flush "${state%/*}"; } || return 1
  (umask 077 && mkdir -p "$run") || return 1
  [ "$(stat -f -c %T "$run")" = tmpfs ]
}

# Records how far this run has come, for other runs.
step() {
  current_step=$1
  note "step $1"
  printf '%s %s %s\n' "$$" "$(date +%s)" "$1" >"$run/status" || :
}

# Removes the files of the run in memory. If a run is killed, the next run or a restart removes them.
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

# Keeps the run's own output as descriptor 8: a signal handler may run while standard output is redirected for a command.
handle_signals() {
  { command exec 8>&1; } 2>/dev/null || command exec 8>/dev/null
  # A lost connection must not leave a device half provisioned, so the run continues to its end.
  trap '' HUP PIPE
  trap 'stop_run 130' INT
  trap 'stop_run 143' TERM
}

# If an administrator kills the run, KKP's script is stopped, too. The next run continues.
stop_run() {
  trap '' INT TERM
  [ -z "${worker-}" ] || kill -s TERM "$worker" 2>/dev/null || :
  say "stopped in step ${current_step:-start}; run it again to go on" >&8
  leave "$1"
}
