# shellcheck shell=sh disable=SC2034,SC2154
# Removes packages that provisioning has installed and that were not there before.

# Leaves out packages that other software may depend on: curl, ca-certificates, iptables, kmod, openssh-client and the like.
provisioned_packages() {
  printf '%s\n' apt-transport-https ceph-common cifs-utils conntrack containerd.io ebtables ethtool glusterfs-client \
    ipvsadm jq lsb-release nfs-common socat software-properties-common
}

# A device that was provisioned by hand has no record, so everything counts as there before: was_installed PACKAGE
was_installed() { [ ! -s "$state/before/packages" ] || has_line "$1" "$state/before/packages"; }

# Sets `others` to the packages that would be removed with a package and that provisioning did not install: needing PACKAGE
needing() {
  package_tool 660 apt-get -o DPkg::Lock::Timeout=600 --simulate purge "$1" || return 1
  sed -n 's/^\(Remv\|Purg\) \([^ ]*\).*/\2/p' "$run/said" >"$run/going" && provisioned_packages >"$run/own" || return 1
  grep -vxF -f "$run/own" "$run/going" >"$run/others" || [ $? -eq 1 ] || return 1
  others=$(tr '\n' ' ' <"$run/others")
}

remove_packages() {
  command -v apt-get >/dev/null || return 0
  finish_packages
  installed_packages "$run/installed" || return 1
  if has_line containerd.io "$run/installed"; then bounded 60 apt-mark unhold containerd.io >/dev/null || return 1; fi
  for package in $(provisioned_packages); do
    has_line "$package" "$run/installed" || continue
    ! was_installed "$package" || continue
    needing "$package" || return 1
    if [ -n "$others" ]; then
      say "kept package $package: these need it: $others"
      continue
    fi
    package_tool 1500 apt-get --yes -o DPkg::Lock::Timeout=600 purge "$package" || return 1
    installed_packages "$run/installed" || return 1
  done
}
