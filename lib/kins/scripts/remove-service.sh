# shellcheck shell=sh
# Functions of recycle.sh that end what the node runs of the unit by itself, and take away the service that does it.
: "${lib:?folder of the unit}" "${proc:?processes of the node}" "${UNIT:?name of the unit}" "${cgroups:?folder of the cgroups}"
: "${CGROUP:?cgroup of the unit}" "${work:?folder for lists}" "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/answers.sh
. "$scripts/answers.sh"
# shellcheck source=lib/kins/scripts/service-files.sh
. "$scripts/service-files.sh"

# The processes that the service has started, in whichever tree of the cgroups.
standby_processes() {
  for group in "$cgroups/$CGROUP/standby" "$cgroups"/*/"$CGROUP/standby"; do
    [ ! -d "$group" ] || find "$group" -name cgroup.procs -exec cat {} + || return 1
  done
}

# A group may go while it is read; the second time it is gone.
has_no_standby() {
  answer "$work/standby" standby_processes || answer "$work/standby" standby_processes || return 1
  [ ! -s "$work/standby" ]
}

remove_service() {
  if [ -d "$lib/standby" ]; then
    [ -e "$lib/standby/ended" ] || true >"$lib/standby/ended" || return 1
  fi
  # What it has started is not ended by that.
  uninstall_service "kins-$UNIT.service" || {
    say "could not remove the service kins-$UNIT.service from this node"
    return 1
  }
  if within "${STANDBY_SECONDS:-90}" has_no_standby; then return; fi
  say "waiting for what this node runs of unit $UNIT by itself to end"
  return 1
}
