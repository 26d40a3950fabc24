# shellcheck shell=sh
# Functions of recycle.sh that remove the network of a unit from its node: rules of the packet filter, and interfaces.
: "${LINK:?name of the interface of the unit}" "${proc:?processes of the node}" "${UNIT:?name of the unit}"
: "${scripts:?folder of the scripts}"
# shellcheck source=lib/kins/scripts/chains.sh
. "$scripts/chains.sh"

on_node() { nsenter --net="$proc/1/ns/net" -- "$@"; }

# Whether the packet filter lacks a chain, or its whole table. False if iptables exits with 4, because then another program
# held the lock and there is no answer: is_without TABLE CHAIN
is_without() {
  code=0
  on_node iptables -w 5 -t "$1" -S "$2" >/dev/null 2>&1 || code=$?
  case $code in 0 | 4) return 1 ;; esac
}

# remove_chain TABLE FROM CHAIN
remove_chain() {
  if is_without "$1" "$3"; then return 0; fi
  while on_node iptables -w 5 -t "$1" -D "$2" -j "$3" 2>/dev/null; do :; done
  on_node iptables -w 5 -t "$1" -F "$3" && on_node iptables -w 5 -t "$1" -X "$3"
}

remove_link() {
  if on_node ip link show "$1" >/dev/null 2>&1; then on_node ip link delete "$1"; fi
}

# The CNI plugins cache results for the unit's pods in a folder that they share with the cloud cluster's plugins.
remove_results() {
  for result in "$proc/1/root/var/lib/cni/results/kins-$UNIT"-*; do
    if [ -e "$result" ] && grep -q "\"networkName\":\"kins-$UNIT\"" "$result"; then rm -f "$result" || return 1; fi
  done
}

remove_network() {
  on_node true || return 1
  with_chains remove_chain && remove_link "$LINK" && remove_link "$LINK.x" && remove_results
}
