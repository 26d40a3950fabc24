# shellcheck shell=sh disable=SC2154
# Messages for whoever reads the output of a script.

# Prints one line that begins with the name in $speaker: tell WORD...
# Succeeds even if the output is closed. Not with echo, which interprets backslashes in some shells.
tell() { printf '%s: %s\n' "$speaker" "$*" 2>/dev/null || :; }
