# shellcheck shell=sh disable=SC2034,SC2154
# Provisions a device: continues from wherever an earlier run has got to, until the node is Ready.

edge_provision() {
  handle_signals
  exec </dev/null
  if [ -n "$EDGE_PROXY" ]; then export http_proxy="$EDGE_PROXY" https_proxy="$EDGE_PROXY" no_proxy="$EDGE_NO_PROXY"; fi
  read_script
  if ! start_run; then
    preflight
    leave 65
  fi
  finish_if_done
  step preflight
  preflight || leave 65
  step remember
  remember || fail 70 'the state of the device could not be recorded' 'Look at the disk: df -h /var/lib/edge-constructs'
  begin
  step fetch
  keep_host_keys || fail 70 "$cloud_folder is not writable" 'Look at the disk: df -h /etc'
  run_script || fail 70 "KKP's script could not be started" 'Look at the memory file system: df -h /run'
  if [ -n "$script_cause" ] || ! check_result; then
    note_services
    # Services that the script has started would continue by themselves, although this run has failed.
    clear_leftovers || :
    fail 70 "${script_cause:-$result}" 'See /var/lib/edge-constructs/log on the device, fix the cause and run this again.'
  fi
  # The script does not sync, so what it has written may not be on the disk before this.
  { flush && printf '%s\n' "$EDGE_NAME" | write_file "$state/installed"; } ||
    fail 70 'the disk is not writable' 'Look at: df -h /var/lib; dmesg'
  join
}

# Fails for users other than root, who then at least get all findings of the preflight.
start_run() {
  [ "$(id -u)" = 0 ] && make_folders || return 1
  rotate_log
  take_lock
  (umask 077 && printf '%s\n' "$ca" >"$run/ca.crt")
}

# A device that is a working node already is left alone, even if a check would fail by now.
finish_if_done() {
  marked=$(first_line "$state/provisioned") ||
    fail 70 "$state/provisioned cannot be read, so it is not known whether this device is provisioned" 'Look at the disk: dmesg'
  [ "${marked%% *}" = "$EDGE_NAME" ] || marked=
  [ -n "$api" ] && [ -s "$run/ca.crt" ] || return 0
  if [ -n "$EDGE_REBUILD" ] && [ "$marked" != "$EDGE_NAME $EDGE_REBUILD" ]; then
    return 0
  fi
  # A power cut while the script was running may have left empty files, even if the node is Ready.
  if [ -z "$marked" ] && [ -f "$state/begun" ] && [ ! -f "$state/installed" ]; then return 0; fi
  if kubelet_active && [ "$(node_state)" = Ready ] && [ "$(first_line "$root/etc/machine-name")" = "$EDGE_NAME" ]; then
    [ -n "$marked" ] || finish
    say "node $EDGE_NAME is Ready: nothing to do"
    leave 0
  fi
  if [ -z "$marked" ]; then
    [ ! -f "$state/begun" ] || [ "$(node_state)" != NotReady ] || ! check_result || join
    return 0
  fi
  say "this device has been provisioned as $EDGE_NAME; waiting for its node, not provisioning it again"
  step join
  if wait_for_node "$EDGE_REPEAT_SECONDS"; then
    say "node $EDGE_NAME is Ready: nothing to do"
    leave 0
  fi
  note_services
  fail 69 "$(node_cause "$seen")" "$(node_remedy "$seen") To provision the device again, ask for a rebuild."
}

begin() {
  if [ -f "$state/begun" ]; then
    say 'continuing after a run that did not finish'
    forget_failed_join
    # If one of them is missing, or empty after a power cut, the kubelet can neither join nor start.
    if ! [ -s "$root/var/lib/kubelet/kubeconfig" ] || ! [ -s "$root/etc/kubernetes/pki/kubelet-client-current.pem" ]; then
      forget_join
    fi
  fi
  rm -f "$state/provisioned" "$state/installed"
  [ -z "$EDGE_REBUILD" ] || forget_join
  printf '%s\n' "$EDGE_NAME" | write_file "$state/begun" || fail 70 'the disk is not writable' 'Look at: df -h /var/lib'
  restore_emptied || fail 70 'the disk is not writable' 'Look at: df -h /etc'
  clear_leftovers || fail 70 'the leftovers of an earlier run could not be removed' 'Look at: cloud-init clean; df -h /etc'
  finish_packages
}

join() {
  step join
  if ! wait_for_node "$EDGE_READY_SECONDS"; then
    note_services
    fail 69 "$(node_cause "$seen")" "$(node_remedy "$seen")"
  fi
  step complete
  finish
  say "node $EDGE_NAME is Ready"
  leave 0
}

finish() {
  [ -f "$state/begun" ] || printf '%s\n' "$EDGE_NAME" | write_file "$state/begun" || :
  enable_services || fail 70 'the kubelet could not be enabled at boot' 'Look at: systemctl status kubelet'
  restrict_files || fail 70 'files with the token could not be made private' 'Look at: ls -l /opt/bin /etc/cloud/cloud.cfg.d'
  { flush && printf '%s\n' "$EDGE_NAME${EDGE_REBUILD:+ $EDGE_REBUILD}" | write_file "$state/provisioned"; } ||
    fail 70 'the disk is not writable' 'Look at: df -h /var/lib'
}
