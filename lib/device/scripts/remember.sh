# shellcheck shell=sh disable=SC2034,SC2154
# Records what the device was like before, so that decommissioning removes what provisioning has installed and nothing else.

# The paths that provisioning creates or takes over, besides packages. Decommissioning keeps those that were there before.
provisioned_paths() {
  cat <<'END'
/etc/apt/apt.conf.d/proxy.conf
/etc/apt/keyrings/docker.gpg
/etc/apt/sources.list.d/docker.list
/etc/cni
/etc/containerd
/etc/crictl.yaml
/etc/default/grub.d/60-swap-accounting.cfg
/etc/fstab.orig
/etc/kubernetes
/etc/machine-name
/etc/profile.d/opt-bin-path.sh
/etc/sysctl.d/k8s.conf
/etc/systemd/journald.conf.d/max_disk_use.conf
/etc/systemd/system/bootstrap.service
/etc/systemd/system/containerd.service.d/environment.conf
/etc/systemd/system/containerd.service.d/limits.conf
/etc/systemd/system/kubelet-healthcheck.service
/etc/systemd/system/kubelet.service
/etc/systemd/system/kubelet.service.d
/etc/systemd/system/setup.service
/opt/bin/bootstrap
/opt/bin/crictl
/opt/bin/health-monitor.sh
/opt/bin/kubeadm
/opt/bin/kubectl
/opt/bin/kubelet
/opt/bin/setup
/opt/bin/setup_net_env.sh
/opt/bin/supervise.sh
/opt/cni
/opt/disable-swap.sh
/opt/load-kernel-modules.sh
/usr/local/bin/crictl
/usr/local/share/ca-certificates/custom.crt
/var/lib/calico
/var/lib/cni
/var/lib/containerd
/var/lib/kubelet
/var/log/containers
/var/log/pods
END
}

present_paths() {
  for path in $(provisioned_paths); do
    if [ -e "$root$path" ] || [ -L "$root$path" ]; then echo "$path" || return 1; fi
  done
}

copy_or_empty() { if [ -f "$1" ]; then cat "$1"; fi >"$2"; }

# Prints systemctl's answer, or nothing if there is no such unit: unit_state is-enabled|is-active UNIT
unit_state() {
  unit_code=0
  bounded 20 systemctl "$1" "$2" 2>/dev/null || unit_code=$?
  # systemctl uses exit codes to answer, so only those of the time limit mean that there is no answer.
  [ "$unit_code" -lt 124 ]
}

# Whether a file has a line. Ends the run if the file cannot be read, because that is not a no: has_line LINE FILE
has_line() {
  line_code=0
  grep -qxF -e "$1" "$2" || line_code=$?
  [ "$line_code" -le 1 ] || fail 70 "$2 cannot be read" 'Look at the disk: dmesg'
  return "$line_code"
}

# Writes the record completely or not at all, and only once: a later run would mistake what provisioning has made for what was
# there before.
remember() {
  [ ! -d "$state/before" ] || return 0
  remove_tree "$state/before.new" && mkdir "$state/before.new" || return 1
  installed_packages "$state/before.new/packages" &&
    present_paths >"$state/before.new/paths" &&
    copy_or_empty "$root/etc/fstab" "$state/before.new/fstab" &&
    copy_or_empty "$root/etc/environment" "$state/before.new/environment" &&
    copy_or_empty "$root/etc/hostname" "$state/before.new/hostname" || return 1
  for question in is-enabled is-active; do
    unit_state "$question" ufw.service >"$state/before.new/ufw-$question" || return 1
  done
  unit_state is-enabled cloud-init.service >"$state/before.new/cloud-init" || return 1
  rename "$state/before.new" "$state/before"
}

# KKP rewrites these files without syncing, so a power cut may leave them empty.
restore_emptied() {
  for emptied in fstab environment hostname; do
    if [ -s "$state/before/$emptied" ] && [ -e "$root/etc/$emptied" ] && [ ! -s "$root/etc/$emptied" ]; then
      write_readable "$root/etc/$emptied" <"$state/before/$emptied" || return 1
      say "put back /etc/$emptied, which was empty"
    fi
  done
}
