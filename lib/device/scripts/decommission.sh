# shellcheck shell=sh disable=SC2034,SC2154
# Removes a machine from its device: removes what provisioning has installed, restores what was there before, and leaves
# everything else. Every step can be repeated, and the records that steps need are removed last.

edge_decommission() {
  handle_signals
  exec </dev/null
  if [ "$(id -u)" != 0 ] || ! make_folders; then
    fail 65 "this is user $(id -un), or /run is on a disk" 'Log in as root, or as a user who may run sudo -n without a password.'
  fi
  take_lock
  remove_tree "$state.gone"
  check_is_machine
  for name in drain_node stop_kubelet stop_pods release_mounts stop_runtime remove_packages remove_links remove_provisioned \
    restore_emptied restore_fstab restore_environment restore_firewall restore_host_name apply_changes; do
    step "$name"
    "$name" || fail 70 "step $name failed" 'See /var/lib/edge-constructs/log, fix the cause and run this again.'
  done
  # All removals must be on the disk before the records go, which show how far this has come.
  flush || fail 70 'the disk is not writable' 'Look at: dmesg'
  say "nothing of machine $EDGE_NAME is left; restart the device to get rid of its network rules, too"
  # Renamed first, so that a partly removed record cannot pass for a complete one.
  if put_away "$state" "$state.gone"; then remove_tree "$state.gone"; fi
  leave 0
}

# Makes sure that this device is the given machine, and not a node of somebody else.
check_is_machine() {
  # An unreadable record must not pass for a missing one: all records would be removed below.
  if ! { machine=$(first_line "$root/etc/machine-name") && began=$(first_line "$state/begun"); }; then
    fail 70 'cannot read which machine this device is' 'Look at the disk: dmesg'
  fi
  case ${began:-$machine} in
    "$EDGE_NAME") return ;;
    '')
      say "nothing to do: this device is not a machine"
      remove_tree "$state"
      leave 0
      ;;
    *) fail 65 "this device is machine ${began:-$machine}, not $EDGE_NAME" 'Give the address of the right device.' ;;
  esac
}

# Stops the kubelet now, because it would register its node again after somebody has deleted it.
stop_kubelet() {
  for unit in bootstrap setup kubelet-healthcheck kubelet; do
    [ -e "$root/etc/systemd/system/$unit.service" ] || continue
    bounded 90 systemctl disable --now "$unit.service" >/dev/null 2>&1 || bounded 90 systemctl stop "$unit.service" || return 1
  done
}

stop_pods() {
  if [ -x "$root/opt/bin/crictl" ]; then bounded 120 "$root/opt/bin/crictl" rmp --all --force >/dev/null 2>&1 || :; fi
  bounded 20 systemctl kill --signal=KILL kubepods.slice >/dev/null 2>&1 || :
}

release_mounts() { unmount_below "$root/var/lib/kubelet"; }

stop_runtime() {
  ! was_installed containerd.io || return 0
  bounded 90 systemctl disable --now containerd.service >/dev/null 2>&1 || :
}

remove_links() {
  answer "$run/ip" bounded 20 ip -o link show &&
    awk -F ': ' '{ sub("@.*", "", $2); print $2 }' "$run/ip" >"$run/links" || return 1
  while read -r link; do
    case $link in
      cali* | cni0 | flannel.1 | nodelocaldns | kube-ipvs0 | vxlan.calico) bounded 20 ip link delete "$link" 2>/dev/null || : ;;
    esac
  done <"$run/links"
}

# Removes a path, unless it was there before provisioning or something is mounted below it: remove_path PATH
remove_path() {
  [ -e "$root$1" ] || [ -L "$root$1" ] || return 0
  if [ -f "$state/before/paths" ] && has_line "$1" "$state/before/paths"; then
    say "kept $1: it was there before"
    return 0
  fi
  if [ -L "$root$1" ] && [ -d "$root$1" ]; then say "kept what $1 points to, removed the link"; fi
  removal=0
  remove_unmounted "$root$1" || removal=$?
  [ "$removal" -ne 2 ] || say "kept $1: something is mounted there"
  [ "$removal" -ne 1 ]
}

remove_provisioned() {
  # Credentials of the node must go even if their folder was there before, and stays.
  rm -f "$root/var/lib/kubelet/kubeconfig" "$root/etc/kubernetes/bootstrap-kubelet.conf" \
    "$root"/etc/kubernetes/pki/kubelet-client-* || return 1
  for path in $(provisioned_paths); do remove_path "$path" || return 1; done
  for folder in "$root"/opt/bin/kubernetes-v*; do remove_unmounted "$folder" || return 1; done
  rmdir "$root/opt/bin" "$root/etc/systemd/system/containerd.service.d" 2>/dev/null || :
  rm -f "$cloud_folder/$bootstrap_config.cfg" "$cloud_folder/$provisioning_config.cfg" \
    "$cloud_folder/99-edge-constructs.cfg" "$root/etc/bootstrap-complete"
  # KKP disables cloud-init after use. Without a record of how it was before, the owner of the device has to decide.
  if [ -d "$state/before" ]; then rm -f "$root/etc/cloud/cloud-init.disabled"; fi
}

apply_changes() {
  # The link is broken if its certificate was removed above.
  authority=$root/etc/ssl/certs/custom.pem
  if [ -L "$authority" ] && [ ! -e "$authority" ]; then bounded 120 update-ca-certificates >/dev/null 2>&1 || return 1; fi
  bounded 60 systemctl daemon-reload || return 1
  bounded 60 sysctl --system >/dev/null 2>&1 || :
  if command -v update-grub >/dev/null; then bounded 120 update-grub >/dev/null 2>&1 || :; fi
}
