# shellcheck shell=sh disable=SC2034,SC2154
# Functions about the packages of the device.

# Writes the names of all installed packages to a file, one per line. Fails rather than leave some out, because
# decommissioning removes packages that are not on the list: installed_packages FILE
# shellcheck disable=SC2016 # the names are dpkg's
installed_packages() {
  answer "$run/dpkg" bounded 60 dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}\n' &&
    answer "$1" awk '$1 ~ /^[ih]i/ { print $2 }' "$run/dpkg" && [ -s "$1" ]
}

# Runs a package manager. Its output is in $run/said, and if it fails, in the log, too: package_tool SECONDS COMMAND...
package_tool() {
  LC_ALL=C DEBIAN_FRONTEND=noninteractive bounded "$@" >"$run/said" 2>&1 || {
    redact <"$run/said" >>"$state/log"
    return 1
  }
}

# After a power cut, apt rejects all requests until dpkg has finished what was interrupted.
finish_packages() {
  packages_end=$(seconds_from_now 600)
  until package_tool 900 dpkg --force-confdef --force-confold --configure -a; do
    if ! grep -q 'lock' "$run/said" || is_past "$packages_end"; then
      say 'dpkg could not finish configuring some packages; continuing, as they may not matter here'
      return 0
    fi
    sleep 1
  done
}
