# shellcheck shell=sh
# Answers whose emptiness can be trusted. A shell forgets that the left side of a pipe has failed, and then what has not been
# found out looks as if there were nothing.

# What a command prints, in a file. Without success there is no such file, neither half of it nor an earlier one; the exit
# code is the command's: answer FILE COMMAND...
answer() {
  rm -f "$1" || return 1
  answer_into "$@" || {
    set -- "$1" $?
    rm -f "$1.part"
    return "$2"
  }
  mv -f "$1.part" "$1"
}

# The name is read before the command runs, which may ask for an answer itself.
answer_into() {
  answer_file=$1.part
  shift
  "$@" >"$answer_file"
}

# The first line of a file, nothing if there is no such file. A file that cannot be read does not count as empty, and fails.
first_line() { [ ! -e "$1" ] || head -n 1 "$1"; }
