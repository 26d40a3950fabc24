# shellcheck shell=sh disable=SC2154
# What is told to whoever reads along.

# One line, with who speaks: tell WORD...
# Nobody listening is no failure. Not by echo, which changes backslashes in some shells.
tell() { printf '%s: %s\n' "$speaker" "$*" 2>/dev/null || :; }
