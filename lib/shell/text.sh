# shellcheck shell=sh
# Quoting, so that a parser gets exactly the original text. Texts come on standard input or as arguments of shell functions,
# never as arguments of a process, so that no secret shows up in the list of processes.

# Quotes standard input as a JSON string, which is also valid in YAML and TOML. Drops the final line break. Fails on control
# characters other than tabs and line breaks, which none of the three accepts.
quoted() {
  escaped=$(sed -e ':more' -e '$!{' -e 'N' -e 'b more' -e '}' -e 's/[\\"]/\\&/g' -e 's/\t/\\t/g' -e 's/\r/\\r/g' \
    -e 's/\n/\\n/g') || return 1
  case $escaped in *[[:cntrl:]]*) return 1 ;; esac
  printf '"%s"' "$escaped"
}

# The same for an argument. Most texts need no escaping, and then no process is started: json TEXT
json() {
  case $1 in
    *[!A-Za-z0-9_./:=,@-]*) printf '%s' "$1" | quoted ;;
    *) printf '"%s"' "$1" ;;
  esac
}

# Prints a line of YAML: setting NAME VALUE
setting() { setting_value=$(json "$2") && printf '%s: %s\n' "$1" "$setting_value"; }

# Quotes standard input as a field of CSV.
csv_column() {
  doubled=$(sed 's/"/""/g') || return 1
  printf '"'
  printf '%s' "$doubled" | tr -d '\n'
  printf '"'
}
