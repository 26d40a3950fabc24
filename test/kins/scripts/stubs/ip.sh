#!/bin/sh
# Interfaces and routes, in the files $WORLD/network/<namespace>/links/<name> and .../routes/<destination>. Each interface
# has a number by which one that was made anew can be told.
set -eu
net=$WORLD/network/${NETNS:-node}
mkdir -p "$net/links" "$net/routes"
link() { [ -e "$net/links/$1" ] || { echo "Cannot find device \"$1\"" >&2 && exit 1; }; }
# Says something once, in place of what was said with the same word: fact FILE WORD [VALUE]
fact() {
  { grep -v "^$2\( \|\$\)" "$1" || true; echo "$2${3+ $3}"; } | sort >"$1.new"
  mv "$1.new" "$1"
}
show="$1 $2 ${3-}"
case "$show $*" in *show*) ;; *) echo "ip in ${NETNS:-node}: $*" >>"$WORLD/log" ;; esac
case $show in
  # Networks have names that no other had, which stand in the files by which they are found.
  'netns add '*)
    spaces=$(($(cat "$WORLD/spaces" 2>/dev/null || echo 0) + 1))
    echo "$spaces" >"$WORLD/spaces"
    mkdir -p "$WORLD/netns" "$WORLD/network/space$spaces/links"
    [ ! -e "$WORLD/netns/$3" ] || { echo "Cannot create namespace file \"$3\": File exists" >&2 && exit 1; }
    : >"$WORLD/network/space$spaces/links/lo"
    echo "space$spaces" >"$WORLD/netns/$3"
    ;;
  'netns delete '*) rm "$WORLD/netns/$3" ;;
  '-4 -o address') cat "$WORLD/addresses" ;;
  '-4 -o route') cat "$WORLD/default-route" 2>/dev/null || true ;;
  'link show '*) link "$3" ;;
  'link delete '*)
    link "$3"
    pair=$(sed -n 's/^pair //p' "$net/links/$3")
    rm "$net/links/$3"
    [ -z "$pair" ] || rm -f "$WORLD/network/$pair"
    ;;
  'link add '*)
    name=$3
    [ ! -e "$net/links/$name" ] || { echo 'RTNETLINK answers: File exists' >&2 && exit 2; }
    made=$(($(cat "$WORLD/made" 2>/dev/null || echo 0) + 1))
    echo "$made" >"$WORLD/made"
    shift 3
    case $* in
      *' netns '*)
        for file in "$@"; do :; done
        other=$(cat "$file")/links/$5
        mkdir -p "$WORLD/network/${other%/*}"
        printf 'made %s\npair %s\n' "$made" "${NETNS:-node}/links/$name" >"$WORLD/network/$other"
        printf 'made %s\npair %s\n' "$made" "$other" >"$net/links/$name"
        ;;
      *) printf 'made %s\nwith %s\n' "$made" "$*" >"$net/links/$name" ;;
    esac
    ;;
  'link set '*)
    link "$3"
    name=$3
    shift 3
    while [ $# -gt 0 ]; do
      case $1 in
        netns)
          to=$WORLD/network/$(cat "$2")/links
          mkdir -p "$to"
          mv "$net/links/$name" "$to/$4"
          shift 3
          ;;
        mtu) fact "$net/links/$name" mtu "$2" && shift ;;
        up) fact "$net/links/$name" up ;;
      esac
      shift
    done
    ;;
  'address replace '*) link "$5" && fact "$net/links/$5" "address $3" ;;
  'route show '*) for file in "$net"/routes/*; do [ ! -e "$file" ] || sed 's|/32 | |' "$file"; done ;;
  'route replace '*)
    shift 2
    [ ! -e "$WORLD/routes-fail" ] || exit 2
    echo "$*" >"$net/routes/$(echo "$1" | tr / _)"
    ;;
  *) echo "ip $*" >>"$WORLD/refused" ;;
esac
