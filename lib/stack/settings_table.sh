#!/bin/sh
# Reads a product's settings table (lib/<product>/app/settings.hpp) and prints it as an env file to fill in, as rows of the
# README's table, or as names; `readme` prints README.md with its tables brought up to date.
# usage: settings_table.sh env|markdown|names <settings.hpp>   |   settings_table.sh readme
# SPDX-License-Identifier: Apache-2.0
set -eu
if [ "$1" = readme ]; then
  cd "$(dirname "$0")/../.."
  while IFS= read -r line; do
    case "$line" in
      '<!-- settings:'*' -->')
        skip=yes product=${line#<!-- settings:} product=${product% -->}
        printf '%s\n\n| Setting | Default | Meaning |\n|---|---|---|\n' "$line"
        sh lib/stack/settings_table.sh markdown "lib/$product/app/settings.hpp"
        echo
        ;;
      '<!-- end -->') skip=no ;;
    esac
    case "${skip:-no}" in no) printf '%s\n' "$line" ;; esac
  done <README.md
  exit 0
fi
awk -v form="$1" '
{ text = text " " $0 }
END {
  gsub(/Setting\{ +"/, "Setting{\"", text)
  while ((start = index(text, "Setting{\"")) > 0) {
    text = substr(text, start + 8)
    count = 0; kind = ""; rest = ""
    while (match(text, /^[^"}]*"[^"]*"/)) {
      piece = substr(text, RSTART, RLENGTH); text = substr(text, RLENGTH + 1)
      before = piece; sub(/".*/, "", before)
      value = piece; sub(/^[^"]*"/, "", value); sub(/"$/, "", value)
      # Literals with nothing but blanks between them are one.
      if (count > 0 && before ~ /^ *$/) { parts[count] = parts[count] value; continue }
      if (match(before, /Type::[a-z]+/)) kind = substr(before, RSTART + 6, RLENGTH - 6)
      parts[++count] = value
    }
    name = parts[1]; default_value = parts[2]; doc = parts[3]
    if (count < 3 || name !~ /^[A-Z][A-Z0-9_]*$/) { print "cannot read the row of " name > "/dev/stderr"; exit 1 }
    if (form == "names") print name
    else if (form == "markdown") printf "| `%s` | %s | %s |\n", name, (default_value == "" ? "unset" : "`" default_value "`"), doc
    else printf "# %s%s\n#%s=%s\n\n", doc, (kind == "" ? "" : " (" kind ")"), name, default_value
    rows++
  }
  if (!rows) { print "no settings found" > "/dev/stderr"; exit 1 }
}' "$2"
