# shellcheck shell=sh
# What a server asks before it changes to another release, besides what all parts ask: whether K3s can make the step, and
# whether the unit can do without this server meanwhile.
: "${own:?folder of the server}" "${scripts:?folder of the scripts}" "${SERVER_COUNT:?number of servers}" "${data:?its data}"
# shellcheck source=lib/kins/scripts/gate.sh
. "$scripts/gate.sh"

# The API at this server or, where that does not answer, at another.
find_api() {
  edge_config=$own/kubeconfig.yaml
  if [ -s "$edge_config" ] && edge get --raw /readyz >/dev/null 2>&1; then return; fi
  edge_config=$work/admin.yaml
  [ "$SERVER_COUNT" -gt 1 ] && find_another
}

is_step_allowed() {
  step=$(($(minor_of "$version") - $(minor_of "$proven_version")))
  if [ "$step" -lt 0 ]; then
    why="from $proven_version to $version would be a step back, which K3s can't make with this data: set the version back to \
$proven_version, or restore a snapshot of before"
    return 1
  elif [ "$step" -gt 1 ]; then
    why="from $proven_version to $version would skip a minor, which Kubernetes does not allow: set the next minor first"
    return 1
  elif [ "$step" = 1 ] && [ "$(minor_of "$version")" = 34 ] && [ "$(patch_of "$proven_version")" -lt 8 ]; then
    # https://github.com/k3s-io/k3s/issues/13485
    why="from $proven_version to $version members of etcd may come back that had been removed: set v1.33.8+k3s1 first"
    return 1
  fi
}

# Servers of a cluster may be one minor apart.
is_well() {
  case $1 in "https://$NODE_IP:"*) return 0 ;; esac
  if ! edge --server "$1" get --raw /readyz >/dev/null 2>&1 </dev/null; then
    why="the server at $1 is not ready, and two must not be away at once"
    return 1
  fi
  theirs=$(version_at "$1")
  [ -n "$theirs" ] || { why="the server at $1 does not answer" && return 1; }
  apart=$(($(minor_of "$version") - $(minor_of "$theirs")))
  case $apart in -1 | 0 | 1) return 0 ;; esac
  why="the server at $1 has K3s $theirs, and this release is $version: they may be one minor apart"
  return 1
}

# A step back is allowed where another server has not left that minor yet: the data is still of that minor then.
may_step_back() {
  is_older "$version" "$proven_version" || return 1
  [ "$SERVER_COUNT" -gt 1 ] || return 1
  answer "$work/servers" list_servers || return 1
  while read -r url; do
    case $url in "https://$NODE_IP:"*) continue ;; esac
    [ "$(minor_of "$(version_at "$url")")" != "$(minor_of "$version")" ] || return 0
  done <"$work/servers"
  return 1
}

# The data is copied before an only server changes.
has_room() {
  [ "$SERVER_COUNT" = 1 ] && [ -d "$data" ] || return 0
  why="the disk of $own can't be read"
  used=$(du -sk "$data") && disk=$(df -Pk "$own") || return 1
  needs=$((${used%%[!0-9]*} / 1024 + 100))
  has=$(echo "$disk" | awk 'END { print int($4 / 1024) }')
  [ "$has" -lt "$needs" ] || return 0
  why="the data is copied before, which needs $needs MiB, and there are $has MiB for $own"
  return 1
}

may_change() {
  { is_step_allowed || may_step_back; } && has_room && ask_servers is_well
}

# Where nothing serves, a change can't hurt, and may be what is needed; but only after a while, because the others may be about
# to start.
may_change_in_silence() {
  [ -n "${silent_since:-}" ] || silent_since=$(uptime_seconds)
  is_past $((silent_since + ${SILENT_SECONDS:-300})) && is_step_allowed
}
