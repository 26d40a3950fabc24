# shellcheck shell=sh
# Changes to a disk that a power cut leaves either done or not done. Scripts move and remove files only with these functions.

# Makes sure that files are on the disk; without this, a power cut may leave a file with a name and no content. Syncs
# everything, whatever is given, because not every sync takes paths. A script whose sync does can define its own flush after
# this one.
flush() { sync; }

# Replaces the content of a file with standard input, atomically. A pipe that ends early would count as complete, so the input
# must be complete before: write_file PATH
write_file() { cat >"$1.new" && flush "$1.new" && mv -f "$1.new" "$1" && flush "${1%"${1##*/}"}."; }

# The same for lines of text, but does not write if the file has them already: keep_file PATH
keep_file() {
  kept=$(cat) || return 1
  [ "$(cat "$1" 2>/dev/null)" = "$kept" ] || printf '%s\n' "$kept" | write_file "$1"
}

# Renames a file, or a folder with everything in it: rename FROM TO
rename() { flush && put_away "$1" "$2" && flush; }

# Renames what is about to be removed, without syncing, so that others find either all of it or nothing: put_away FROM TO
# TO must be in the same folder or below it: anywhere else might be another disk, to which moving means copying, which a power
# cut can interrupt. TO must not be an existing folder, because mv would move FROM into it.
put_away() {
  case $2 in "${1%"${1##*/}"}"?*) ;; *) return 1 ;; esac
  [ ! -d "$2" ] && mv -f "$1" "$2"
}

# Removes a file, a link, or a folder with everything below it on the same file system; another file system mounted there
# holds data that is not ours to remove. Fails if anything is left: remove_tree PATH
remove_tree() {
  if [ -L "$1" ] || [ ! -d "$1" ]; then
    rm -f "$1"
  else
    # Not every find has -delete.
    find "$1" -xdev -depth ! -type d -exec rm -f {} + && find "$1" -xdev -depth -type d -exec rmdir {} + && [ ! -e "$1" ]
  fi
}
