#!/bin/sh
# Stands for a command whose call is all that matters.
set -eu
echo "${0##*/} $*" >>"$WORLD/log"
