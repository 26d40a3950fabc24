#!/bin/sh
# Stands for hostnamectl, whose service does not run here: keeps the name where it would.
[ "$1" != set-hostname ] || echo "$2" >/etc/hostname
