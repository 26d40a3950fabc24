#!/bin/sh
# Runs a command, and leaves it to that how long it takes.
set -eu
shift
exec "$@"
