#!/bin/sh
# Stands for systemd and the services that KKP's configuration brings: bootstrap, setup, kubelet. What is enabled and
# active is a file in /run/units and /etc/units. bootstrap and setup do what KKP's do with files, without any package; the
# kubelet joins by the real API with the token that it was given, and gets its certificate from it.
mkdir -p /etc/units /run/units
name=$(sed -n 's/.*"name":"\([^"]*\)".*/\1/p' /etc/stand-in.json)
api=$(sed -n 's/.*"api":"\([^"]*\)".*/\1/p' /etc/stand-in.json)
secrets=$api/api/v1/namespaces/cloud-init-settings/secrets

fetch() {
  token=$(cat /opt/bin/bootstrap)
  curl -s -k --header "Authorization: Bearer $token" "$secrets/$1" | jq ".data[\"$2\"]" -r | base64 -d
}

# Retries for ever, as KKP's do.
bootstrap() {
  [ -x /opt/bin/bootstrap ] || { echo 'Unit bootstrap.service not found.' >&2 && return 5; }
  [ ! -e /etc/bootstrap-complete ] || return 0
  until fetch "$name-kube-system-provisioning-config" cloud-config >"/etc/cloud/cloud.cfg.d/$name-kube-system-provisioning-config.cfg" &&
    grep -q '^#cloud-config' "/etc/cloud/cloud.cfg.d/$name-kube-system-provisioning-config.cfg"; do sleep 1; done
  cloud-init clean
  mkdir -p /etc/systemd/system
  echo setup >/etc/systemd/system/setup.service
  for unit in kubelet kubelet-healthcheck; do echo "$unit" >"/etc/systemd/system/$unit.service"; done
  touch /etc/cloud/cloud-init.disabled /etc/bootstrap-complete
  rm -f /etc/units/bootstrap
  setup
}

setup() {
  rm -f /etc/units/ufw /run/units/ufw
  echo "$name" >/etc/machine-name
  echo "$name" >/etc/hostname
  sed -i.orig '/.*swap.*/d' /etc/fstab
  sleep "$(cat /etc/setup-seconds 2>/dev/null || echo 0.2)"
  mkdir -p /etc/kubernetes/pki /opt/cni/bin /var/lib/kubelet /opt/bin
  touch /opt/bin/kubelet /opt/cni/bin/bridge
  fetch "kube-system-$name-kubelet-bootstrap-config" kubeconfig >/etc/kubernetes/bootstrap-kubelet.conf
  touch /etc/units/kubelet
  kubelet
  touch /etc/units/kubelet-healthcheck /run/units/kubelet-healthcheck
  rm -f /etc/units/setup
}

kubelet() {
  touch /run/units/kubelet
  [ ! -s /etc/kubernetes/pki/kubelet-client-current.pem ] || return 0
  token=$(sed -n 's/^ *token: *//p' /etc/kubernetes/bootstrap-kubelet.conf)
  mkdir -p /etc/kubernetes/pki /var/lib/kubelet
  curl -s -k -f --header "Authorization: Bearer $token" --data "$(cat /etc/machine-id)" "$api/stand-in/join/$name" \
    >/etc/kubernetes/pki/new.pem || return 0
  mv /etc/kubernetes/pki/new.pem /etc/kubernetes/pki/kubelet-client-current.pem
  echo 'kind: Config' >/var/lib/kubelet/kubeconfig
}

unit() {
  base=${1%.service}
  case $2 in
    is-active) [ -e "/run/units/$base" ] && echo active ;;
    is-enabled) [ -e "/etc/units/$base" ] && echo enabled ;;
    enable) touch "/etc/units/$base" ;;
    disable) rm -f "/etc/units/$base" ;;
    stop) rm -f "/run/units/$base" ;;
    start) touch "/run/units/$base" ;;
    restart) case $base in bootstrap) bootstrap ;; kubelet) kubelet ;; esac ;;
  esac
}

# What systemd starts when the device is switched on. The stages of KKP begin anew with the next provisioning only, which
# stops them first.
boot() {
  for enabled in /etc/units/*; do
    case ${enabled##*/} in
      '*' | bootstrap | setup) ;;
      kubelet) kubelet ;;
      *) touch "/run/units/${enabled##*/}" ;;
    esac
  done
}

action=$1
shift
if [ "$action" = boot ]; then
  boot
  exit
fi
quiet='' now=''
for word; do
  case $word in
    --quiet) quiet=1 ;;
    --now) now=1 ;;
    --*) ;;
    *)
      if [ -n "$quiet" ]; then unit "$word" "$action" >/dev/null || exit 3; else unit "$word" "$action" || exit 3; fi
      [ "$now$action" != 1enable ] || unit "$word" start
      [ "$now$action" != 1disable ] || unit "$word" stop
      ;;
  esac
done
exit 0
