#!/bin/sh
# supervise.sh FOLDER COMMAND [ARGUMENT...]
#
# Runs COMMAND in FOLDER and ends it on SIGTERM. Standard input is a pipe that nobody writes to, held open by the process
# that started this script: its end means that process is gone, however it died. COMMAND is killed then, and FOLDER
# removed, because nobody else is left to do it and no data is worth an orderly end.
set -u
folder=$1
shift
cd "$folder" || exit 1

abandoned=
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
trap 'kill -TERM "$child" 2>/dev/null' TERM
trap 'abandoned=yes; kill -KILL "$child" 2>/dev/null' USR1

{
  # `read` and not `cat`: a builtin leaves no process behind when this watcher is ended.
  read -r _ <&3
  kill -USR1 "$$"
} 2>/dev/null &
watcher=$!
exec 3<&-

# A trapped signal ends `wait` before the command has ended.
while :; do
  wait "$child"
  status=$?
  kill -0 "$child" 2>/dev/null || break
done
kill "$watcher" 2>/dev/null
if [ -n "$abandoned" ]; then
  # Its siblings do the same; the last one to end finds no writer left.
  cd / && rm -rf "$folder"
fi
exit "$status"
