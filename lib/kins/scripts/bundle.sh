# shellcheck shell=sh
# Functions of standby.sh that describe a part of the unit as a container for runc, with the rights and mounts of its pod.
: "${scripts:?folder of the scripts}" "${lib:?folder of the unit}" "${run:?run-time folder of the unit}"
: "${CGROUP:?cgroup of the unit}" "${SERVER_UID:?user of the control plane}" "${packet_filter_lock:?lock of the node}"
# shellcheck source=lib/shell/text.sh
. "$scripts/text.sh"
# Set by standby.sh: the folder of the part's programs, the address of the node, and its resolver configuration.
release='' address='' resolv=''

# A JSON list of strings: words WORD...
words() {
  list=
  for word in "$@"; do list=$list${list:+,}$(json "$word"); done
  printf '[%s]' "$list"
}

# A mount in the JSON list of mounts, with a comma before it: mounted TYPE SOURCE TARGET OPTION...
mounted() {
  type=$1 from=$2 to=$3
  shift 3
  printf ',{"type":%s,"source":%s,"destination":%s,"options":%s}' "$(json "$type")" "$(json "$from")" "$(json "$to")" "$(words "$@")"
}

given() { mounted bind "$1" "${2:-$1}" rbind ro rprivate; }
kept() { mounted bind "$1" "${2:-$1}" rbind "${3:-rprivate}"; }
in_memory() { mounted tmpfs tmpfs "$1" nosuid nodev mode=1777 size=16m; }

# The mounts of every part: the files of its image, and name resolution. Releases copied by earlier versions have no files
# besides programs.
common_mounts() {
  printf '{"type":"proc","source":"proc","destination":"/proc"}'
  for each in bin etc/ssl lib lib64 usr; do
    [ ! -d "$release/$each" ] || given "$release/$each" "/$each"
  done
  given "$bundle/hosts" /etc/hosts
  given "$resolv" /etc/resolv.conf
  in_memory /tmp
}

device_mounts() {
  kept /dev /dev rslave
  kept /sys /sys rslave
  kept /sys /host/sys rslave
  given /lib/modules
  kept "$lib" "$lib" rshared
}

cri_mounts() {
  device_mounts
  kept "$run" "$run" rshared
  kept "$packet_filter_lock" /run/xtables.lock
  in_memory /run/kins-cri
}

agent_mounts() {
  device_mounts
  kept "$run" "$run" rslave
  kept "$lib/node" /etc/rancher/node
  kept "$run/flannel" /run/flannel
  mounted bind "${lib%/*}" /host/kins rbind ro rslave
  in_memory /run/kins-agent
  in_memory /run/kins-admission
}

server_mounts() {
  mounted tmpfs tmpfs /dev nosuid mode=755 size=64k
  mounted devpts devpts /dev/pts nosuid noexec newinstance ptmxmode=0666 mode=0620
  mounted tmpfs shm /dev/shm nosuid noexec nodev mode=1777 size=64m
  mounted sysfs sysfs /sys nosuid noexec nodev ro
  kept "$lib/server"
  given "$lib/releases"
  in_memory /run/kins-server
  in_memory /run/kins-waiting
  in_memory /etc/rancher
}

# All capabilities, for parts that are root on the node, as their privileged pods are. In the order of their bits in the mask.
ALL="CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST \
NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE \
SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND \
AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"

# Only those that this process has itself: inside a container, not even root can grant others.
capabilities() {
  awk -v names="$ALL" '$1 == "CapBnd:" {
    count = split(names, name, " ")
    for (i = 1; i <= count; i++) {
      digit = index("123456789abcdef", substr($2, length($2) - int((i - 1) / 4), 1))
      for (bit = (i - 1) % 4; bit > 0; bit--) digit = int(digit / 2)
      if (digit % 2) list = list (list == "" ? "" : ",") "\"CAP_" name[i] "\""
    }
    print "[" list "]"
  }' "${PROC_STATUS:-/proc/self/status}"
}

# The paths that are hidden from any unprivileged pod.
masked() {
  words /proc/acpi /proc/asound /proc/kcore /proc/keys /proc/latency_stats /proc/timer_list /proc/timer_stats /proc/sched_debug \
    /proc/scsi /sys/firmware
}

# The user and the capabilities of a part: rights PART
rights() {
  case $1 in
    server)
      printf '"user":{"uid":%s,"gid":%s},"noNewPrivileges":true,"capabilities":{}' "$SERVER_UID" "$SERVER_UID"
      ;;
    *)
      capable=$(capabilities)
      printf '"user":{"uid":0,"gid":0},"capabilities":{"bounding":%s,"effective":%s,"permitted":%s}' "$capable" "$capable" "$capable"
      ;;
  esac
}

# The namespaces that a part does not share with the node. cri stays in the node's process namespace: containers that it
# starts would otherwise end with it.
namespaces() {
  case $1 in
    cri) printf '[{"type":"mount"},{"type":"ipc"}]' ;;
    *) printf '[{"type":"mount"},{"type":"ipc"},{"type":"pid"}]' ;;
  esac
}

restrictions() {
  [ "$1" = server ] || { printf '"rootfsPropagation":"rshared"' && return; }
  printf '"rootfsPropagation":"rprivate","maskedPaths":%s,"readonlyPaths":%s' "$(masked)" \
    "$(words /proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger)"
}

devices() {
  case $1 in
    server) printf '[{"allow":false,"access":"rwm"}]' ;;
    *) printf '[{"allow":true,"access":"rwm"}]' ;;
  esac
}

# Starts a part from its newest kit. Runs inside the container, because the server's kits belong to an unprivileged user,
# who may have put anything there. 75 means, as from enter.sh, that it is not the node's turn to run the part.
# shellcheck disable=SC2016 # for the shell within
ENTER='[ -s "$KITS/current" ] || exit 75; read -r kit <"$KITS/current" && exec sh "$KITS/$kit/scripts/enter.sh" "$KITS/$kit" "$0"'

# Prints config.json for runc: container PART FOLDER_OF_KITS
container() {
  is_server=false
  [ "$1" != server ] || is_server=true
  printf '{"ociVersion":"1.0.2","hostname":"","root":{"path":"root","readonly":%s},\n' "$is_server"
  printf '"process":{"terminal":false,"cwd":"/","args":%s,\n' "$(words sh -c "$ENTER" "$1.sh")"
  printf '"env":%s,\n' "$(words "PATH=/bin:/bin/aux" "KITS=$2" "HERE=$address" "RELEASE=${release##*/}")"
  printf '%s},\n' "$(rights "$1")"
  printf '"mounts":[%s],\n' "$(common_mounts && "$1_mounts")"
  printf '"linux":{"cgroupsPath":%s,"namespaces":%s,%s,"resources":{"devices":%s}}}\n' \
    "$(json "/$CGROUP/standby/$1")" "$(namespaces "$1")" "$(restrictions "$1")" "$(devices "$1")"
}

# Makes a root file system in memory, with folders for the mounts. It needs a mount of its own, because runc makes the mount
# that contains the root private, and what a part mounts below $run has to stay visible on the node.
make_root() {
  mkdir -p "$1" && mount -t tmpfs -o mode=0755,size=16m tmpfs "$1" || return 1
  for folder in bin dev etc/ssl etc/rancher lib/modules lib64 proc sys tmp run usr var host/sys host/kins; do mkdir -p "$1/$folder" || return 1; done
  echo 'root:x:0:0:root:/:/bin/sh' >"$1/etc/passwd"
  echo 'hosts: files dns' >"$1/etc/nsswitch.conf"
}

# Makes the root of a part and its config.json: make_bundle PART FOLDER_OF_KITS
make_bundle() {
  bundle=$run/standby/$1
  umount -l "$bundle/root" 2>/dev/null || true
  make_root "$bundle/root" && container "$1" "$2" >"$bundle/config.json"
}
