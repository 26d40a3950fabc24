# shellcheck shell=sh disable=SC2034,SC2154
# Packages of the device.

# installed_packages FILE: the names of all that are installed, one a line. Fails rather than leave some out: what is not
# known to have been there before goes when the machine does.
# shellcheck disable=SC2016 # the names are dpkg's
installed_packages() {
  answer "$run/dpkg" bounded 60 dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}\n' &&
    answer "$1" awk '$1 ~ /^[ih]i/ { print $2 }' "$run/dpkg" && [ -s "$1" ]
}

# package_tool SECONDS COMMAND...: what it says is in $run/said, and when it fails in the log, too.
package_tool() {
  LC_ALL=C DEBIAN_FRONTEND=noninteractive bounded "$@" >"$run/said" 2>&1 || {
    redact <"$run/said" >>"$state/log"
    return 1
  }
}

# Until dpkg has finished what a power cut has stopped, apt refuses everything, KKP's script and ours alike.
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
