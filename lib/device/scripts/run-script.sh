# shellcheck shell=sh disable=SC2034,SC2154
# Runs KKP's script unchanged, and finds out whether it succeeded. The script itself continues after any failure, does not
# report failures in its exit code, and may wait forever.

# Keeps cloud-init from replacing the SSH host keys during provisioning, after which connections with a pinned key would fail.
keep_host_keys() {
  printf '%s\n' '# Keeps the SSH host keys of this device.' 'ssh_deletekeys: false' |
    write_readable "$cloud_folder/99-edge-constructs.cfg"
}

# Settings for the script only: apt waits for its lock, retries downloads, and asks no questions.
script_environment() {
  printf 'DPkg::Lock::Timeout "600";\nAcquire::Retries "3";\n' >"$run/apt.conf"
  export APT_CONFIG="$run/apt.conf" DEBIAN_FRONTEND=noninteractive
}

# The files are deleted while open and before anything is written, so they cannot be left behind, however the run ends.
open_script() {
  (umask 077 && true >"$run/script" && true >"$run/output") || return 1
  # shellcheck disable=SC2094 # written through one descriptor first, read through the other afterwards
  command exec 6>"$run/script" 3<"$run/script" 4>"$run/output" 5<"$run/output" || return 1
  rm -f "$run/script" "$run/output"
  printf '%s\n' "$script" >&6 || return 1
  exec 6>&-
}

run_script() {
  open_script || return 1
  (
    umask 022
    script_environment
    exec timeout -k 10 "$EDGE_SCRIPT_SECONDS" sh /proc/self/fd/3
  ) </dev/null >&4 2>&4 5<&- 8>&- &
  worker=$!
  exec 3<&- 4>&-
  watch_script
  script_code=0
  wait "$worker" || script_code=$?
  worker=
  redact <&5 >>"$state/log" || :
  exec 5<&-
  case $script_code in
    124 | 137) script_cause=${script_cause:-"KKP's script did not end within $EDGE_SCRIPT_SECONDS s, in $(stage)"} ;;
  esac
}

# Reports the stage of the script, and ends it if it has fetched something that is not a configuration.
watch_script() {
  script_cause=
  polls=0
  told=
  while kill -0 "$worker" 2>/dev/null; do
    config=$cloud_folder/$bootstrap_config.cfg
    if [ -s "$config" ] && ! is_cloud_config "$config"; then
      # It may be that only a part of the first line was written yet.
      sleep 1
      is_cloud_config "$config" || {
        script_cause="KKP's script fetched no configuration: $config is garbage"
        kill -s TERM "$worker" 2>/dev/null || :
        return
      }
    fi
    if [ "$told" != "$(stage)" ]; then
      told=$(stage)
      step "$told"
      say "KKP's script: $told"
    fi
    # Often at first, so that watching does not make a short run longer.
    if [ "$polls" -lt 20 ]; then sleep 0.1; else sleep 1; fi
    polls=$((polls + 1))
  done
}

stage() {
  if [ -e "$root/etc/bootstrap-complete" ]; then echo setup
  elif [ -e "$root/opt/bin/bootstrap" ]; then echo bootstrap
  else echo fetch; fi
}

# Checks the results that the script, and the services that it has started, should have produced.
check_result() {
  result=
  is_cloud_config "$cloud_folder/$bootstrap_config.cfg" || result='the first configuration has not been fetched'
  [ -n "$result" ] || [ -e "$root/etc/bootstrap-complete" ] || result='the bootstrap stage has not ended'
  [ -n "$result" ] || is_cloud_config "$cloud_folder/$provisioning_config.cfg" ||
    result='the second configuration has not been fetched'
  [ -n "$result" ] || [ "$(first_line "$root/etc/machine-name")" = "$EDGE_NAME" ] ||
    result="/etc/machine-name is not $EDGE_NAME"
  [ -n "$result" ] || [ -s "$root/var/lib/kubelet/kubeconfig" ] ||
    grep -q '^kind: *Config' "$root/etc/kubernetes/bootstrap-kubelet.conf" 2>/dev/null ||
    result="the kubelet's configuration has not been fetched"
  [ -z "$result" ]
}

# Adds the last messages of the services to the log on the device, because KKP's script does not show them.
note_services() {
  {
    bounded 20 journalctl --no-pager --quiet --lines 40 --unit bootstrap.service --unit setup.service --unit kubelet.service 2>/dev/null ||
      echo 'the journal of the services could not be read'
  } | redact >>"$state/log" || :
}

# KKP leaves files with the token readable by everybody on the device.
restrict_files() {
  for file in "$cloud_folder/$bootstrap_config.cfg" "$cloud_folder/$provisioning_config.cfg" \
    "$root/opt/bin/bootstrap" "$root/opt/bin/setup" "$root/etc/kubernetes/bootstrap-kubelet.conf"; do
    [ ! -f "$file" ] || chmod go= "$file" || return 1
  done
}
