# shellcheck shell=sh
# Files in memory, which are gone after a power cut in any case. Whoever reads one meanwhile finds it whole.

# Standard input becomes the content of a file: write_in_memory PATH
write_in_memory() { cat >"$1.new" && rename_in_memory "$1.new" "$1"; }

# rename_in_memory FROM TO
rename_in_memory() { mv -f "$1" "$2"; }
