# shellcheck shell=sh
# Files in memory, which a power cut destroys anyway, so nothing is synced. Readers still see either the old or the new
# content.

# Replaces the content of a file with standard input: write_in_memory PATH
write_in_memory() { cat >"$1.new" && rename_in_memory "$1.new" "$1"; }

# rename_in_memory FROM TO
rename_in_memory() { mv -f "$1" "$2"; }
