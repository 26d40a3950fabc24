# shellcheck shell=sh
# Functions of agent.sh that make sure that kube-proxy's rules are in the network of the unit. Without them, this node reaches
# no Service.
#
# K3s' network policy controller, which starts at the same time as kube-proxy, reads the filter table and later writes all of
# it back, which deletes whatever kube-proxy has added in between. kube-proxy does not notice; or its first sync fails and is
# not repeated, because OnServiceSynced and OnEndpointSlicesSynced discard the error. Either way the rules are missing until a
# Service changes, or for an hour (https://github.com/k3s-io/k3s/issues/14419).
#
# To notice when somebody flushes all rules, kube-proxy checks every half minute whether a chain of its own, the canary, still
# exists, and writes all rules again if not. So deleting the canary makes it start over.
: "${KINS_RUN:?run-time folder of the unit}"

earlier='rules of an earlier K3s'

cri_iptables() { nsenter --net="$KINS_RUN/net" -- iptables -w 5 "$@" 2>/dev/null; }

# Marks the rules that an earlier K3s has left, to tell them from new ones: kube-proxy empties the chain before it writes.
mark_earlier_rules() {
  cri_iptables -t nat -C KUBE-SERVICES -m comment --comment "$earlier" ||
    cri_iptables -t nat -A KUBE-SERVICES -m comment --comment "$earlier" || true
}

# CHAIN:TARGET of the rules in the filter table that lead to kube-proxy's chains.
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

# Checks twice either way, because rules may be about to be written, or to be deleted. If kube-proxy does not use iptables,
# there is no canary, and nothing happens.
watch_proxy() {
  until has_rules && look_later && has_rules; do
    if has_canary && look_later && ! has_rules && cri_iptables -t mangle -X KUBE-PROXY-CANARY; then
      say 'kube-proxy has not written its rules: making it start over'
    fi
    look_later
  done
}
