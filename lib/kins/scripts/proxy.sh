# shellcheck shell=sh
# Functions of agent.sh about the rules of kube-proxy in the network of the unit, without which this node reaches no
# Service.
#
# K3s' network policy controller starts at the same time, and writes the table filter back as a whole as it has read it. What
# kube-proxy has added in between is gone. It does not look again, or its first round fails and is not repeated, because
# OnServiceSynced and OnEndpointSlicesSynced throw the error away: until a Service changes, or for an hour
# (https://github.com/k3s-io/k3s/issues/14419).
#
# kube-proxy looks every half minute for a chain of its own, the canary, to notice when somebody flushes all rules, and
# begins anew without it.
: "${KINS_RUN:?run-time folder of the unit}"

earlier='rules of an earlier K3s'

cri_iptables() { nsenter --net="$KINS_RUN/net" -- iptables -w 5 "$@" 2>/dev/null; }

# So that what is left of the K3s before this one is told from what kube-proxy writes: it empties the chain first.
mark_earlier_rules() {
  cri_iptables -t nat -C KUBE-SERVICES -m comment --comment "$earlier" ||
    cri_iptables -t nat -A KUBE-SERVICES -m comment --comment "$earlier" || true
}

# By which kube-proxy's chains of the table filter are reached.
jumps='INPUT:KUBE-EXTERNAL-SERVICES FORWARD:KUBE-EXTERNAL-SERVICES INPUT:KUBE-NODEPORTS FORWARD:KUBE-SERVICES
  OUTPUT:KUBE-SERVICES FORWARD:KUBE-FORWARD INPUT:KUBE-PROXY-FIREWALL OUTPUT:KUBE-PROXY-FIREWALL
  FORWARD:KUBE-PROXY-FIREWALL'

has_rules() {
  case $(cri_iptables -t nat -S KUBE-SERVICES) in
    *"$earlier"*) return 1 ;;
    *'-A KUBE-SERVICES '*) ;;
    *) return 1 ;;
  esac
  filter=$(cri_iptables -t filter -S) || return 1
  for jump in $jumps; do
    echo "$filter" | grep -q "^-A ${jump%:*} .*-j ${jump#*:}\$" || return 1
  done
}

look_later() { sleep "${PROXY_SECONDS:-10}"; }

has_canary() { cri_iptables -t mangle -S KUBE-PROXY-CANARY >/dev/null; }

# Looks twice either way: rules may be about to be written, or to be undone. Where kube-proxy works without iptables there is
# no canary, and nothing happens.
watch_proxy() {
  until has_rules && look_later && has_rules; do
    if has_canary && look_later && ! has_rules && cri_iptables -t mangle -X KUBE-PROXY-CANARY; then
      say 'kube-proxy has not written its rules: making it start over'
    fi
    look_later
  done
}
