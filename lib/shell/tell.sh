# shellcheck shell=sh disable=SC2154
# What is reported to whoever reads the output.

# One line, with who speaks: tell WORD...
# It is no failure if nobody listens. Not with echo, which changes backslashes in some shells.
tell() { printf '%s: %s\n' "$speaker" "$*" 2>/dev/null || :; }
