# shellcheck shell=sh disable=SC2034,SC2154
# Packages that provisioning installed and that were not there before.

# Without those that a system may stand on: curl, ca-certificates, iptables, kmod, openssh-client and the like.
provisioned_packages() {
  printf '%s\n' apt-transport-https ceph-common cifs-utils conntrack containerd.io ebtables ethtool glusterfs-client \
    ipvsadm jq lsb-release nfs-common socat software-properties-common
}

# On a device provisioned by hand nobody knows, so everything counts as there before.
was_installed() { [ ! -f "$state/before/packages" ] || grep -qxF "$1" "$state/before/packages"; }

remove_packages() {
  command -v apt-get >/dev/null || return 0
  now=$(installed_packages)
  ! printf '%s\n' "$now" | grep -qx containerd.io || bounded 60 apt-mark unhold containerd.io >/dev/null || return 1
  for package in $(provisioned_packages); do
    printf '%s\n' "$now" | grep -qxF "$package" || continue
    ! was_installed "$package" || continue
    others=$(bounded 60 apt-get --simulate purge "$package" 2>/dev/null | sed -n 's/^\(Remv\|Purg\) \([^ ]*\).*/\2/p' |
      grep -vxF "$(provisioned_packages)" | tr '\n' ' ')
    if [ -n "$others" ]; then
      say "kept package $package: these need it: $others"
      continue
    fi
    DEBIAN_FRONTEND=noninteractive bounded 900 apt-get --yes -o DPkg::Lock::Timeout=600 purge "$package" >/dev/null || return 1
    now=$(installed_packages)
  done
}
