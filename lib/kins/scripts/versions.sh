# shellcheck shell=sh
# Versions of K3s, such as v1.35.1+k3s1.

# The version of the K3s in this image.
own_version() {
  first=$(k3s --version 2>/dev/null) || return 0
  first=${first#k3s version }
  echo "${first%% *}"
}

minor_of() {
  rest=${1#v1.}
  echo "${rest%%.*}"
}
patch_of() {
  rest=${1#v1.*.}
  echo "${rest%%[!0-9]*}"
}

# Whether A is older than B, by all their numbers; not if one of them is not a version: is_older A B
is_older() {
  awk -v a="$1" -v b="$2" 'BEGIN {
    if (a !~ /^v1\.[0-9]/ || b !~ /^v1\.[0-9]/) exit 1
    n = split(a, one, /[^0-9]+/); split(b, other, /[^0-9]+/)
    for (i = 2; i <= n; i++) if (one[i] + 0 != other[i] + 0) exit !(one[i] + 0 < other[i] + 0)
    exit 1
  }'
}
