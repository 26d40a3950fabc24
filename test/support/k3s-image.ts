/**
 * What an image of K3s has of busybox, as it is configured there.
 * @see https://github.com/k3s-io/k3s-root/blob/master/package/busybox/busybox.config
 */
const BUSYBOX =
  `[ addgroup adduser ar arp arping ash awk bc bunzip2 bzcat chattr chrt chvt clear cmp cpio crond crontab dc deallocvt delgroup
  deluser devmem diff dmesg dnsd dnsdomainname dos2unix dumpkmap egrep eject ether-wake fallocate fbset fdflush fdformat fdisk
  fgrep find flock free freeramdisk fsck fsfreeze fstrim fuser getopt getty grep gunzip gzip halt hdparm hexdump hexedit hostname
  hwclock i2cdetect i2cdump i2cget i2cset i2ctransfer ifconfig ifdown ifup inetd init insmod ip ipaddr ipcrm ipcs iplink ipneigh
  iproute iprule iptunnel killall killall5 klogd last less linux32 linux64 linuxrc loadfont loadkmap logger login losetup lsattr
  lsmod lsof lspci lsscsi lsusb lzcat lzma lzopcat makedevs mdev mesg microcom mim mkdosfs mke2fs mkpasswd mkswap modprobe more
  mount mountpoint mt nameif netstat nologin nsenter nslookup nuke openvt partprobe passwd patch pidof ping pipe_progress
  pivot_root poweroff ps rdate readprofile reboot renice reset resize resume route run-init run-parts runlevel sed setarch
  setconsole setfattr setkeycodes setlogcons setpriv setserial setsid sh start-stop-daemon strings su sulogin svc svok swapoff
  swapon switch_root sysctl syslogd tar tc telnet tftp time top traceroute ts ubirename udhcpc uevent umount unix2dos unlzma unlzop
  unxz unzip usleep uudecode uuencode vconfig vi vlock volname watch watchdog wget which xargs xxd xz xzcat zcat`.split(
    /\s+/,
  );

/** Programs of GNU coreutils, all of which it has. */
const COREUTILS =
  `arch b2sum base32 base64 basename cat chcon chgrp chmod chown chroot cksum comm cp csplit cut date dd df dir dircolors
  dirname du echo env expand expr factor false fmt fold groups head hostid id install join link ln logname ls md5sum mkdir mkfifo
  mknod mktemp mv nice nl nohup nproc numfmt od paste pathchk pinky pr printenv printf ptx pwd readlink realpath rm rmdir runcon
  seq sha1sum sha224sum sha256sum sha384sum sha512sum shred shuf sleep sort split stat stdbuf stty sum sync tac tail tee test
  timeout touch tr true truncate tsort tty uname unexpand uniq unlink users vdir wc who whoami yes`.split(/\s+/);

/** What the image has from elsewhere: K3s' own, and tools of the kernel. */
const OTHERS =
  `blkid bridge conntrack containerd containerd-shim-runc-v2 crictl ctr ethtool ip6tables ip6tables-restore ip6tables-save ipset
  iptables iptables-restore iptables-save k3s kubectl pigz runc`.split(/\s+/);

/**
 * Programs of the image in which the scripts of pods run, `rancher/k3s`. There are no others: no `unshare`, no `pgrep`.
 * @see https://github.com/k3s-io/k3s-root/blob/master/scripts/package
 */
export const K3S_IMAGE_PROGRAMS: ReadonlySet<string> = new Set([...BUSYBOX, ...COREUTILS, ...OTHERS]);
