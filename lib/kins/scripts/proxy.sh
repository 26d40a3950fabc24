# shellcheck shell=sh
# Functions of agent.sh about the rules of kube-proxy in the network of the cri pod, without which this node reaches no
# Service.
#
# K3s' network policy controller starts at the same time, and writes the table filter back as a whole as it has read it. What
# kube-proxy has added in between is gone, and its first round fails. It is not repeated until a Service changes, or for an
# hour: kubernetes' OnServiceSynced and OnEndpointSlicesSynced throw the error away.
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

has_rules() {
  case $(cri_iptables -t nat -S KUBE-SERVICES) in
    *"$earlier"*) return 1 ;;
    *'-A KUBE-SERVICES '*) ;;
    *) return 1 ;;
  esac
  case $(cri_iptables -t filter -S FORWARD) in *'-j KUBE-FORWARD'*) ;; *) return 1 ;; esac
}

has_canary() { cri_iptables -t mangle -S KUBE-PROXY-CANARY >/dev/null; }

# Where kube-proxy works without iptables there is no canary, and nothing happens.
watch_proxy() {
  until has_rules; do
    if has_canary && sleep "${PROXY_SECONDS:-10}" && ! has_rules && cri_iptables -t mangle -X KUBE-PROXY-CANARY; then
      say 'kube-proxy has not written its rules: making it begin anew'
    fi
    sleep "${PROXY_SECONDS:-10}"
  done
}
