# shellcheck shell=sh
# The chains of a unit in the packet filter of its nodes; plane.sh makes them, and remove-network.sh removes them.
: "${LINK:?name of the interface of the unit, and the stem of its chains}"

# Runs a command for each chain, until one fails, with its table, the chain that jumps to it, and its name:
# with_chains COMMAND
with_chains() {
  "$1" nat PREROUTING "$LINK-in" && "$1" nat OUTPUT "$LINK-out" && "$1" nat POSTROUTING "$LINK-masq" &&
    "$1" filter FORWARD "$LINK-forward" && "$1" filter INPUT "$LINK-input"
}
