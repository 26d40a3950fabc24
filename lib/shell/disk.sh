# shellcheck shell=sh
# Changes of a disk that a power cut leaves made or not made, and nothing in between. Scripts move and remove by these alone.

# Puts files and folders, or without any everything, on the disk; a power cut may otherwise leave a name with nothing in it.
# Everything in any case: not every sync takes paths. A script whose sync does may define another after this.
flush() { sync; }

# Standard input becomes the content of a file, at once. What it comes from must be whole already: write_file PATH
write_file() { cat >"$1.new" && flush "$1.new" && mv -f "$1.new" "$1" && flush "${1%"${1##*/}"}."; }

# The same for a text of lines, unless the file has it already: keep_file PATH
keep_file() {
  kept=$(cat) || return 1
  [ "$(cat "$1" 2>/dev/null)" = "$kept" ] || printf '%s\n' "$kept" | write_file "$1"
}

# Gives a file, or a folder with all that is in it, another name: rename FROM TO
rename() { flush && put_away "$1" "$2" && flush; }

# The same for what is removed next, so that whoever looks meanwhile finds all of it or nothing: put_away FROM TO
# TO is in the same folder or below it: elsewhere may be another disk, and moving there is copying, which can be cut. A folder
# that has the name already would take in what comes.
put_away() {
  case $2 in "${1%"${1##*/}"}"?*) ;; *) return 1 ;; esac
  [ ! -d "$2" ] && mv -f "$1" "$2"
}

# Removes a file, a link, or a folder with all below it as far as that is on one file system: what is on another is
# somebody's data. Fails when anything is left: remove_tree PATH
remove_tree() {
  if [ -L "$1" ] || [ ! -d "$1" ]; then
    rm -f "$1"
  else
    # Not every find can remove by itself.
    find "$1" -xdev -depth ! -type d -exec rm -f {} + && find "$1" -xdev -depth -type d -exec rmdir {} + && [ ! -e "$1" ]
  fi
}
