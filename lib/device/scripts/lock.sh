# shellcheck shell=sh disable=SC2034,SC2154
# One run at a time on a device.

# The lock belongs to an open file, so the kernel releases it however a run ends. KKP's script holds it, too, so if a run is
# killed, the next one waits until that script has ended.
take_lock() {
  # Without `command`, a failed redirection of exec would end the shell silently.
  command exec 9>>"$run/lock" ||
    fail 70 "the lock $run/lock cannot be opened" 'Look at the device: df /run; ls -l /run'
  lock_end=$(seconds_from_now "$EDGE_LOCK_SECONDS")
  lock_word=0
  until flock -n 9; do
    if is_past "$lock_end"; then
      fail 75 "another run is still in progress after $EDGE_LOCK_SECONDS s$(other_run)" \
        'Wait for it, or see what it is doing: tail /var/lib/edge-constructs/log'
    fi
    if is_past "$lock_word"; then
      say "waiting for another run on this device$(other_run)"
      lock_word=$(seconds_from_now 30)
    fi
    sleep 1
  done
  holds_lock=1
  clear_run
}

other_run() {
  # shellcheck disable=SC2046 # three words
  set -- $(first_line "$run/status")
  if [ $# -ge 3 ]; then printf ' (process %s, step %s)' "$1" "$3"; fi
}
