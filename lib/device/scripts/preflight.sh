# shellcheck shell=sh disable=SC2034,SC2154
# Checks the device before anything is changed on it. Always runs all checks, so that one run shows all problems.

findings=0

# Reports a problem: finding FOUND NEEDED REMEDY
finding() {
  findings=$((findings + 1))
  say "preflight: $1; needed: $2. $3"
}

check_rights() {
  [ "$(id -u)" = 0 ] || finding "run as user $(id -un)" 'root' \
    'Log in as root, or as a user who may run sudo -n without a password.'
}

check_input() {
  if [ -z "$script" ]; then
    finding 'no provisioning script came with the supervisor' "the value of Secret edge-provider-script-$EDGE_NAME-kube-system" \
      'Wait until KKP has made it, and give it on a line: script BASE64.'
  elif [ -z "$api" ] || [ -z "$token" ] || [ -z "$bootstrap_secret" ]; then
    finding 'the given script fetches no Secret of KKP' 'the value of a Secret edge-provider-script-...' \
      'Give the value of key fetch-bootstrap-script as it is.'
  elif [ "$bootstrap_secret" != "$bootstrap_config" ]; then
    finding "the given script is for $bootstrap_secret" "the script of machine $EDGE_NAME" \
      'Two devices with the same script would claim to be the same node.'
  fi
  case $ca in
    *'BEGIN CERTIFICATE'*) ;;
    *) finding 'no certificate came with the supervisor' "the CA of the user cluster's API server" \
      "Give certificate-authority-data of the cluster's kubeconfig on a line: ca BASE64." ;;
  esac
}

check_system() {
  id=$(os_release ID)
  version=$(os_release VERSION_ID)
  case $id-$version in
    ubuntu-20.04 | ubuntu-22.04)
      if [ -n "$EDGE_OS_VERSION" ] && [ "$version" != "$EDGE_OS_VERSION" ]; then
        finding "Ubuntu $version" "Ubuntu $EDGE_OS_VERSION, as declared" 'Correct the declaration or the device.'
      fi
      ;;
    *) finding "${id:-an unknown system} $version" 'Ubuntu 20.04 or 22.04' \
      'Install one of them: KKP provisions no other system on edge.' ;;
  esac
  case $(uname -m) in
    x86_64 | aarch64) ;;
    *) finding "processor $(uname -m)" 'x86_64 or aarch64' 'Use another device: there is no kubelet for this one.' ;;
  esac
  if [ ! -d "$root/run/systemd/system" ] || ! command -v systemctl >/dev/null; then
    finding 'systemd does not run here' 'systemd' 'Provision the host, not a container on it.'
  fi
  machine_id=$(first_line "$root/etc/machine-id") || machine_id=
  [ -n "$machine_id" ] || finding '/etc/machine-id is empty' 'an id that no other device has' \
    'Run: systemd-machine-id-setup; it identifies the node.'
  for program in cloud-init curl; do
    command -v "$program" >/dev/null || finding "$program is not installed" "$program" "Run: apt-get install -y $program"
  done
}

os_release() { sed -n "s/^$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" "$root/etc/os-release" 2>/dev/null; }

check_resources() {
  for folder in / /var; do
    free=$(df -Pk "$root$folder" 2>/dev/null) || free=
    free=$(printf '%s\n' "$free" | awk 'NR == 2 { print int($4 / 1024) }')
    [ "${free:-0}" -ge "$EDGE_MIN_DISK_MIB" ] || {
      finding "${free:-0} MiB free in $folder" "$EDGE_MIN_DISK_MIB MiB" 'Make room: the kubelet evicts pods on a full disk.'
      break
    }
  done
  memory=$(awk '$1 == "MemTotal:" { print int($2 / 1024) }' "$root/proc/meminfo" 2>/dev/null)
  [ "${memory:-0}" -ge "$EDGE_MIN_MEMORY_MIB" ] ||
    finding "${memory:-0} MiB of memory" "$EDGE_MIN_MEMORY_MIB MiB" 'Use a device with more memory.'
  [ "$(stat -f -c %T "$root/run" 2>/dev/null)" = tmpfs ] ||
    finding '/run is on a disk' '/run in memory (tmpfs)' 'Mount a tmpfs there: the token must not survive a power cut.'
  if [ "$(id -u)" = 0 ] && ! [ -w "$state" ]; then
    finding '/var/lib/edge-constructs is not writable' 'a writable disk' 'Look at: df -h /var/lib; mount'
  fi
}

# If there is no record that this library has begun to provision the device, a kubelet on it belongs to another cluster.
check_other_cluster() {
  if ! { machine=$(first_line "$root/etc/machine-name") && began=$(first_line "$state/begun"); }; then
    finding 'cannot read whether this device is already a machine' 'a readable disk' 'Look at the disk: dmesg'
    return
  fi
  if [ -n "$machine" ] && [ "$machine" != "$EDGE_NAME" ]; then
    finding "this device is already machine $machine" "a device that is not a node, or $EDGE_NAME itself" \
      "Decommission it as $machine first, or give the right address."
  fi
  if [ -n "$began" ] && [ "$began" != "$EDGE_NAME" ]; then
    [ "$began" = "$machine" ] || finding "provisioning of this device as $began has begun" "$EDGE_NAME" \
      "Decommission it as $began first, or give the right address."
    return
  fi
  [ -z "$began" ] || return 0
  for path in /var/lib/kubelet/kubeconfig /etc/kubernetes/kubelet.conf /etc/kubernetes/admin.conf \
    /etc/rancher/k3s /var/lib/rancher /var/snap/microk8s /var/lib/k0s; do
    if [ -e "$root$path" ]; then
      finding "$path: this device already belongs to a cluster" 'a device that is in no cluster' \
        'Take it out of that cluster and remove its files first.'
      return
    fi
  done
  ! kubelet_active || finding 'a kubelet is running' 'a device that is in no cluster' 'Take it out of its cluster first.'
}

# EDGE_NAME becomes the host name of the device, so no other host in its network may have it.
check_host_name() {
  [ -w "$run" ] || return 0
  lookup=0
  bounded 10 getent ahosts "$EDGE_NAME" >"$run/hosts" 2>/dev/null || lookup=$?
  # 2: there is no such host.
  case $lookup in
    0 | 2) ;;
    *) say "preflight: whether another host has the name $EDGE_NAME could not be determined (getent exited with code $lookup)" ;;
  esac
  while read -r address _; do
    case $address in
      127.* | ::1 | fe80:*) continue ;;
    esac
    is_own_address "$address" || {
      finding "another host, $address, has the name $EDGE_NAME" 'a host name that no other host has' \
        'Rename the machine or that host, or correct DNS or /etc/hosts.'
      return
    }
  done <"$run/hosts"
}

is_own_address() {
  ip -o address show >"$run/addresses" 2>/dev/null &&
    awk -v wanted="$1" '{ sub("/.*", "", $4) } $4 == wanted { found = 1 } END { exit !found }' "$run/addresses"
}

preflight() {
  check_rights
  check_input
  check_system
  check_resources
  check_other_cluster
  check_host_name
  check_network
  [ "$findings" -eq 0 ] || {
    say "preflight: problems to fix: $findings; nothing has been changed on this device"
    return 1
  }
  say 'preflight: no problems found'
}
