#!/bin/sh
# Stands for the programs of a device that a test must not run: one file, called by the name of each. What they would
# change in the world they change below EDGE_ROOT; how they fail is set by files in EDGE_ROOT/world.
world=$EDGE_ROOT/world
: "${NAME:?of the machine}"
# A moment at which the power may fail.
moment() { [ -z "${LAZY_DISK-}" ] || "$EDGE_ROOT/bin/snapshot"; }
name=${0##*/}
# As the shell itself would say it of its own programs.
[ -z "${STUB_NAME-}" ] || name=$STUB_NAME
echo "$name $*" >>"$world/calls"
moment
if [ -e "$world/fail/$name" ]; then
  # A program that fails has often said something by then.
  [ "$name" != dpkg-query ] || head -n 1 "$world/packages" | sed 's/^/ii  /'
  exit "$(cat "$world/fail/$name")"
fi


setup() {
  moment
  [ ! -e "$world/setup-fails" ] || { while :; do sleep 1; done; }
  if [ -e "$world/active/ufw" ]; then rm "$world/active/ufw"; fi
  rm -f "$world/enabled/ufw" && touch "$world/masked/ufw"
  moment
  echo "$NAME" >"$EDGE_ROOT/etc/machine-name"
  echo "$NAME" >"$EDGE_ROOT/etc/hostname"
  sed -i.orig '/.*swap.*/d' "$EDGE_ROOT/etc/fstab"
  # At once, as dpkg does: others look meanwhile.
  printf '%s\n' jq socat containerd.io | sort -u - "$world/packages" >"$EDGE_ROOT/run/packages"
  mv "$EDGE_ROOT/run/packages" "$world/packages"
  mkdir -p "$EDGE_ROOT/etc/kubernetes/pki" "$EDGE_ROOT/opt/cni/bin" "$EDGE_ROOT/var/lib/kubelet" "$EDGE_ROOT/opt/bin"
  touch "$EDGE_ROOT/opt/bin/kubelet" "$EDGE_ROOT/opt/cni/bin/bridge"
  cp "$world/secrets/kube-system-$NAME-kubelet-bootstrap-config" "$EDGE_ROOT/etc/kubernetes/bootstrap-kubelet.conf"
  moment
  touch "$world/enabled/kubelet"
  moment
  kubelet
  moment
  touch "$world/enabled/kubelet-healthcheck" "$world/active/kubelet-healthcheck"
  rm -f "$world/enabled/setup"
}

# Joins when its token is good; what it has joined with it keeps.
kubelet() {
  touch "$world/active/kubelet"
  [ ! -e "$world/kubelet-dies" ] || rm "$world/active/kubelet"
  if [ ! -s "$EDGE_ROOT/var/lib/kubelet/kubeconfig" ]; then
    grep -q "token: $(cat "$world/join-token")" "$EDGE_ROOT/etc/kubernetes/bootstrap-kubelet.conf" || return 0
    echo 'kind: Config' >"$EDGE_ROOT/var/lib/kubelet/kubeconfig"
    echo certificate >"$EDGE_ROOT/etc/kubernetes/pki/kubelet-client-current.pem"
  fi
  # At once: no power cut leaves half of what the cluster knows.
  [ -e "$world/node" ] || { cat "$EDGE_ROOT/etc/machine-id" >"$EDGE_ROOT/run/node.$$" && mv "$EDGE_ROOT/run/node.$$" "$world/node"; }
}

bootstrap() {
  [ -x "$EDGE_ROOT/opt/bin/bootstrap" ] || { echo 'Unit bootstrap.service not found.' && return 5; }
  touch "$world/active/bootstrap"
  [ ! -e "$EDGE_ROOT/etc/bootstrap-complete" ] || return 0
  printf '#cloud-config\n' >"$EDGE_ROOT/etc/cloud/cloud.cfg.d/$NAME-kube-system-provisioning-config.cfg"
  moment
  rm -f "$world/instance"
  touch "$EDGE_ROOT/etc/cloud/cloud-init.disabled" "$EDGE_ROOT/etc/bootstrap-complete"
  rm -f "$world/enabled/bootstrap"
  echo setup >"$EDGE_ROOT/etc/systemd/system/setup.service"
  for unit in kubelet kubelet-healthcheck; do echo "$unit" >"$EDGE_ROOT/etc/systemd/system/$unit.service"; done
  setup
}

# As cloud-init does, it writes files once per instance.
cloud_init() {
  case $1 in
    clean) rm -f "$world/instance" ;;
    --file)
      [ "$(head -n 1 "$2")" = '#cloud-config' ] && [ ! -e "$world/instance" ] || return 0
      mkdir -p "$EDGE_ROOT/opt/bin" "$EDGE_ROOT/etc/systemd/system"
      echo token >"$EDGE_ROOT/opt/bin/bootstrap" && echo bootstrap >"$EDGE_ROOT/etc/systemd/system/bootstrap.service"
      chmod 755 "$EDGE_ROOT/opt/bin/bootstrap"
      touch "$world/instance"
      ;;
  esac
}

# unit UNIT.service ACTION
unit() {
  base=${1%.service}
  case $2 in
    is-active) if [ -e "$world/active/$base" ]; then echo active; else echo inactive && return 3; fi ;;
    is-enabled)
      if [ -e "$world/masked/$base" ]; then echo masked && return 1; fi
      if [ -e "$world/enabled/$base" ]; then echo enabled; else echo disabled && return 1; fi
      ;;
    enable) [ ! -e "$world/enable-fails" ] && touch "$world/enabled/$base" ;;
    disable) [ ! -e "$world/disable-fails" ] && rm -f "$world/enabled/$base" ;;
    unmask) rm -f "$world/masked/$base" ;;
    stop) rm -f "$world/active/$base" ;;
    start) touch "$world/active/$base" ;;
    restart) case $base in bootstrap) bootstrap ;; kubelet) kubelet ;; esac ;;
  esac
}

systemctl() {
  action=$1 && shift
  quiet='' && now=''
  for word; do
    case $word in
      --quiet) quiet=1 ;;
      --now) now=1 ;;
      --*) ;;
      *)
        outcome=0
        said=$(unit "$word" "$action") || outcome=$?
        [ -n "$quiet" ] || [ -z "$said" ] || printf '%s\n' "$said"
        if [ -n "$now" ] && [ "$action" = disable ]; then unit "$word" stop; fi
        if [ -n "$now" ] && [ "$action" = enable ]; then unit "$word" start; fi
        [ "$outcome" = 0 ] || return "$outcome"
        ;;
    esac
  done
}

# The API server: only the answers that its clients need, as it writes them.
curl() {
  pass_time
  url='' code='' headers='' bearer='' cert='' is_silent='' is_insecure='' limits=''
  while [ $# -gt 0 ]; do
    case $1 in
      http*) url=$1 ;;
      --write-out) shift && code=1 ;;
      --dump-header) shift && headers=$1 ;;
      --cert) shift && cert=$1 ;;
      --silent) is_silent=1 ;;
      --insecure) is_insecure=1 ;;
      --max-time) shift && limits="$limits $1" ;;
      --header | --output | --cacert | --connect-timeout)
        case $2 in @-) bearer=$(cat) ;; Auth*) bearer=$2 ;; esac
        shift
        ;;
    esac
    shift
  done
  [ -n "$is_silent" ] || echo '  % Total    % Received' >&2
  # KKP's script calls it otherwise, and that is its own matter.
  case "$is_silent$limits" in 1 | '1 0') echo "curl $url" >>"$world/unlimited" ;; esac
  bearer=${bearer##* }
  host=${url#*//} && host=${host%%/*}
  if [ -e "$world/curl/$host" ]; then
    failure=$(cat "$world/curl/$host")
    # A certificate that is not trusted is no matter for who does not look at it.
    [ "$failure$is_insecure" = 601 ] || return "$failure"
  fi
  case $url in https://api.*) ;; *) return 0 ;; esac
  # Of now, unless a test says otherwise: a busy machine may take minutes for a test.
  [ -z "$headers" ] || printf 'HTTP/2 401\r\ndate: %s\r\n' \
    "$(cat "$world/server-date" 2>/dev/null || LC_ALL=C /bin/date -u '+%a, %d %b %Y %H:%M:%S GMT')" >"$headers"
  status=200 body=
  case $url in
    */version) ;;
    */api)
      if [ -e "$world/api-status" ]; then status=$(cat "$world/api-status")
      elif [ "$bearer" != "$(cat "$world/join-token")" ]; then status=401; fi
      ;;
    */nodes/*)
      if [ -z "$cert" ] || [ ! -e "$world/node" ]; then status=404
      else body="{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"$(cat "$world/ready")\"}],\"nodeInfo\":{\"machineID\":\"$(cat "$world/node")\"}}}"; fi
      ;;
    */secrets/*)
      secret=${url##*/} && key=cloud-config
      case $secret in *kubelet*) key=kubeconfig ;; esac
      if [ "$bearer" != "$(cat "$world/token")" ]; then status=401
      elif [ -e "$world/secrets/$secret" ]; then
        body="{\"data\": {\"$key\": \"$(base64 <"$world/secrets/$secret" | tr -d '\n')\"}}"
      else status=404; fi
      ;;
  esac
  printf '%s' "$body"
  [ -z "$code" ] || printf '\n%s\n' "$status"
}

# As apt does, it refuses everything while dpkg has something to finish.
apt_get() {
  if [ -e "$world/dpkg-interrupted" ]; then
    echo "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem." >&2
    return 100
  fi
  for word; do :; done
  case "$*" in
    '-o DPkg::Lock::Timeout=600 --simulate purge '*)
      [ ! -e "$world/simulation-fails" ] || return 100
      echo "NOTE: This is only a simulation!"
      echo "Purg $word [1]"
      cat "$world/needs-$word" 2>/dev/null
      ;;
    '--yes -o DPkg::Lock::Timeout=600 purge '*)
      if [ -e "$world/cut-purge" ]; then
        mv "$world/cut-purge" "$world/dpkg-interrupted"
        return 100
      fi
      sed -i "/^$word\$/d" "$world/packages"
      ;;
    # KKP's own.
    update* | install*) ;;
    *) return 100 ;;
  esac
  return 0
}

dpkg() {
  [ "$*" = '--force-confdef --force-confold --configure -a' ] || return 2
  if [ -e "$world/dpkg-locked" ]; then
    mv "$world/dpkg-locked" "$world/dpkg-was-locked"
    echo 'dpkg: error: dpkg frontend lock was locked by another process with pid 7' >&2
    return 2
  fi
  rm -f "$world/dpkg-interrupted"
}

# A volume is a folder that is elsewhere when it is not mounted any more.
umount() {
  for word; do :; done
  awk -v gone="$word" '{ path = $2; gsub(/\\040/, " ", path) } path != gone { print }' "$EDGE_ROOT/proc/self/mounts" >"$world/mounts"
  cat "$world/mounts" >"$EDGE_ROOT/proc/self/mounts"
  mkdir -p "$world/volumes"
  mv "$word" "$world/volumes/${word##*/}" && mkdir "$word"
}

# Pods are lines `namespace name kind phase`; what is asked of them may take its time, by the clock of the device.
kubectl() {
  pass_time
  case "$*" in
    "--kubeconfig $EDGE_ROOT/var/lib/kubelet/kubeconfig --request-timeout 20s "*) ;;
    *) echo "kubectl $*" >>"$world/unlimited" && return 1 ;;
  esac
  shift 4
  case "$*" in
    "cordon $NAME") ;;
    "get pods --all-namespaces --field-selector spec.nodeName=$NAME --no-headers --output custom-columns="*)
      if [ -e "$world/pods-fail" ]; then return 1; fi
      cat "$world/pods" 2>/dev/null || :
      ;;
    "create --raw /api/v1/namespaces/"*"/eviction --filename $EDGE_ROOT/run/edge-constructs/eviction.json")
      [ ! -e "$world/budget" ] || return 1
      pod=$* && pod=${pod##*/pods/} && pod=${pod%%/*}
      namespace=${3#/api/v1/namespaces/} && namespace=${namespace%%/*}
      wanted='{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"namespace":"'$namespace'","name":"'$pod'"}}'
      [ "$(cat "$5")" = "$wanted" ] || return 1
      sed -i "/ $pod /d" "$world/pods"
      ;;
    *) return 1 ;;
  esac
}

# Each look at the world makes the device older by so many seconds.
pass_time() {
  [ -e "$world/seconds-a-look" ] || return 0
  read -r up _ <"$EDGE_ROOT/proc/uptime"
  echo "$((${up%.*} + $(cat "$world/seconds-a-look"))).00 0" >"$EDGE_ROOT/proc/uptime"
}

case $name in
  systemctl) systemctl "$@" ;;
  cloud-init) cloud_init "$@" ;;
  curl) curl "$@" ;;
  apt-get) apt_get "$@" ;;
  date) if [ -e "$world/date" ]; then cat "$world/date"; else PATH=/usr/bin:/bin exec date "$@"; fi ;;
  dpkg) dpkg "$@" ;;
  dpkg-query)
    # Of what was removed its settings may be left, and it may be in the midst of something.
    if [ "$1 ${2-}" = '--show --showformat' ]; then
      sed 's/^/ii  /' "$world/packages"
      if [ -e "$world/other-packages" ]; then cat "$world/other-packages"; fi
    fi
    ;;
  ip)
    case "$*" in
      '-o link show') if [ -e "$world/links" ]; then cat "$world/links"; fi ;;
      '-o address show') if [ -e "$world/addresses" ]; then cat "$world/addresses"; fi ;;
      'link delete '*) [ ! -e "$world/links-stay" ] && sed -i "/: $3[@:]/d" "$world/links" ;;
      *) exit 1 ;;
    esac
    ;;
  kubectl) kubectl "$@" ;;
  update-ca-certificates)
    # As it does, this one drops what leads to nowhere.
    for link in "$EDGE_ROOT"/etc/ssl/certs/*.pem; do [ -e "$link" ] || rm -f "$link"; done
    ;;
  swapon) grep swap "$EDGE_ROOT/etc/fstab" | sed 's/^/swap on: /' >>"$world/calls" ;;
  umount) [ "$1" = -l ] && umount "$@" ;;
  hostnamectl) [ "$1" != set-hostname ] || echo "$2" >"$EDGE_ROOT/etc/hostname" ;;
  getent) [ "$*" = "ahosts $NAME" ] && cat "$world/hosts" ;;
  id) if [ "$1" = -u ]; then cat "$world/uid"; else echo somebody; fi ;;
  uname) if [ "$*" = -m ]; then cat "$world/machine"; else echo Linux; fi ;;
  stat) [ "$1 $2 $3" = '-f -c %T' ] && cat "$world/run-type" ;;
  df) [ "$1" = -Pk ] && printf 'Filesystem 1024-blocks Used Available\n/dev/sda1 0 0 %s\n' "$(cat "$world/free")" ;;
  *) ;;
esac
