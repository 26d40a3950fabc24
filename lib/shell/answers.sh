# shellcheck shell=sh
# Output that can be trusted when it is empty. A shell ignores a failure on the left side of a pipe, so a command that failed
# looks like one that found nothing.

# Writes what a command prints to a file. If the command fails, no file is left, not even an earlier one, and the exit code is
# that of the command: answer FILE COMMAND...
answer() {
  rm -f "$1" || return 1
  answer_into "$@" || {
    set -- "$1" $?
    rm -f "$1.part"
    return "$2"
  }
  mv -f "$1.part" "$1"
}

# The file name is fixed before the command runs, because the command may call answer itself.
answer_into() {
  answer_file=$1.part
  shift
  "$@" >"$answer_file"
}

# Prints the first line of a file, or nothing if there is no such file. Fails if the file exists but cannot be read.
first_line() { [ ! -e "$1" ] || head -n 1 "$1"; }
