# shellcheck shell=sh
# The service of systemd by which a node starts a unit, as files below the root of the node: cri pods write them, and remove
# them where nodes are not to start the unit; recycle pods remove them.
: "${scripts:?folder of the scripts}" "${proc:?processes of the node}"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
# shellcheck source=lib/shell/root-path.sh
. "$scripts/root-path.sh"
node_root=${NODE_ROOT:-$proc/1/root}
units=/etc/systemd/system
wants=multi-user.target.wants

has_systemd() { [ -d "$node_root/run/systemd/system" ]; }

# Where this pod has the files of a service: what systemd reads, and the link that has it start that at boot. Fails where this
# pod may not see the files of the node, or they would look as if they were gone: find_service NAME
find_service() {
  [ -d "$node_root/." ] || return 1
  units_here=$(path_in_root "$node_root" "$units") && wants_here=$(path_in_root "$node_root" "$units/$wants") || return 1
  unit_file=$units_here/$1
  start_link=$wants_here/$1
}

# A link in the place of a file would be followed into this pod.
is_plain_file() { [ -f "$1" ] && [ ! -L "$1" ]; }

# So that systemd knows them by now; at boot it reads them anyway, and not every node has its program.
reload_services() { nsenter --target 1 --mount -- systemctl daemon-reload 2>/dev/null || true; }

# Has the node start a service at boot, as `systemctl enable` does. Nothing is done where it does already:
# install_service NAME TEXT
install_service() {
  find_service "$1" || return 1
  if is_plain_file "$unit_file" && [ "$(cat "$unit_file")" = "$2" ] && [ -L "$start_link" ]; then return; fi
  mkdir -p "$units_here" "$wants_here" || return 1
  for each in "$unit_file" "$unit_file.new"; do
    is_plain_file "$each" || rm -f "$each" || return 1
  done
  printf '%s\n' "$2" | keep_file "$unit_file" || return 1
  [ -L "$start_link" ] || { rm -f "$start_link" && ln -s "../$1" "$start_link"; } || return 1
  flush && reload_services
}

# Removes all that there may be of a service, also what a power cut has left half written; earlier versions had another name
# for that: uninstall_service NAME
uninstall_service() {
  find_service "$1" || return 1
  set -- "$start_link" "$unit_file.new" "$units_here/.$1.new"
  found=
  for each in "$@" "$unit_file"; do
    if [ -e "$each" ] || [ -L "$each" ]; then found=yes; fi
  done
  [ -n "$found" ] || return 0
  rm -f "$@" || return 1
  rmdir "$units_here/$wants" 2>/dev/null || true
  # The last of them: until then, what was cut short is begun again.
  rm -f "$unit_file" && flush && reload_services
}
