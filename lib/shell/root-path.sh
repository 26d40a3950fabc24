# shellcheck shell=sh
# Paths below another root than that of the shell, such as that of a node, which a pod has as a folder. A link to a path that
# begins with / is one of that root; the kernel would go on in the root of the shell.

# Where a path of that root is for the shell, with all links resolved, the last too; names that are not there stay as they are.
# Fails for links that lead in a circle: path_in_root ROOT PATH
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
          # As many as the kernel follows.
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
