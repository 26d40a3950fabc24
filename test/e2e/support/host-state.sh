#!/bin/sh
# Lists what a cluster leaves behind on a computer, one fact a line, "kind: what". Facts are free of process ids, counters and
# times, so that two lists can be compared. host-state.sh all|foreign FOLDER...
#   all      every process (a node of the lab)
#   foreign  only processes in namespaces other than this script's (this machine, on which others work too)
#   FOLDER   its files and folders are listed
# NOT_BELOW in the environment: holders of other labs; what runs in a lab of theirs is left out.
set -u
which=$1
shift

own_namespaces() { readlink /proc/"$1"/ns/pid /proc/"$1"/ns/net /proc/"$1"/ns/mnt /proc/"$1"/ns/cgroup 2>/dev/null; }
here=$(own_namespaces $$)
# Descendants of some processes, one a line.
descendants() {
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v roots="$*" '
    { pid = $1; sub(/.*\) . /, ""); parent[pid] = $1 }
    END {
      split(roots, list, " ")
      for (i in list) root[list[i]] = 1
      for (pid in parent) for (up = pid; up > 0; up = parent[up]) if (up in root) { print pid; break }
    }'
}
mine=$(descendants $$)
# Other labs: their processes' namespaces, so that a command someone runs in them now is left out, too.
# shellcheck disable=SC2086 # a list of process ids
others=$([ -z "${NOT_BELOW:-}" ] || for pid in $(descendants $NOT_BELOW); do own_namespaces "$pid"; done | sort -u)
for namespace in $here; do others=$(printf '%s\n' "$others" | grep -vF "$namespace"); done
for process in /proc/[0-9]*; do
  pid=${process#/proc/}
  printf '%s\n' "$mine" | grep -qx "$pid" && continue
  # Kernel threads have no command line.
  command=$(tr '\0' ' ' 2>/dev/null <"$process/cmdline") || continue
  [ -n "$command" ] || continue
  if [ "$which" != all ]; then
    namespaces=$(own_namespaces "$pid")
    [ "$namespaces" != "$here" ] || continue
    [ -z "$others" ] || ! printf '%s\n' "$namespaces" | grep -qxF "$others" || continue
  fi
  echo "process: $command"
done
sed 's/^[0-9]* [0-9]* [0-9:]* \([^ ]*\) \([^ ]*\) .* - \([^ ]*\) .*/mount: \2 \3 of \1/' /proc/self/mountinfo
for name in /run/netns/*; do [ ! -e "$name" ] || echo "network namespace: $name"; done
ip -o link 2>/dev/null | sed 's/^[0-9]*: \([^:@]*\).*/interface: \1/'
ip -o address 2>/dev/null | awk '{ print "address: " $2 " " $4 }'
ip route 2>/dev/null | sed 's/^/route: /'
ip rule 2>/dev/null | sed 's/^/rule: /'
for program in iptables ip6tables iptables-legacy ip6tables-legacy iptables-nft ip6tables-nft; do
  command -v "$program-save" >/dev/null 2>&1 || continue
  "$program-save" 2>/dev/null | sed -e '/^#/d' -e 's/\[[0-9]*:[0-9]*\]//' -e "s/^/$program: /"
done
ipset list -n 2>/dev/null | sed 's/^/ipset: /'
find /sys/fs/cgroup -type d 2>/dev/null | sed 's/^/cgroup: /'
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys \
  kernel/keys/root_maxbytes; do
  echo "setting: $setting $(cat /proc/sys/$setting 2>/dev/null)"
done
for folder in "$@"; do find "$folder" -xdev 2>/dev/null | sed 's/^/file: /'; done
