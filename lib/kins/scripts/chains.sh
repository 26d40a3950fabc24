# shellcheck shell=sh
# The chains that a unit has in the packet filter of its nodes, for plane.sh, which makes them, and remove-network.sh.
: "${LINK:?name of the interface of the unit, and the stem of its chains}"

# Runs a command for each, with its table, the chain that leads to it, and its name, up to the first that fails:
# with_chains COMMAND
with_chains() {
  "$1" nat PREROUTING "$LINK-in" && "$1" nat OUTPUT "$LINK-out" && "$1" nat POSTROUTING "$LINK-masq" &&
    "$1" filter FORWARD "$LINK-forward" && "$1" filter INPUT "$LINK-input"
}
