#!/bin/sh
# README.md shows every setting exactly as lib/<product>/app/settings.hpp declares it; `sh lib/stack/settings_table.sh readme`
# brings it up to date. A setting nobody can look up is one that is set wrongly at night.
set -eu
copy=$(mktemp)
trap 'rm -f "$copy"' EXIT
for table in lib/*/app/settings.hpp; do
  product=$(basename "$(dirname "$(dirname "$table")")")
  grep -q "<!-- settings:$product -->" README.md || { echo "README.md has no table for $product"; exit 1; }
done
sh lib/stack/settings_table.sh readme >"$copy"
if ! cmp -s "$copy" README.md; then
  echo "README.md is behind the settings: sh lib/stack/settings_table.sh readme >README.new && mv README.new README.md"
  diff README.md "$copy" | head -20
  exit 1
fi
