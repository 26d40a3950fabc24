# shellcheck shell=sh
# Which release of K3s a part runs on this node. A pod of another revision of its DaemonSet brings another release: other
# programs, other settings, or both. It is on trial until it has run for a while. If it fails, the node goes back by itself to
# the release that has proven itself before, and does not try the other again.
#
# In the folder of the part:
#   proven               the revision that has proven itself
#   proven-of.REVISION   its settings, the id of its programs in the folder of releases, its version
#   trial                REVISION BOOT STARTS STAGE PROGRAMS of a release on trial. The stage is began, ready (it has been ready
#                        once), or back (the release of before runs again, with the data as it is). Instead of the id of the
#                        boot, `failed`: the next start goes back.
#   refused              REVISION WHY of a release that this node went back from
: "${part=}" "${scripts:?folder of the scripts}" "${kind:?part of the unit}" "${KINS_LIB:?folder of the unit}" "${work:?folder in memory}"
# shellcheck source=lib/kins/scripts/release.sh
. "$scripts/release.sh"
# shellcheck source=lib/kins/scripts/kit.sh
. "$scripts/kit.sh"
# shellcheck source=lib/kins/scripts/versions.sh
. "$scripts/versions.sh"
waiting=${KINS_WAITING:-/run/kins-waiting}
given=${KINS_CONFIG:-/etc/kins/config}
# The settings that K3s is started with.
release_config=$given
: "$release_config"

# What the label controller-revision-hash of the pod says; pods of one revision have the same template.
revision=${KINS_REVISION:-}
case $revision in *[!A-Za-z0-9-]*) revision= ;; esac
version=
# own: the release of this pod. proven: the one of before. gate: not decided, because the gate has not been asked.
runs=own

boot_id() { cat "${BOOT_ID:-/proc/sys/kernel/random/boot_id}"; }

proven_folder() { echo "$part/proven-of.$proven"; }

# Prints the id of this image's programs, as install_release names their folder.
own_programs() {
  if [ -n "${KINS_RELEASE:-}" ]; then echo "$KINS_RELEASE"; else release_id; fi
}

read_trial() {
  trial='' boot='' starts=0 stage='' programs=''
  [ -s "$part/trial" ] || return 0
  read -r trial boot starts stage programs <"$part/trial" || return 1
}
write_trial() { echo "$trial $boot $starts $stage $programs" | write_file "$part/trial"; }
end_trial() { rm -f "$part/trial" && flush && read_trial; }

# Counts a start. Starts after a power cut are nobody's fault.
count_start() {
  this_boot=$(boot_id) || return 1
  if [ "$boot" = "$this_boot" ]; then starts=$((starts + 1)); else starts=1; fi
  boot=$this_boot
  write_trial
}

# A second start in the same boot may have other reasons, such as a deleted pod.
has_failed() { [ "$boot" = failed ] || { [ "$starts" -ge 2 ] && [ "$boot" = "$(boot_id)" ]; }; }

# Notes why a revision is not tried again here: refuse REVISION WHY
refuse() {
  its_name="another release"
  [ "$1" != "$revision" ] || its_name=$version
  say "going back to $proven_version: $its_name $2"
  echo "$1 $its_name $2" | write_file "$part/refused"
}

# Reads what this node knows, and sets `runs`.
look_at_releases() {
  proven=$(first_line "$part/proven") && refused=$(first_line "$part/refused") && read_trial || return 1
  [ -z "$proven" ] || [ -d "$(proven_folder)" ] || proven=
  proven_version=
  [ -z "$proven" ] || proven_version=$(first_line "$(proven_folder)/version") || return 1
  if [ -z "$revision" ] || [ -z "$proven" ] || [ "$revision" = "$proven" ]; then
    runs=own
  elif [ "${refused%% *}" = "$revision" ]; then
    runs=proven
  elif [ "$trial" = "$revision" ]; then
    if has_failed; then runs=proven; else runs=own; fi
  elif [ -n "${STANDBY:-}" ]; then
    # The pod asks.
    runs=proven
  else
    runs=gate
  fi
}

show_wait() {
  tell_why
  echo "another release waits: $why" >"$waiting/shut"
  rm -f "$waiting/open"
}

show_open() {
  rm -f "$waiting/shut"
  true >"$waiting/open"
}

# Says why this pod's release does not run, and that of before does.
show_kept() {
  why="runs $proven_version instead"
  [ "${refused%% *}" != "$revision" ] || why="refused: ${refused#* }; $why"
  echo "$why" >"$waiting/shut"
}

# For a part that starts K3s now. Where the release of this pod is refused, that stays to be seen.
show_started() { [ -e "$waiting/shut" ] || show_open; }

# Waits until this pod may run the part, and sets in which release. While the gate is shut, the earlier pod or the node goes
# on. Where nobody does, this pod runs the release of before.
await_turn() {
  rm -f "$waiting/open" "$waiting/shut"
  [ -n "$version" ] || [ -z "$revision" ] || version=$(own_version)
  look_at_releases || return 1
  decided=
  next_look=
  while [ "$runs" = gate ]; do
    if is_past "$next_look"; then
      # The release of the earlier pod may have proven itself, or failed, in the meantime.
      look_at_releases || return 1
      [ "$runs" = gate ] || break
      if gate_opens; then
        [ -e "$waiting/open" ] || say "changing from $proven_version to $version"
        show_open
      else
        show_wait
      fi
      next_look=$(seconds_from_now "${GATE_SECONDS:-10}") || next_look=
    fi
    if [ ! -e "$waiting/open" ]; then
      if lock_part; then decided=proven; fi
    elif has_been_handed_over; then
      decided=own
    fi
    [ -z "$decided" ] || break
    # The gate may be shut for days. Once it is open, nobody should have to wait.
    if [ -e "$waiting/open" ]; then nap 0; else sleep 1; fi
  done
  if [ -n "$decided" ]; then
    rm -f "$part/wanted"
  else
    # The earlier pod goes once this one is ready.
    if [ "$runs" = own ]; then show_open; else show_kept; fi
    take_part
  fi
  rm -f "$waiting/open" "$waiting/shut"
  # Whoever ran the part until now may have changed what is known.
  look_at_releases || return 1
  if [ "$runs" = gate ]; then runs=${decided:-proven}; fi
}

# Where a part keeps data that its release changes, it defines these again: what to do before a trial, and to take back what a
# trial has done. The latter ends the trial, or has the release of before run as on trial.
before_trial() { :; }
take_back() { end_trial; }
after_trial() { :; }

begin_trial() {
  leave_trial && before_trial || return 1
  trial=$revision boot='' starts=0 stage=began
  programs=$(own_programs) && [ -n "$programs" ]
}

# For the release of before, while there are traces of another.
leave_trial() {
  [ -n "$trial" ] || return 0
  if [ "$stage" != back ] && [ "$revision" != "$proven" ] && [ "${refused%% *}" != "$trial" ]; then
    refuse "$trial" 'ended several times before it had proven itself'
  fi
  take_back
}

# Has this container run K3s from a folder of releases on the node: use_programs ID
use_programs() {
  release=$releases/$1
  if [ ! -x "$release/bin/k3s" ]; then
    say "K3s' programs are missing in $release: put them back, or remove the folder $part"
    return 1
  fi
  mkdir -p "$work/bin" && ln -sfn "$release/bin/k3s" "$work/bin/k3s" || return 1
  PATH=$work/bin:$PATH
}

use_proven() { id=$(first_line "$(proven_folder)/programs") && use_programs "$id"; }

# Puts in place what `runs` says: takes back what a failed release has left, or begins a trial, or goes on with it. Called by
# whoever has the lock of the part.
settle_release() {
  if [ "$runs" = own ]; then
    if [ -z "$revision" ] || [ -z "$proven" ]; then return 0; fi
    if [ "$revision" = "$proven" ]; then
      leave_trial && rm -f "$part/refused" || return 1
      # The node may have the programs of a later release already.
      [ -z "${STANDBY:-}" ] || use_proven
      return
    elif [ "$trial" = "$revision" ] || begin_trial; then
      count_start || return 1
      [ -z "${STANDBY:-}" ] || { use_programs "$programs" && version=$(own_version); }
      return
    fi
    say "staying with $proven_version: what $version needs could not be prepared"
    runs=proven
  fi
  leave_trial && use_proven || return 1
  release_config=$(proven_folder)/config
  refused=$(first_line "$part/refused") || return 1
  show_kept
  say "$why"
  # A server is ready as long as it serves: callers find it by that.
  [ "$kind" != server ] || rm -f "$waiting/shut"
}
