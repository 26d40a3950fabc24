# shellcheck shell=sh
# Functions of agent.sh about the registries of the unit: makes what containerd of the unit reads from the unit's
# configuration and from Secrets. All of it is in memory: the run-time folder is gone with a reboot.
#
# A Secret that is missing keeps nothing from running: what needs it is left out, so that the registry refuses the pull, and
# $registries/problems names it, which makes the cri pod not ready.
: "${KINS_RUN:?run-time folder of the unit}" "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/text.sh
. "$scripts/text.sh"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"
# shellcheck source=lib/shell/memory.sh
. "$scripts/memory.sh"
registries=$KINS_RUN/registries
registry_config=${KINS_CONFIG:-/etc/kins/config}
registry_secrets=${KINS_REGISTRIES:-/etc/kins/registries}

# Whether two files have the same text; one that is missing has none.
same_text() { [ "$(cat "$1" 2>/dev/null)" = "$(cat "$2" 2>/dev/null)" ]; }

# Puts a new file into the place of the old one if they differ: settle FILE.new FILE
settle() {
  if [ -e "$2" ] && same_text "$1" "$2"; then rm -f "$1"; else rename_in_memory "$1" "$2"; fi
}

# put SOURCE TARGET
put() { (umask 077 && cat "$1" >"$2.new") && settle "$2.new" "$2"; }

tell_problem() { echo "$*" >>"$registries/problems.new"; }

# Whether a value of a Secret is there, and can be in a header of HTTP: has_value NAME KEY, for the line that was read last.
has_value() {
  registry=${hosts%% *}
  if [ ! -s "$registry_secrets/$folder/$1" ]; then
    tell_problem "Secret $secret has nothing under the key '$2', or is missing: registry $registry needs it"
    return 1
  fi
  case $1 in ca.crt | tls.*) return 0 ;; esac
  case $(cat "$registry_secrets/$folder/$1") in
    *[[:cntrl:]]*)
      tell_problem "Secret $secret has a control character under the key '$2', so it cannot be sent to registry $registry"
      return 1
      ;;
  esac
}

# A table of containerd's settings for each host: write_auth FIELD FILE...
write_auth() {
  for host in $hosts; do
    printf "[plugins.'io.containerd.cri.v1.images'.registry.configs.\"%s\".auth]\n" "$host"
    for field in "$@"; do
      printf '  %s = ' "${field%%=*}"
      quoted <"$registry_secrets/$folder/${field#*=}" || return 1
      echo
    done
  done
}

# Takes a file, or takes it away: without, containerd refuses to talk to a registry whose settings name it.
put_tls() {
  mkdir -p "$registries/tls/$folder"
  if has_value "$1" "$2"; then
    put "$registry_secrets/$folder/$1" "$registries/tls/$folder/$1"
  else
    rm -f "$registries/tls/$folder/$1"
  fi
}

# Reads the list of what comes from Secrets; prints the credentials as containerd's settings have them.
read_secrets() {
  while read -r kind folder secret key other hosts; do
    case $kind in
      basic)
        complete=yes
        has_value username "$key" || complete=
        has_value password "$other" || complete=
        [ -z "$complete" ] || write_auth username=username password=password || return 1
        ;;
      token) ! has_value token "$key" || write_auth identitytoken=token || return 1 ;;
      ca) put_tls ca.crt "$key" || return 1 ;;
      client) put_tls tls.crt "$key" && put_tls tls.key "$other" || return 1 ;;
    esac
  done
}

# Certificates that the configuration itself has, then the settings that name them, then away with what nobody names.
write_hosts() {
  for file in "$registry_config"/registry.*.crt; do
    [ -e "$file" ] || continue
    name=${file##*/registry.}
    mkdir -p "$registries/tls/${name%.crt}" && put "$file" "$registries/tls/${name%.crt}/ca.crt" || return 1
  done
  for file in "$registry_config"/registry.*.toml; do
    [ -e "$file" ] || continue
    name=${file##*/registry.}
    mkdir -p "$registries/certs.d/${name%.toml}" && put "$file" "$registries/certs.d/${name%.toml}/hosts.toml" || return 1
  done
  for folder in "$registries"/certs.d/* "$registries"/tls/*; do
    [ -e "$registry_config/registry.${folder##*/}.toml" ] || remove_tree "$folder"
  done
}

# Nothing to write, and nothing of before to take away.
has_no_registries() {
  [ ! -e "$registries" ] || return 1
  for file in "$registry_config"/registry.*.toml; do [ ! -e "$file" ] || return 1; done
}

# The credentials come last: containerd is started again when they change, and may pull at once.
write_registries() {
  ! has_no_registries || return 0
  mkdir -p "$registries/certs.d" "$registries/tls" && chmod 0700 "$registries" || return 1
  list=$registry_config/registries
  [ -e "$list" ] || list=/dev/null
  true >"$registries/problems.new"
  (umask 077 && read_secrets <"$list" >"$registries/auth.toml.new") && write_hosts || return 1
  settle "$registries/auth.toml.new" "$registries/auth.toml" || return 1
  if ! same_text "$registries/problems.new" "$registries/problems"; then
    while read -r problem; do say "$problem"; done <"$registries/problems.new"
  fi
  settle "$registries/problems.new" "$registries/problems"
}

# Whether containerd of the unit has the credentials; it is started again for them.
has_taken_credentials() { same_text "$registries/auth.toml" "$registries/taken.toml"; }

# Follows the Secrets, which the kubelet of the cloud cluster brings here a minute or so after they have changed.
watch_registries() {
  while sleep "${REGISTRY_SECONDS:-10}"; do
    write_registries || say "could not write containerd's registry configuration to $registries; trying again"
  done
}
