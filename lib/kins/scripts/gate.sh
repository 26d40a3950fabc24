# shellcheck shell=sh
# Whether a part may change to another release of K3s now. Asked by the pod that brings the release, while the earlier one goes
# on. A gate that is shut says why: in the pod, in the record of the unit, and through that in the cloud.
: "${scripts:?folder of the scripts}" "${kind:?part of the unit}" "${KINS_LIB:?folder of the unit}" "${proven=}" "${work:?}"
# shellcheck source=lib/kins/scripts/turn.sh
. "$scripts/turn.sh"
# shellcheck source=lib/kins/scripts/versions.sh
. "$scripts/versions.sh"
# What the pod brings, and what runs; set by trial.sh.
: "${version=}" "${proven_version=}" "${trial=}" "${revision=}"
# Since when no server has answered.
silent_since=
: "$silent_since"
# Always what the cloud has said last, whatever settings K3s runs with.
upgrades=${KINS_CONFIG:-/etc/kins/config}/upgrades
hold=$KINS_LIB/releases/hold
held_in_cloud=${KINS_STATE:-/etc/kins/state}/hold
why=

# Prints what the unit's settings say of upgrades: upgrade_setting NAME
upgrade_setting() { awk -v name="$1" '$1 == name { sub(/^[^ ]+ ?/, ""); print; exit }' "$upgrades" 2>/dev/null || true; }

is_released() {
  if [ -e "$hold" ]; then
    text=$(first_line "$hold") || text=
    why="held on this node by $hold${text:+: $text}"
    return 1
  fi
  text=$(first_line "$held_in_cloud") || text=
  [ -n "$text" ] || text=$(upgrade_setting hold)
  [ -n "$text" ] || return 0
  why="held from the cloud: $text"
  return 1
}

# Whether one of the unit's maintenance windows is open, if it has any.
is_in_window() {
  grep -q '^window ' "$upgrades" 2>/dev/null || return 0
  zone=$(upgrade_setting zone)
  if [ -n "$zone" ] && [ "$zone" != UTC ] && [ ! -e "${ZONES:-/usr/share/zoneinfo}/$zone" ]; then
    why="K3s' image does not know the time zone $zone, so no maintenance window opens"
    return 1
  fi
  now=$(TZ=${zone:-UTC} date '+%u %H:%M') || return 1
  # A window that ends after midnight belongs to the day on which it begins.
  awk -v now="$now" '
    function minutes(time) { split(time, part, ":"); return part[1] * 60 + part[2] }
    BEGIN { split(now, at, " "); day = at[1]; minute = minutes(at[2]); before = day == 1 ? 7 : day - 1 }
    $1 == "window" {
      start = minutes($3); end = minutes($4)
      if (start < end) open = index($2, day) && minute >= start && minute < end
      else open = (index($2, day) && minute >= start) || (index($2, before) && minute < end)
      if (open) exit
    }
    END { exit !open }' "$upgrades" && return
  why="waiting for a maintenance window; it is $now ${zone:-UTC} now, in which 1 is Monday"
  return 1
}

# URLs of the unit's API servers, as each registers itself while it runs.
# shellcheck disable=SC2016 # a template
list_servers() {
  edge get endpointslices --namespace default kubernetes --output \
    go-template='{{$port := (index .ports 0).port}}{{range .endpoints}}https://{{index .addresses 0}}:{{$port}}{{"\n"}}{{end}}' \
    2>/dev/null
}

# The version of the server at a URL, or nothing: version_at URL
version_at() {
  answer "$work/version" edge --server "$1" get --raw /version 2>/dev/null </dev/null || return 0
  sed -n 's/.*"gitVersion": *"\([^"]*\)".*/\1/p' "$work/version"
}

# Asks every server with one of the functions below, which sets `why` and fails where something is wrong. Fails too if fewer
# servers than the unit has are there to be asked: ask_servers FUNCTION
ask_servers() {
  answer "$work/servers" list_servers || { why='the edge cluster does not answer' && return 1; }
  asked=0
  while read -r url; do
    asked=$((asked + 1))
    "$1" "$url" || return 1
  done <"$work/servers"
  [ "$asked" -lt "$SERVER_COUNT" ] || return 0
  why="$asked of $SERVER_COUNT servers of the unit answer"
  return 1
}

# For an agent or its containerd: a kubelet must not be newer than the servers.
is_new_enough() {
  theirs=$(version_at "$1")
  if [ -n "$theirs" ] && ! is_older "$theirs" "$version"; then return 0; fi
  why="the server at $1 has K3s ${theirs:-of an unknown version}, and this release is $version: servers change first"
  return 1
}

are_servers_new_enough() { ! is_older "$proven_version" "$version" || ask_servers is_new_enough; }

# Whether the part may change now. Otherwise sets `why`.
gate_opens() {
  why=
  if [ -n "$trial" ] && [ "$trial" != "$revision" ]; then
    why='the release before this one is still on trial'
    return 1
  fi
  case $version in
    v1.[0-9]*.[0-9]*) ;;
    *)
      why='the K3s of this image does not say which version it is: is it an image of K3s, for this processor?'
      return 1
      ;;
  esac
  is_released && is_in_window || return 1
  if find_api; then
    silent_since=
    may_change && take_turn
  else
    why='no server of the unit answers'
    may_change_in_silence
  fi
}

# Says why the gate is shut, once: in the log, and in the record as soon as that can be written.
tell_why() {
  [ "$why" = "${said_why:-}" ] || say "another release waits: $why"
  said_why=$why
  if [ "$why" = "${told_why:-}" ]; then return; fi
  if find_api && tell_wait "$why"; then told_why=$why; fi
}
