#!/bin/sh
# Lists what a cluster leaves behind on a computer, one fact a line, "kind: what". Facts are free of process ids, counters and
# times, so that two lists can be compared. host-state.sh all|foreign FOLDER...
#   all      every process (a node of the lab)
#   foreign  only processes in namespaces other than this script's (this machine, on which others work too)
#   FOLDER   its files and folders are listed
set -u
which=$1
shift

own_namespaces() { readlink /proc/"$1"/ns/pid /proc/"$1"/ns/net /proc/"$1"/ns/mnt /proc/"$1"/ns/cgroup 2>/dev/null; }
here=$(own_namespaces $$)
for process in /proc/[0-9]*; do
  pid=${process#/proc/}
  # Kernel threads have no command line, and this script is not of interest.
  command=$(tr '\0' ' ' <"$process/cmdline" 2>/dev/null) || continue
  [ -n "$command" ] || continue
  case $command in *host-state*) continue ;; esac
  parent=$(sed 's/.*) . \([0-9]*\) .*/\1/' "$process/stat" 2>/dev/null)
  [ "$parent" != "$$" ] || continue
  [ "$which" = all ] || [ "$(own_namespaces "$pid")" != "$here" ] || continue
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
