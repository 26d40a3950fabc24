# shellcheck shell=sh disable=SC2034,SC2154
# Prepares a device for another run of KKP's script after one that did not finish. The script alone cannot be repeated,
# because cloud-init writes files only once per instance, and the first stage skips itself if it has run before.

# Whether a file is a cloud-init configuration: is_cloud_config FILE
is_cloud_config() { [ "$(first_line "$1")" = '#cloud-config' ]; }

clear_leftovers() {
  bounded 60 systemctl stop bootstrap.service setup.service >/dev/null 2>&1 || :
  bounded 60 systemctl disable bootstrap.service setup.service >/dev/null 2>&1 || :
  rm -f "$root/etc/bootstrap-complete" "$root/etc/cloud/cloud-init.disabled" \
    "$cloud_folder/$bootstrap_config.cfg" "$cloud_folder/$provisioning_config.cfg" || return 1
  bounded 120 cloud-init clean >/dev/null 2>&1 || return 1
  bounded 60 systemctl daemon-reload
}

# A kubelet that has not joined would otherwise continue with a token from an earlier run, which may have expired.
forget_failed_join() {
  bounded 60 systemctl stop kubelet-healthcheck.service kubelet.service >/dev/null 2>&1 || :
  rm -f "$root/etc/kubernetes/bootstrap-kubelet.conf"
}

# Makes the device join as if it had never joined before.
forget_join() {
  forget_failed_join
  rm -f "$root/var/lib/kubelet/kubeconfig" "$root"/etc/kubernetes/pki/kubelet-client-*
}
