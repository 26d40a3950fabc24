# shellcheck shell=sh
# Paths within another root than that of the shell, such as the node's root, which a pod sees as a folder. An absolute link
# there refers to that root, but the kernel would follow it in the shell's own root.

# Prints where the shell finds a path of that root, with all links resolved, including the last one. Names that do not exist
# stay as they are. Fails for circular links: path_in_root ROOT PATH
path_in_root() (
  seen='' left=$2 links=0
  while [ -n "$left" ]; do
    name=${left%%/*}
    left=${left#"$name"} left=${left#/}
    case $name in
      '' | .) ;;
      ..) seen=${seen%/*} ;;
      *)
        if [ -L "$1$seen/$name" ]; then
          # The kernel's limit of links.
          links=$((links + 1))
          [ "$links" -le 40 ] && target=$(readlink "$1$seen/$name") || return 1
          case $target in /*) seen= ;; esac
          left=$target/$left
        else
          seen=$seen/$name
        fi
        ;;
    esac
  done
  printf '%s\n' "$1$seen"
)
