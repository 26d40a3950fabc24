# shellcheck shell=sh
# Quoting, so that a reader gets exactly the original text. It comes on standard input, so that a secret is in
# no argument of a process; those of a function are in none.

# As a string of JSON, which is one of YAML and TOML too. The end of the last line is left out. What none of them takes as it is,
# control characters other than tabulators and ends of lines, is no text.
quoted() {
  escaped=$(sed -e ':more' -e '$!{' -e 'N' -e 'b more' -e '}' -e 's/[\\"]/\\&/g' -e 's/\t/\\t/g' -e 's/\r/\\r/g' \
    -e 's/\n/\\n/g') || return 1
  case $escaped in *[[:cntrl:]]*) return 1 ;; esac
  printf '"%s"' "$escaped"
}

# The same of an argument, for a place in a larger text. Of most, nothing has to be changed, and no process is started then:
# json TEXT
json() {
  case $1 in
    *[!A-Za-z0-9_./:=,@-]*) printf '%s' "$1" | quoted ;;
    *) printf '"%s"' "$1" ;;
  esac
}

# A line of YAML: setting NAME VALUE
setting() { setting_value=$(json "$2") && printf '%s: %s\n' "$1" "$setting_value"; }

# As a column of CSV.
csv_column() {
  doubled=$(sed 's/"/""/g') || return 1
  printf '"'
  printf '%s' "$doubled" | tr -d '\n'
  printf '"'
}
