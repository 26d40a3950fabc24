# shellcheck shell=sh
# Functions of agent.sh about the registries of the unit. They write the registry configuration of the unit's containerd, from
# the unit's configuration and from Secrets, to the run-time folder, which is in memory.
#
# A missing Secret keeps nothing from running: settings that need it are left out, so the registry rejects the pull, and
# $registries/problems names the Secret, so the cri pod is not ready.
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

# Whether two files have the same content; a missing file counts as empty.
same_text() { [ "$(cat "$1" 2>/dev/null)" = "$(cat "$2" 2>/dev/null)" ]; }

# Replaces a file with a new one if their content differs: settle FILE.new FILE
settle() {
  if [ -e "$2" ] && same_text "$1" "$2"; then rm -f "$1"; else rename_in_memory "$1" "$2"; fi
}

# Copies a file, readable only by its owner, unless the target has that content already: put SOURCE TARGET
put() { (umask 077 && cat "$1" >"$2.new") && settle "$2.new" "$2"; }

tell_problem() { echo "$*" >>"$registries/problems.new"; }

# Whether the Secret of the line that was read last has a value, and, for a credential, whether it fits into an HTTP header:
# has_value FILE KEY
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

# Prints a table of containerd's settings for each host: write_auth FIELD=FILE...
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

# Copies a file from a Secret. If the Secret lacks it, removes the copy: containerd refuses to talk to a registry whose
# settings name a missing file. put_tls FILE KEY
put_tls() {
  mkdir -p "$registries/tls/$folder"
  if has_value "$1" "$2"; then
    put "$registry_secrets/$folder/$1" "$registries/tls/$folder/$1"
  else
    rm -f "$registries/tls/$folder/$1"
  fi
}

# Reads the list of values that come from Secrets; prints the credentials as settings of containerd.
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

# Writes the certificates from the unit's configuration, then the settings that name them, then removes what is not named any
# more.
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

# Whether there is nothing to write, and nothing from before to remove.
has_no_registries() {
  [ ! -e "$registries" ] || return 1
  for file in "$registry_config"/registry.*.toml; do [ ! -e "$file" ] || return 1; done
}

# Writes the credentials last: a change of them restarts containerd, which may pull at once and needs the rest by then.
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

# Whether the unit's containerd was started with the current credentials.
has_taken_credentials() { same_text "$registries/auth.toml" "$registries/taken.toml"; }

# Follows changes of the Secrets, which the kubelet of the cloud cluster updates here within about a minute.
watch_registries() {
  while sleep "${REGISTRY_SECONDS:-10}"; do
    write_registries || say "could not write containerd's registry configuration to $registries; trying again"
  done
}
