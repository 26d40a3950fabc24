# shellcheck shell=sh disable=SC2034,SC2154
# Brings a device on which provisioning has begun and not ended back to where KKP's script can start: the script takes
# no second run, because cloud-init writes files once per instance and its first stage skips itself when it has run.

# is_cloud_config FILE
is_cloud_config() { [ "$(first_line "$1")" = '#cloud-config' ]; }

clear_leftovers() {
  bounded 60 systemctl stop bootstrap.service setup.service >/dev/null 2>&1 || :
  bounded 60 systemctl disable bootstrap.service setup.service >/dev/null 2>&1 || :
  rm -f "$root/etc/bootstrap-complete" "$root/etc/cloud/cloud-init.disabled" \
    "$cloud_folder/$bootstrap_config.cfg" "$cloud_folder/$provisioning_config.cfg" || return 1
  bounded 120 cloud-init clean >/dev/null 2>&1 || return 1
  bounded 60 systemctl daemon-reload
}

# A kubelet that has not joined would go on with a token that may be of an earlier try.
forget_failed_join() {
  bounded 60 systemctl stop kubelet-healthcheck.service kubelet.service >/dev/null 2>&1 || :
  rm -f "$root/etc/kubernetes/bootstrap-kubelet.conf"
}

# With a rebuild the device joins as if it had never done so.
forget_join() {
  forget_failed_join
  rm -f "$root/var/lib/kubelet/kubeconfig" "$root"/etc/kubernetes/pki/kubelet-client-*
}
