#!/bin/sh
# The boot of one node and then its init (process 1 of the node's own namespaces). When it is killed, the kernel ends
# everything on the node at once: that is the lab's power cut.
#   NODE_NAME  host name            NODE_DISK     folder that is the node's disk; it outlives the boot
#   NODE_MNT   empty folder         NODE_BIN      programs of Kubernetes and what they start
#   NODE_IP    address/prefix       NODE_GATEWAY  default route
#   NODE_SERVICES  folder of the node with a script for each service
set -eu
: "${NODE_NAME:?}" "${NODE_DISK:?}" "${NODE_MNT:?}" "${NODE_BIN:?}" "${NODE_IP:?}" "${NODE_GATEWAY:?}" "${NODE_SERVICES:?}"
root=$NODE_MNT

# Root file system: the machine's own below, never written; whatever the node writes lands on its disk. /var is a plain
# folder, because containerd's overlay snapshots cannot lie on an overlay. Folders in which the machine's own Kubernetes
# may have left something are hidden.
for folder in root work var/lib var/log var/tmp etc-rancher etc-cni opt; do mkdir -p "$NODE_DISK/$folder"; done
chmod 1777 "$NODE_DISK/var/tmp"
ln -sfn /run "$NODE_DISK/var/run"
mount -t overlay -o "lowerdir=/,upperdir=$NODE_DISK/root,workdir=$NODE_DISK/work" overlay "$root"
mkdir -p "$root/etc/rancher" "$root/etc/cni" "$root/opt"
mount --bind "$NODE_DISK/var" "$root/var"
mount --bind "$NODE_DISK/etc-rancher" "$root/etc/rancher"
mount --bind "$NODE_DISK/etc-cni" "$root/etc/cni"
mount --bind "$NODE_DISK/opt" "$root/opt"
mkdir -p "$root/opt/lab/bin"
mount --bind "$NODE_BIN" "$root/opt/lab/bin"
mount -o remount,bind,ro "$root/opt/lab/bin"
mount -t tmpfs -o mode=0755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /dev "$root/dev"

# cgroups as the machine has them, seen from the node's own root.
cgroup=$root/sys/fs/cgroup
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -t cgroup2 cgroup2 "$cgroup"
  # A v2 cgroup with processes of its own cannot give controllers to its children: the node's processes get a leaf.
  mkdir "$cgroup/init"
  while read -r process; do echo "$process" >"$cgroup/init/cgroup.procs" || :; done <"$cgroup/cgroup.procs"
  tr ' ' '\n' <"$cgroup/cgroup.controllers" | while read -r controller; do
    echo "+$controller" >"$cgroup/cgroup.subtree_control"
  done
else
  mount -t tmpfs -o mode=0755 tmpfs "$cgroup"
  while IFS=: read -r _ controllers _; do
    case $controllers in
      '') mkdir "$cgroup/unified" && mount -t cgroup2 cgroup2 "$cgroup/unified" ;;
      name=*) mkdir "$cgroup/${controllers#name=}" && mount -t cgroup -o "none,$controllers" cgroup "$cgroup/${controllers#name=}" ;;
      *)
        mkdir "$cgroup/$controllers"
        mount -t cgroup -o "$controllers" cgroup "$cgroup/$controllers"
        for controller in $(echo "$controllers" | tr , ' '); do
          [ -e "$cgroup/$controller" ] || ln -s "$controllers" "$cgroup/$controller"
        done
        ;;
    esac
  done <"$root/proc/self/cgroup"
fi

cd "$root"
pivot_root . .
umount -l .
cd /
# As systemd has it on a real node: volumes with Bidirectional propagation need it.
mount --make-rshared /

hostname "$NODE_NAME"
echo "$NODE_NAME" >/etc/hostname
printf '127.0.0.1 localhost\n%s %s\n' "${NODE_IP%/*}" "$NODE_NAME" >/etc/hosts
echo "nameserver $NODE_GATEWAY" >/etc/resolv.conf
# One identity a disk, as the first boot of a real system makes it.
[ -s /var/lib/machine-id ] || tr -d - </proc/sys/kernel/random/uuid >/var/lib/machine-id
cat /var/lib/machine-id >/etc/machine-id

ip link set lo up
until ip link show eth0 >/dev/null 2>&1; do sleep 0.1; done
ip address add "$NODE_IP" dev eth0
ip link set eth0 up
ip route add default via "$NODE_GATEWAY"

export PATH="/opt/lab/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" HOME=/root
mkdir -p /run/lab /run/systemd/system
# Another one at each boot, as real kernels have it; see runc-in-lab.sh.
cat /proc/sys/kernel/random/uuid >/run/lab/boot-id
# What systemd does with services that are enabled, as far as units of edge clusters have some: it starts them at boot, and
# again when they fail.
for unit in /etc/systemd/system/multi-user.target.wants/kins-*.service; do
  [ -e "$unit" ] || continue
  started=$(sed -n 's/^ExecStart=//p' "$unit")
  (until $started; do sleep 5; done) >"/var/log/${unit##*/}.log" 2>&1 &
done
# What systemd does for services that someone installed: starts them again when they end. keep_running SERVICE
keep_running() {
  while :; do
    if [ -e "/run/lab/$1.enabled" ]; then
      sh "$NODE_SERVICES/$1" >>"/var/log/$1.log" 2>&1 &
      echo $! >"/run/lab/$1.pid"
      wait $! || :
      rm -f "/run/lab/$1.pid"
    fi
    sleep 1
  done
}
for script in "$NODE_SERVICES"/*; do
  service=${script##*/}
  [ -e "/var/lib/$service.disabled" ] || touch "/run/lab/$service.enabled"
  keep_running "$service" &
done
touch /run/lab/booted
# Waiting also buries the node's orphans.
while :; do wait; done
