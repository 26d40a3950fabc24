# shellcheck shell=sh
# Functions of agent.sh about the network that it shares with the cri pod.

# The number of the network namespace that the cri pod offers.
network_id() { stat -L -c %i "$KINS_RUN/net" 2>/dev/null; }

is_network_of() { [ "$(network_id)" = "$1" ]; }

# Ends the agent when the cri pod was replaced: the agent would go on in a network that leads nowhere. Twice, since for a
# moment there is none while the cri pod puts a new one in place.
# watch_network NUMBER PROCESS
watch_network() {
  while is_network_of "$1" || { sleep 2 && is_network_of "$1"; }; do sleep 2; done
  say 'the cri pod has another network: ending, to be started in that one'
  kill -TERM "$2"
}
