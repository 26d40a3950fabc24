# shellcheck shell=sh disable=SC2034,SC2154
# Reverts what provisioning changed in files and settings of the device's owner, but keeps what the owner has changed since.

# Puts lines with swap back into fstab. A script of KKP removes them before each start of the kubelet, so its own backup
# soon lacks them, too.
restore_fstab() {
  [ -s "$state/before/fstab" ] || return 0
  grep 'swap' "$state/before/fstab" >"$run/swap" || [ $? -eq 1 ] || return 1
  cat "$root/etc/fstab" >"$run/fstab" && { grep -vxF -f "$run/fstab" "$run/swap" >"$run/missing" || [ $? -eq 1 ]; } || return 1
  [ -s "$run/missing" ] || return 0
  cat "$run/missing" >>"$run/fstab" && write_readable "$root/etc/fstab" <"$run/fstab" || return 1
  bounded 60 swapon --all 2>/dev/null || :
}

# Removes the datacenter's proxy, which provisioning appends to /etc/environment.
restore_environment() {
  [ -f "$state/before/environment" ] && [ -f "$root/etc/environment" ] || return 0
  awk -v before="$state/before/environment" '
    BEGIN {
      while ((got = (getline line < before)) > 0) kept[line] = 1
      if (got < 0) exit 1
    }
    /^(HTTPS?_PROXY|https?_proxy|NO_PROXY|no_proxy)=/ && !($0 in kept) { next }
    { print }' "$root/etc/environment" >"$run/environment" || return 1
  cmp -s "$run/environment" "$root/etc/environment" && return
  write_readable "$root/etc/environment" <"$run/environment"
}

restore_firewall() {
  enabled=$(first_line "$state/before/ufw-is-enabled") && active=$(first_line "$state/before/ufw-is-active") || return 1
  [ "$enabled" != masked ] || return 0
  bounded 60 systemctl unmask ufw.service >/dev/null 2>&1 || :
  [ "$enabled" != enabled ] || bounded 60 systemctl enable ufw.service >/dev/null 2>&1 || return 1
  [ "$active" != active ] || bounded 60 systemctl start ufw.service || return 1
}

restore_host_name() {
  enabled=$(first_line "$state/before/cloud-init") && before=$(first_line "$state/before/hostname") || return 1
  [ "$enabled" != enabled ] || bounded 60 systemctl enable cloud-init.service >/dev/null 2>&1 || return 1
  [ -n "$before" ] && [ "$(first_line "$root/etc/hostname")" = "$EDGE_NAME" ] || return 0
  [ "$before" = "$EDGE_NAME" ] || bounded 60 hostnamectl set-hostname "$before"
}
