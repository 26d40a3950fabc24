# shellcheck shell=sh
# Functions of agent.sh that detect ports of other nodes that a firewall blocks for this node, and log that once when it
# begins and once when it ends. Nothing else depends on the result.
#
# A node that is switched off, or just starting, must not be reported. So a port counts as blocked only after it has not
# answered several times in a row although the node is up. A node is up if it refuses or has a connection, or answers a
# ping, or is Ready in the edge cluster; after it is gone, it stays Ready
# for less than a minute.
: "${KINS_LIB:?folder of the unit}" "${KINS_RUN:?run-time folder of the unit}" "${NODE_NAME:?name of the node}"
: "${NODE_IP:?address of the node}" "${SERVERS:?names of the servers}" "${JOIN_URL:?where servers are met}"
: "${API_PORT:?of the servers}" "${OVERLAY_PORT:?UDP port of the VXLAN}"
: "${work:?folder for files that nobody else may read}" "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/answers.sh
. "$scripts/answers.sh"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
# shellcheck source=lib/shell/memory.sh
. "$scripts/memory.sh"
# shellcheck source=lib/kins/scripts/peers.sh
. "$scripts/peers.sh"
reach=$work/reach
# Keeps the addresses of servers for times when the node cannot ask for them, which may be because that very port is blocked.
servers_file=$KINS_LIB/node/servers

is_server() { case ",$SERVERS," in *",$1,"*) ;; *) return 1 ;; esac }

# Prints "NAME,ADDRESS ON THE LAN,PODS,READY" of each node.
list_neighbours() {
  ask_nodes '{range .items[*]}{.metadata.name}{","}{.status.addresses[?(@.type=="ExternalIP")].address}{","}{.spec.podCIDR}{","}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}' \
    2>"$reach/asked.log"
}

# Asks the edge cluster for the other nodes, at most once per round. Leaves out nodes of earlier versions, which have no
# address on the LAN.
learn_neighbours() {
  [ -z "$has_asked" ] || return 0
  has_asked=yes
  [ -s "$KINS_LIB/agent/agent/k3scontroller.kubeconfig" ] && answer "$reach/listed" list_neighbours &&
    awk -F , -v own="$NODE_NAME" '$1 != own && $2 != ""' "$reach/listed" >"$reach/neighbours.new" &&
    rename_in_memory "$reach/neighbours.new" "$reach/neighbours" || return 1
  awk -F , -v servers=",$SERVERS," 'index(servers, "," $1 ",") { print $1 "," $2 }' "$reach/neighbours" >"$reach/servers" &&
    keep_file "$servers_file" <"$reach/servers"
}

# Collects what is known without asking: servers that the edge cluster has named earlier, and those with declared addresses.
recall_neighbours() {
  {
    for server in ${SERVER_URLS:-}; do
      address=${server#*//}
      echo "${server%%=*},${address%:*},,"
    done
    [ ! -s "$servers_file" ] || cat "$servers_file"
  } >"$reach/recalled"
  awk -F , -v own="$NODE_NAME" '$1 != own && !seen[$1]++' "$reach/recalled" >"$reach/neighbours"
}

# Whether a node that has not answered is Ready in the edge cluster: is_ready NAME
is_ready() {
  learn_neighbours || true
  [ -s "$reach/listed" ] && awk -F , -v name="$1" '$1 == name && $4 == "True" { found = 1 } END { exit !found }' "$reach/listed"
}

# Prints the connections of the node and of the unit's network. Ports in use need not be tested, and servers log connections
# without requests.
list_connections() { cat "${NET_TABLES:-/proc/net}/tcp" && nsenter --net="$KINS_RUN/net" -- cat /proc/net/tcp; }

# Whether there is a connection to a port, and none is waiting for an answer to its first or last packet, or for data to be
# acknowledged. Even so, an idle connection stays for minutes after a firewall has blocked it: is_connected ADDRESS PORT
is_connected() {
  [ -s "$reach/connections" ] &&
    awk -v address="$1" -v port="$2" '
      BEGIN { split(address, part, "."); there = sprintf("%02X%02X%02X%02X:%04X", part[4], part[3], part[2], part[1], port) }
      $3 == there && $4 == "01" { if ($5 ~ /^00000000:/) is_there = 1; else waits = 1 }
      $3 == there && ($4 == "02" || $4 == "04") { waits = 1 }
      END { exit !is_there || waits }' "$reach/connections"
}

# Prints `answers` or `silent`, or nothing if the result is unclear: try_port ADDRESS PORT SECONDS
try_port() {
  code=0
  said=$(timeout "$3" telnet "$1" "$2" </dev/null 2>&1) || code=$?
  case "$code $said" in
    '0 '* | *refused*) echo answers ;;
    # Rejecting firewalls answer that there is no route to the host. Some versions of timeout exit with the number of the
    # signal.
    124* | 143* | *'o route to host'* | *'ost is unreachable'* | *'imed out'*) echo silent ;;
  esac
}

answers_ping() { ping -c 1 -W 2 "$1" >/dev/null 2>&1; }

# Whether flannel of a node, which has the first address of the node's pods, answers. Allows for lost packets:
# answers_overlay PODS
answers_overlay() {
  for try in 1 2 3; do
    if nsenter --net="$KINS_RUN/net" -- ping -c 1 -W "$try" "${1%/*}" >/dev/null 2>&1; then return; fi
  done
  return 1
}

# Forgets earlier results of a WAY, unless it was reported as blocked: forget WAY
forget() { [ "$(cat "$reach/ways/$1" 2>/dev/null)" = told ] || rm -f "$reach/ways/$1"; }

# Records that a WAY is open, and says so if it was reported as blocked: found_open WAY WORD...
found_open() {
  [ -e "$reach/ways/$1" ] || return 0
  told=$(cat "$reach/ways/$1")
  rm -f "$reach/ways/$1"
  shift
  [ "$told" != told ] || say "open again: $NODE_NAME ($NODE_IP) gets answers $*"
}

# Records that a WAY did not answer, and reports it after several times: found_blocked WAY WORD...
found_blocked() {
  count=$(cat "$reach/ways/$1" 2>/dev/null) || count=0
  [ "$count" != told ] || return 0
  count=$((count + 1))
  if [ "$count" -ge "${REACH_LOOKS:-3}" ]; then count=told; fi
  echo "$count" >"$reach/ways/$1"
  shift
  [ "$count" != told ] || say "blocked: $NODE_NAME ($NODE_IP) gets no answer $*"
}

# Sets the purpose of a port, and between which nodes it has to be open: purpose_of PORT
purpose_of() {
  case $1 in
    "$API_PORT") purpose='the API of the edge cluster' between='from all nodes of the site to its servers' ;;
    *) purpose='etcd' between='between the servers of the site' ;;
  esac
}

# Whether to test a port now. Once an hour is enough for 2379, to which K3s rarely has a connection: is_to_be_tried NAME
# ADDRESS PORT
is_to_be_tried() {
  [ "$3" != 2379 ] || [ "$looks" = 0 ] || [ -e "$reach/ways/$1.TCP.2379" ] || ! is_connected "$2" 2380
}

# Tests the ports of a server: look_at_server NAME ADDRESS
look_at_server() {
  ports=$API_PORT
  if is_server "$NODE_NAME"; then ports="$ports 2380 2379"; fi
  up='' silent=''
  for port in $ports; do
    # Does not prove that the node is up: the connection may not have noticed yet that the node is gone.
    if is_connected "$2" "$port"; then
      found_open "$1.TCP.$port" "from $1 ($2) by TCP $port"
      continue
    fi
    is_to_be_tried "$1" "$2" "$port" || continue
    case $(try_port "$2" "$port" 3) in
      answers)
        up=yes
        found_open "$1.TCP.$port" "from $1 ($2) by TCP $port"
        ;;
      silent) silent="$silent $port" ;;
      *) forget "$1.TCP.$port" ;;
    esac
  done
  for port in $silent; do
    if [ -n "$up" ] || answers_ping "$2" || is_ready "$1"; then
      up=yes
      purpose_of "$port"
      found_blocked "$1.TCP.$port" "from $1 ($2) by TCP $port, for $purpose, though $1 is up:" "open TCP $port $between"
    else
      forget "$1.TCP.$port"
    fi
  done
}

# Tests the VXLAN to a node. The answer comes to the same port of this node, so either of the two may be blocked. Without a
# route of flannel to the node, nothing is tested: look_at_overlay NAME ADDRESS PODS
look_at_overlay() {
  awk -v pods="$3" '$1 == pods && $5 ~ /^flannel\./ { found = 1 } END { exit !found }' "$reach/routes" || return 0
  if answers_overlay "$3"; then
    found_open "$1.UDP" "from $1 ($2) by UDP $OVERLAY_PORT"
  elif is_ready "$1"; then
    found_blocked "$1.UDP" "from $1 ($2) by UDP $OVERLAY_PORT, for traffic between pods, though $1 is up:" \
      "open UDP $OVERLAY_PORT between the nodes of the site, in both directions"
  else
    forget "$1.UDP"
  fi
}

# Tests the unit's Service if no server is known by its own address, as before the first join. Then it is not known whether
# any server is up.
look_at_meeting_point() {
  [ "$(server_url)" = "$JOIN_URL" ] || return 0
  meeting=${JOIN_URL#*//}
  # Long enough for a name that cannot be resolved.
  case $(try_port "${meeting%:*}" "${meeting##*:}" 15) in
    answers) found_open meeting-point "from a server at $meeting" ;;
    silent)
      purpose_of "$API_PORT"
      found_blocked meeting-point "from a server (${SERVERS}) at $meeting, for $purpose. If one is up:" "open TCP $API_PORT $between"
      ;;
    *) forget meeting-point ;;
  esac
}

# Runs all tests once. Asks for the other nodes again if flannel's routes have changed, because nodes have come or gone.
look_around() {
  has_asked=''
  answer "$reach/routes" peer_routes show || true >"$reach/routes"
  routes=$(cat "$reach/routes")
  if [ "$routes" != "$known_routes" ] && learn_neighbours; then known_routes=$routes; fi
  [ -e "$reach/neighbours" ] || recall_neighbours
  if [ ! -s "$reach/neighbours" ]; then
    look_at_meeting_point
    return
  fi
  answer "$reach/connections" list_connections || true
  while IFS=, read -r name address pods _; do
    if is_server "$name"; then look_at_server "$name" "$address"; fi
    if [ -n "$pods" ]; then look_at_overlay "$name" "$address" "$pods"; fi
  done <"$reach/neighbours"
}

watch_reach() {
  # Starts anew, because reports of an earlier container are in another log.
  for way in "$reach"/ways/*; do rm -f "$way"; done
  mkdir -p "$reach/ways"
  known_routes=
  looks=0
  while :; do
    look_around || true
    looks=$(((looks + 1) % 60))
    sleep "${REACH_SECONDS:-60}"
  done
}
