#!/bin/sh
# Boots a device: process 1 of its own process and mount namespace. Its root is this machine's programs with a file
# system of its own on top; /run is in memory and starts empty. What it changes is in DISK/store and outlives it.
set -eu
: "${DISK:?folder with the file system}" "${STAND_INS:?folder of the stand-ins}"
mount --make-rprivate /
mkdir -p "$DISK/root" "$DISK/store/upper" "$DISK/store/work"
mount -t overlay -o "lowerdir=/,upperdir=$DISK/store/upper,workdir=$DISK/store/work" overlay "$DISK/root"
cd "$DISK/root"
for folder in proc run dev tmp; do mkdir -p "$folder"; done
mount -t proc proc proc
mount -t tmpfs -o size=32m tmpfs run
mount -t tmpfs -o size=32m tmpfs tmp
mount --rbind /dev dev
mkdir -p run/sshd run/systemd/system
# Only what the factory gave it: a device that has been switched off keeps what it has become.
if [ ! -e etc/factory ]; then
  for name in systemctl cloud-init hostnamectl; do install -m 755 "$STAND_INS/$name.sh" "usr/local/bin/$name"; done
  for name in apt-get apt-mark journalctl sysctl swapon update-grub; do
    install -m 755 "$STAND_INS/nothing.sh" "usr/local/bin/$name"
  done
  cp -r "$DISK/etc/." etc/
  grep -q '^ubuntu:' etc/passwd || echo 'ubuntu:x:4242:4242::/tmp:/bin/sh' >>etc/passwd
  echo 'ubuntu:*:19000:0:99999:7:::' >>etc/shadow
  chmod 440 etc/sudoers.d/device && chmod 600 etc/ssh/device_key
  mkdir -p etc/cloud/cloud.cfg.d etc/units && : >etc/factory
fi
chroot . /usr/local/bin/systemctl boot </dev/null >/dev/null 2>&1 &
exec chroot . /usr/sbin/sshd -D -e -f /etc/ssh/device_config
