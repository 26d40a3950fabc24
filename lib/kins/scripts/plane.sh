# shellcheck shell=sh
# Functions of cri.sh that make the network of a unit on its node: a network namespace that belongs to no pod, a pair of
# interfaces that connects it to the node, a VXLAN over the LAN, and rules of the node's packet filter. Each step changes only
# what is not as it should be, so all of them can be repeated at any time, while workloads use the network.
: "${KINS_RUN:?run-time folder of the unit}" "${NODE_NAME:?name of the node}" "${NODE_IP:?address of the node}"
: "${LINK:?name of the interface}" "${LINK_HERE:?its address}" "${LINK_THERE:?the address of its other end}"
: "${UPLINK:?name of the other end}" "${VNI:?number of the VXLAN}" "${OVERLAY_PORT:?its UDP port}"
: "${API_PORT:?of the servers}" "${LOCAL_PORT:?of the node, for its kubeconfig}" "${API_NODE_PORT:?of the edge cluster}"
HOST_PORTS=${HOST_PORTS:-}
: "${scripts:?folder of the scripts}"
# shellcheck source=lib/kins/scripts/chains.sh
. "$scripts/chains.sh"
# shellcheck source=lib/shell/memory.sh
. "$scripts/memory.sh"

plane() { nsenter --net="$KINS_RUN/net" -- "$@"; }

namespace_id() { stat -L -c %i "$KINS_RUN/net" 2>/dev/null; }

# Prints the address of this node within the edge cluster, from the table of all nodes.
own_address() { awk -v node="$NODE_NAME" '$1 == node { print $2 }' "${KINS_CONFIG:-/etc/kins/config}/addresses"; }

# Whether the network namespace is there and was made by this script; any other is replaced.
is_own_namespace() {
  [ -s "$KINS_RUN/net.own" ] && [ "$(namespace_id)" = "$(cat "$KINS_RUN/net.own")" ] && plane true
}

make_namespace() {
  if is_own_namespace; then return 0; fi
  while umount "$KINS_RUN/net" 2>/dev/null; do :; done
  true >"$KINS_RUN/net"
  # ip, the only program in K3s' images that can make a namespace, gives it a name, which is removed again below. No other pod
  # uses that of the interface.
  ip netns delete "$LINK" 2>/dev/null || true
  ip netns add "$LINK" || return 1
  for named in ${NAMED_NETWORKS:-/run/netns /var/run/netns}; do [ ! -e "$named/$LINK" ] || break; done
  mount -o bind "$named/$LINK" "$KINS_RUN/net" && ip netns delete "$LINK" || return 1
  id=$(namespace_id) && echo "$id" | write_in_memory "$KINS_RUN/net.own"
}

# Prints the MTU of the LAN.
lan_mtu() {
  addresses=$(ip -4 -o address show) || addresses=
  device=$(printf '%s\n' "$addresses" | awk -v ip="$NODE_IP" '{ sub("/.*", "", $4) } $4 == ip { print $2; exit }')
  mtu=$(cat "${NET_CLASS:-/sys/class/net}/$device/mtu" 2>/dev/null) || mtu=
  echo "${mtu:-1500}"
}

make_link() {
  if ! plane ip link show "$UPLINK" >/dev/null 2>&1; then
    ip link delete "$LINK" 2>/dev/null || true
    ip link add "$LINK" type veth peer name "$UPLINK" netns "$KINS_RUN/net" || return 1
  fi
  ip address replace "$LINK_HERE/30" dev "$LINK" && ip link set "$LINK" mtu "$mtu" up &&
    plane ip link set lo up &&
    plane ip address replace "$LINK_THERE/30" dev "$UPLINK" &&
    plane ip address replace "$address/32" dev "$UPLINK" &&
    plane ip link set "$UPLINK" mtu "$mtu" up &&
    plane ip route replace default via "$LINK_HERE" dev "$UPLINK" src "$address" &&
    ip route replace "$address/32" dev "$LINK"
}

# Makes flannel's VXLAN interface on the node and then moves it into the unit's network, so that encapsulated packets leave
# through the node's own network. flannel uses the interface that it finds, but only if it has no local address and no
# underlying device; otherwise it would make another one.
make_overlay() {
  [ "${FLANNEL_BACKEND:-vxlan}" = vxlan ] || return 0
  if plane ip link show "flannel.$VNI" >/dev/null 2>&1; then return 0; fi
  ip link delete "$LINK.x" 2>/dev/null || true
  ip link add "$LINK.x" mtu $((mtu - 50)) type vxlan id "$VNI" dstport "$OVERLAY_PORT" nolearning &&
    ip link set "$LINK.x" netns "$KINS_RUN/net" name "flannel.$VNI"
}

setting_of_kernel() {
  file=${KERNEL_SETTINGS:-/proc/sys}/net/ipv4/$1
  [ "$(cat "$file")" = "$2" ] || echo "$2" >"$file"
}

# Prints all rules of the unit, in its own chains, for iptables-restore, which replaces them atomically.
rules() {
  echo '*nat'
  for each in in out masq; do echo ":$LINK-$each - [0:0]"; done
  for port in $HOST_PORTS; do
    echo "-A $LINK-in -p tcp -m addrtype --dst-type LOCAL -m tcp --dport $port -j DNAT --to-destination $address:$port"
    echo "-A $LINK-out ! -d 127.0.0.0/8 -p tcp -m addrtype --dst-type LOCAL -m tcp --dport $port -j DNAT --to-destination $address:$port"
  done
  echo "-A $LINK-out -d 127.0.0.1/32 -p tcp -m tcp --dport $LOCAL_PORT -j DNAT --to-destination $address:$API_NODE_PORT"
  # Also for packets back into the unit, so that replies take the same way as the requests.
  for source in "$LINK_THERE" "$address"; do echo "-A $LINK-masq -s $source -j MASQUERADE"; done
  echo "-A $LINK-masq -s 127.0.0.0/8 -o $LINK -j MASQUERADE"
  echo COMMIT
  echo '*filter'
  for each in forward input; do echo ":$LINK-$each - [0:0]"; done
  # Only replies may enter the unit, and packets to those ports of the node that are redirected into it.
  echo "-A $LINK-forward -i $LINK -j ACCEPT"
  echo "-A $LINK-forward -o $LINK -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT"
  echo "-A $LINK-forward -o $LINK -j DROP"
  # The kubeconfig on the node connects from loopback into the unit, so replies to loopback may enter by this interface;
  # nothing else may go from the unit to loopback.
  echo "-A $LINK-input -i $LINK -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
  echo "-A $LINK-input -i $LINK -d 127.0.0.0/8 -j DROP"
  echo "-A $LINK-input -i $LINK -p tcp -m tcp --dport $API_PORT -j ACCEPT"
  echo COMMIT
}

# Whether a chain has the jump to the unit's chain: leads_to TABLE FROM CHAIN
leads_to() { iptables -w 5 -t "$1" -C "$2" -j "$3" 2>/dev/null; }

# Inserts the jump as the first rule, because rules of others may drop what they do not know: lead TABLE FROM CHAIN
lead() { leads_to "$@" || iptables -w 5 -t "$1" -I "$2" 1 -j "$3"; }

make_rules() {
  rules >"$KINS_RUN/rules.new" && iptables-restore -w 5 --noflush <"$KINS_RUN/rules.new" && with_chains lead
}

make_plane() {
  address=$(own_address) || return 1
  if [ -z "$address" ]; then
    say "the table of addresses has none for $NODE_NAME"
    return 1
  fi
  mtu=$(lan_mtu)
  make_namespace && make_link && make_overlay &&
    setting_of_kernel ip_forward 1 && setting_of_kernel "conf/$LINK/route_localnet" 1 &&
    plane sh -c "echo 1 >${KERNEL_SETTINGS:-/proc/sys}/net/ipv4/ip_forward" &&
    make_rules || return 1
  echo "$address" | write_in_memory "$KINS_RUN/address"
}

# Writes the rules again when they are missing: whoever flushes the node's rules, as firewalls do on a restart, deletes
# these, too.
keep_plane() {
  while :; do
    with_chains leads_to || make_rules || say 'could not write the rules of the node; trying again'
    pause "${RULES_SECONDS:-10}" || return 0
  done
}
