# shellcheck shell=sh disable=SC2034,SC2154
# Runs KKP's script as it is, and finds out how that went: the script itself continues after any failure, reports none of
# them by its exit code, and may wait forever.

# The provisioning that the script starts makes a new SSH host key, and with it every later connection would fail whose
# host key is pinned.
keep_host_keys() {
  printf '%s\n' '# Keeps the SSH host keys of this device.' 'ssh_deletekeys: false' |
    write_readable "$cloud_folder/99-edge-constructs.cfg"
}

# Settings for the script alone: apt waits for others that hold its lock, asks nothing, and goes through the proxy.
script_environment() {
  printf 'DPkg::Lock::Timeout "600";\nAcquire::Retries "3";\n' >"$run/apt.conf"
  export APT_CONFIG="$run/apt.conf" DEBIAN_FRONTEND=noninteractive
}

# Files that lose their names before anything is written to them: no end of this run, however sudden, leaves them behind.
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

# Tells how far it is, and ends it when it works with garbage.
watch_script() {
  script_cause=
  polls=0
  told=
  while kill -0 "$worker" 2>/dev/null; do
    config=$cloud_folder/$bootstrap_config.cfg
    if [ -s "$config" ] && ! is_cloud_config "$config"; then
      # Half of the first line may be there already.
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
    # Short runs must not be made longer by being watched.
    if [ "$polls" -lt 20 ]; then sleep 0.1; else sleep 1; fi
    polls=$((polls + 1))
  done
}

stage() {
  if [ -e "$root/etc/bootstrap-complete" ]; then echo setup
  elif [ -e "$root/opt/bin/bootstrap" ]; then echo bootstrap
  else echo fetch; fi
}

# What the script and the services that it started should have left.
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

# The last words of the services, for the log on the device: they say what KKP's script does not.
note_services() {
  {
    bounded 20 journalctl --no-pager --quiet --lines 40 --unit bootstrap.service --unit setup.service --unit kubelet.service 2>/dev/null ||
      echo 'the journal of the services could not be read'
  } | redact >>"$state/log" || :
}

# KKP leaves files that hold the token readable for everybody on the device.
restrict_files() {
  for file in "$cloud_folder/$bootstrap_config.cfg" "$cloud_folder/$provisioning_config.cfg" \
    "$root/opt/bin/bootstrap" "$root/opt/bin/setup" "$root/etc/kubernetes/bootstrap-kubelet.conf"; do
    [ ! -f "$file" ] || chmod go= "$file" || return 1
  done
}
