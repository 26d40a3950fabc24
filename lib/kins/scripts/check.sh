#!/bin/sh
# Checks this node for everything that would keep K3s from working, and reports it in one message in the pod's status.
# Once the node has taken part in the unit, problems are only reported: a unit that has run before is not kept from running
# again, except when another program holds one of K3s' ports. Conflicts on ports for workloads never stop the unit.
# shellcheck disable=SC2317 # checks are called by their names
set -eu
: "${UNIT:?name of the unit}" "${NODE_NAME:?name of the node}" "${CHECKS:?what to check}" "${HAS_RUN:?file that tells}"
root=${CGROUP_ROOT:-/host/sys/fs/cgroup}
message=${TERMINATION_LOG:-/dev/termination-log}
work=${KINS_WORK:-/tmp}
problems=$work/problems
scripts=${KINS_SCRIPTS:-/etc/kins/scripts}
# shellcheck source=lib/kins/scripts/wait.sh
. "$scripts/wait.sh"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
umask 077

# Reports without stopping the unit: notice WHAT REMEDY
notice() { printf -- '- %s: %s\n' "$1" "$2" >>"$problems"; }

# Reports, and stops a unit that has not run here yet: problem WHAT REMEDY
problem() { notice "$1" "$2" && true >"$work/stops"; }

# Something unreadable must not pass for empty: unreadable WHAT
unreadable() { problem "$1 can't be read" 'see the log of this container, and the kernel log for a failing disk'; }

check_architecture() {
  case $(uname -m) in
    x86_64 | aarch64 | arm64) ;;
    *) problem "the processor is $(uname -m)" 'take the node out of the unit: K3s is tested on amd64 and arm64' ;;
  esac
}

check_cgroups() {
  for controller in cpu cpuset memory pids; do
    if [ -f "$root/cgroup.controllers" ]; then
      if grep -qw "$controller" "$root/cgroup.controllers"; then continue; fi
    elif [ -d "$root/$controller" ]; then
      continue
    fi
    problem "the cgroup controller $controller is missing" \
      "enable it: cgroup_enable=$controller on the kernel's command line, then reboot"
  done
}

# Tests whether the kernel can create an interface, and deletes it at once: interface KIND [OPTION...]
interface() {
  kind=$1
  shift
  if ip link add kins-check type "$kind" "$@" 2>/dev/null; then
    ip link delete kins-check
  else
    problem "the kernel cannot create $kind interfaces" \
      "load the module $kind on the node (modprobe $kind), or install the kernel's extra modules"
  fi
}

check_kernel() {
  for module in overlay br_netfilter vxlan ip_tables; do modprobe "$module" 2>/dev/null || true; done
  interface bridge
  interface veth
  # With the highest VNI, because the node may already have other VXLANs, including the unit's own.
  [ "${FLANNEL_BACKEND:-vxlan}" != vxlan ] || interface vxlan id 16777215 dstport "$OVERLAY_PORT"
  if [ ! -e "${KERNEL_SETTINGS:-/proc/sys}/net/bridge/bridge-nf-call-iptables" ]; then
    problem 'bridged packets bypass iptables' 'load the module br_netfilter on the node (modprobe br_netfilter)'
  fi
  iptables -w 5 -t nat -S >/dev/null 2>&1 ||
    problem 'iptables has no nat table' 'load the modules nf_tables and nft_chain_nat, or iptable_nat, on the node'
  check_overlay
}

# On the disk that will hold the containers.
check_overlay() {
  trial=$KINS_LIB/.check
  mkdir -p "$trial/lower" "$trial/upper" "$trial/work" "$trial/merged"
  if mount -t overlay -o "lowerdir=$trial/lower,upperdir=$trial/upper,workdir=$trial/work" overlay "$trial/merged" \
    2>/dev/null; then
    umount "$trial/merged"
  else
    problem "the kernel cannot mount an overlay file system in $KINS_LIB" \
      'load the module overlay on the node, and put /var/lib on ext4, or on XFS created with ftype=1'
  fi
  remove_tree "$trial"
}

# Writes how much of the disk is free, as an amount and as a percentage: measure_free OPTION_OF_DF
measure_free() {
  df "$1" "$KINS_LIB" >"$work/df" && awk 'NR == 2 && $2 > 0 { print $4, int($4 * 100 / $2) }' "$work/df" >"$work/free"
}

# The kubelet evicts pods when less than 5% is free.
check_disk() {
  measure_free -Pk || { unreadable "the free space of $KINS_LIB" && return; }
  read -r kilobytes percent <"$work/free" || return 0
  if [ "$kilobytes" -lt 1048576 ] || [ "$percent" -lt 6 ]; then
    problem "the disk of $KINS_LIB has $((kilobytes / 1024)) MiB free ($percent%)" \
      'free at least 1024 MiB and 6% of it, or use a larger disk'
  fi
  # File systems that allocate inodes dynamically report none, and not every df can count inodes.
  measure_free -Pi 2>/dev/null || return 0
  read -r inodes percent <"$work/free" || return 0
  if [ "$inodes" -lt 20000 ] || [ "$percent" -lt 6 ]; then
    problem "the disk of $KINS_LIB has $inodes free inodes ($percent%)" \
      'remove files you do not need: at least 20000 inodes and 6% of all must be free'
  fi
}

# Finds routes of the node, other than the unit's own, that overlap the networks of the edge cluster. Without awk's power
# operator, which some builds of busybox lack.
check_networks() {
  true >"$work/overlaps"
  for table in $ROUTES; do
    awk -v names='clusterCidr serviceCidr nodeCidr' -v own="$OWN_LINK" -v networks="$CLUSTER_CIDR $SERVICE_CIDR $NODE_CIDR" '
      function hex(text, i, value) {
        for (i = 7; i > 0; i -= 2)
          value = value * 256 + index("123456789ABCDEF", substr(text, i, 1)) * 16 + index("123456789ABCDEF", substr(text, i + 1, 1))
        return value
      }
      function addresses(prefix, n) { for (n = 1; prefix < 32; prefix++) n *= 2; return n }
      function dotted(n) { return int(n / 16777216) "." int(n / 65536) % 256 "." int(n / 256) % 256 "." n % 256 }
      BEGIN {
        split(names, name, " ")
        for (i = split(networks, text, " "); i > 0; i--) {
          split(text[i], part, /[.\/]/)
          base[i] = ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4]
          size[i] = addresses(part[5])
        }
      }
      FNR > 1 && $8 != "00000000" && $1 != own {
        from = hex($2); length_ = 4294967296 - hex($8)
        for (prefix = 32; addresses(prefix) < length_; prefix--) ;
        for (i in base) {
          larger = size[i] > length_ ? size[i] : length_
          if (int(from / larger) == int(base[i] / larger))
            printf "%s %s overlaps the route to %s/%d by %s\n", name[i], text[i], dotted(from), prefix, $1
        }
      }' "$table" >>"$work/overlaps" || unreadable "the routing table $table"
  done
  sort -u "$work/overlaps" >"$work/routes"
  while read -r line; do
    problem "$line" "set ${line%% *} to a network that the site does not use"
  done <"$work/routes"
}

# Writes "USER INODE" for each socket that listens on a port of the node and would conflict. On a node without IPv6 there is
# only one table: listeners PORT
listeners() {
  tables=$NET/tcp
  [ ! -e "$NET/tcp6" ] || tables="$tables $NET/tcp6"
  node_ip=$(echo "${NODE_IP:-0.0.0.0}" | awk -F . 'NF == 4 { printf "%02X%02X%02X%02X", $4, $3, $2, $1 }')
  # A listener conflicts on the node's own address, on loopback, and on all addresses, but not on another of its addresses.
  # shellcheck disable=SC2086 # one or two files
  awk -v port="$(printf '%04X' "$1")" -v own="$node_ip" '
    $4 == "0A" && split($2, at, ":") == 2 && at[2] == port {
      if (length(at[1]) > 8 || at[1] == "00000000" || at[1] ~ /7F$/ || at[1] == own) print $8, $10
    }' $tables >"$work/listeners"
}

is_free() { listeners "$1" && [ ! -s "$work/listeners" ]; }

# The program that holds a socket, if this pod can see it: holder USER INODE
holder() {
  for fd in "${HOST_PROC:-/host/proc}"/[0-9]*/fd/*; do
    [ "$(readlink "$fd" 2>/dev/null)" = "socket:[$2]" ] || continue
    pid=${fd%/fd/*}
    echo "$(cat "$pid/comm" 2>/dev/null) (process ${pid##*/})"
    return
  done
  echo "a process of user $1"
}

# Whether the node itself runs this part of the unit, started at boot without a pod. It then holds the ports rightfully, and
# hands over to the pod later.
is_run_by_the_node() { [ -e "${PART_LOCK:-}" ] && ! flock -n "$PART_LOCK" true; }

# PORTS lists NUMBER:USE. Whatever listened before this pod may take a moment to end.
check_ports() {
  if is_run_by_the_node; then return; fi
  for entry in $PORTS; do
    if within "${PORT_SECONDS:-5}" is_free "${entry%%:*}"; then continue; fi
    read -r user inode <"$work/listeners" || { unreadable "the socket table $NET/tcp" && return; }
    taken="port ${entry%%:*} (${entry#*:}) of the node is taken by $(holder "$user" "$inode")"
    remedy=${PORT_REMEDY:-stop that program, or have it listen on another port}
    # The node's packet filter already redirects this port to the pod, so stopping the pod would not give the port back.
    if [ "${PORTS_BLOCK:-yes}" = no ]; then
      notice "$taken" "$remedy"
    else
      # K3s could not start anyway.
      problem "$taken" "$remedy"
      true >"$work/blocked"
    fi
  done
}

# Only systemd can start the unit after a power cut while the cloud can't be reached.
check_boot() {
  [ -d "$NODE_ROOT/run/systemd/system" ] ||
    notice 'the node has no systemd' 'after a power cut it starts the unit only when the cloud can be reached'
}

# The pod's token says when the cloud issued it: that cannot be in the future, nor long ago.
check_clock() {
  { [ -s "$TOKEN" ] && claims=$(cut -d . -f 2 <"$TOKEN"); } || { unreadable "the pod's token $TOKEN" && return; }
  claims=$(echo "$claims" | tr '_-' '/+')
  while [ $((${#claims} % 4)) -ne 0 ]; do claims=$claims=; done
  claims=$(echo "$claims" | base64 -d 2>/dev/null) || return 0
  made=$(echo "$claims" | sed -n 's/.*"iat":\([0-9]*\).*/\1/p')
  ends=$(echo "$claims" | sed -n 's/.*"exp":\([0-9]*\).*/\1/p')
  now=$(date +%s)
  if [ -n "$made" ] && [ "$now" -lt $((made - 60)) ]; then
    problem "the clock is $((made - now)) seconds or more behind the cloud's" 'set it, and run a time service on the node'
  elif [ -n "$ends" ] && [ "$now" -gt $((ends + 60)) ]; then
    problem "the clock is $((now - ends)) seconds or more ahead of the cloud's" 'set it, and run a time service on the node'
  fi
}

rm -f "$work/blocked" "$work/stops"
true >"$problems"
for check in $CHECKS; do "check_$check"; done
[ -s "$problems" ] || exit 0

if [ ! -e "$work/stops" ] || { [ -e "$HAS_RUN" ] && [ ! -e "$work/blocked" ]; }; then
  outcome=0
  title="Unit $UNIT starts on node $NODE_NAME, but something is wrong there"
else
  outcome=1
  title="Unit $UNIT cannot start on node $NODE_NAME; it keeps trying until it can"
fi
# The kubelet keeps no more than 4096 bytes.
{ echo "$title:" && cat "$problems"; } | head -c 4000 | tee "$message" >&2
exit "$outcome"
