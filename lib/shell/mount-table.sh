# shellcheck shell=sh
# The table of mounts, which knows paths without links only.

# The paths at which something is mounted, one a line. White space, # and the backslash are written there by their octal codes;
# a line break stays so, and no command finds such a path: mounted_paths TABLE
mounted_paths() {
  awk '{
    path = $2
    gsub(/\\040/, " ", path)
    gsub(/\\011/, "\t", path)
    gsub(/\\043/, "#", path)
    gsub(/\\134/, "\\", path)
    print path
  }' "$1"
}
