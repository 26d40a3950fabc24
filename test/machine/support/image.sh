#!/bin/sh
# Makes the disk of a computer with Debian on it, to be started by qemu: image.sh FOLDER
#   FOLDER/tree     Debian's files. Made by debootstrap from Debian's packages, unless it is there already
#   FOLDER/image    what comes of it, whole or not at all: disk (ext4, no partitions), vmlinuz, initrd
# What a test brings along is on a second disk, which the computer mounts at /opt/lab: keys for ssh, programs, images.
set -eu
folder=$1
here=$(cd "$(dirname "$0")" && pwd)
release=${DEBIAN_RELEASE:-bookworm}
packages=systemd-sysv,linux-image-cloud-$(dpkg --print-architecture),initramfs-tools,openssh-server,iproute2,iptables,procps,kmod

mkdir -p "$folder"
if [ ! -d "$folder/tree" ]; then
  rm -rf "$folder/tree.new"
  debootstrap --variant=minbase --include="$packages" "$release" "$folder/tree.new" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} >&2
  mv "$folder/tree.new" "$folder/tree"
fi

# Of this script, too: another one makes another image.
made_from=$(cd "$folder/tree" && { cksum "$here/image.sh" && cksum var/lib/dpkg/status && readlink vmlinuz; } | cut -d ' ' -f 1-2)
if [ -e "$folder/image/disk" ] && [ "$(cat "$folder/image/made-from")" = "$made_from" ]; then exit 0; fi

rm -rf "$folder/image.new"
mkdir "$folder/image.new"
tree=$folder/image.new/tree
cp -a "$folder/tree" "$tree"
cp "$tree/vmlinuz" "$folder/image.new/vmlinuz"
cp "$tree/initrd.img" "$folder/image.new/initrd"

cat >"$tree/etc/fstab" <<'END'
/dev/vda / ext4 defaults 0 1
LABEL=lab /opt/lab ext4 ro 0 0
END
mkdir -p "$tree/opt/lab"
echo machine >"$tree/etc/hostname"
printf '127.0.0.1 localhost\n10.99.0.11 machine\n' >"$tree/etc/hosts"
echo 'nameserver 10.99.0.1' >"$tree/etc/resolv.conf"
# Each disk makes its own at the first boot.
true >"$tree/etc/machine-id"

# Its place on the LAN of the lab, whose gateway leads nowhere.
cat >"$tree/etc/systemd/network/eth0.network" <<'END'
[Match]
Name=eth0
[Network]
Address=10.99.0.11/24
Gateway=10.99.0.1
LinkLocalAddressing=no
IPv6AcceptRA=no
END
systemctl --quiet --root="$tree" enable systemd-networkd.service
# They would look for packages, and the computer reaches none.
rm -f "$tree"/etc/systemd/system/timers.target.wants/apt-*

rm -f "$tree"/etc/ssh/ssh_host_*
cat >"$tree/etc/ssh/sshd_config.d/lab.conf" <<'END'
HostKey /opt/lab/ssh/host
AuthorizedKeysFile /opt/lab/ssh/authorized
PasswordAuthentication no
UseDNS no
END
# Of the many commands of a test, each is a session.
mkdir -p "$tree/etc/systemd/journald.conf.d"
printf '[Journal]\nStorage=persistent\nRateLimitIntervalSec=0\n' >"$tree/etc/systemd/journald.conf.d/lab.conf"

truncate -s 12G "$folder/image.new/disk"
mke2fs -q -t ext4 -L root -d "$tree" "$folder/image.new/disk"
rm -rf "$tree"
echo "$made_from" >"$folder/image.new/made-from"
rm -rf "$folder/image"
mv "$folder/image.new" "$folder/image"
