# shellcheck shell=sh
# The table of mounts. Paths in it have their symbolic links resolved.

# Prints the paths at which something is mounted, one per line. The table has blanks, tabs, # and backslashes as octal codes,
# which are decoded. A line break stays encoded, so commands do not find a path that has one: mounted_paths TABLE
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
