#!/bin/sh
# The API description and the route tables name the same methods and paths, both ways; every handler file of a group is in a
# table; every $ref has its target and every operation an id of its own.
set -u
status=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A group is a folder of its own with one table; the embedded ScaiGrid is one folder with a table a module.
tables_of() { ls handlers/"$1"/*/routes.cpp handlers/"$1"/routes*.cpp 2>/dev/null; }
sources_of() { ls handlers/"$1"/*/*.cpp handlers/"$1"/*.cpp 2>/dev/null; }

check_product() {
  product=$1 file=nginx/www/openapi/$1.yaml
  [ -f "$file" ] || { echo "$file is missing"; status=1; return; }
  # {"GET", "/v1/x/{id}", ...}: also over two lines. {path...} takes several segments; OpenAPI has no word for that.
  cat $(tables_of "$product") | tr '\n' ' ' | grep -oE '\{ *"[A-Z]+", *"/[^"]*"' |
    sed -E 's/\{ *"([A-Z]+)", *"([^"]*)"/\1 \2/; s/\.\.\.\}/}/' | sort >"$work/tables"
  awk '
    /^[a-z]/ { part = $1 }
    part == "paths:" && /^  \/[^ ]*:$/ { path = $1; sub(/:$/, "", path) }
    part == "paths:" && /^    (get|put|post|delete|patch|head|options):$/ {
      method = $1; sub(/:$/, "", method); print toupper(method), path
    }' "$file" | sort >"$work/described"
  [ -s "$work/tables" ] || { echo "no routes found in handlers/$product: is this guard still right?"; status=1; }
  for line in $(comm -23 "$work/tables" "$work/described" | tr ' ' '~'); do
    echo "$file lacks $(echo "$line" | tr '~' ' ')"; status=1
  done
  for line in $(comm -13 "$work/tables" "$work/described" | tr ' ' '~'); do
    echo "$file describes $(echo "$line" | tr '~' ' '), which no table has"; status=1
  done
  for twice in $(uniq -d "$work/tables" | tr ' ' '~'); do
    echo "two tables have $(echo "$twice" | tr '~' ' ')"; status=1
  done

  # components: "  kind:" then "    Name:"
  awk '/^[a-z]/ { part = $1 } part == "components:" && /^  [a-zA-Z]+:$/ { kind = $1; sub(/:/, "", kind) }
       part == "components:" && /^    [A-Za-z]+:/ { name = $1; sub(/:.*/, "", name); print "#/components/" kind "/" name }' \
    "$file" | sort -u >"$work/components"
  grep -oE "\\\$ref: '[^']*'" "$file" | sed "s/.*'\\(.*\\)'/\\1/" | sort -u >"$work/refs"
  for ref in $(comm -13 "$work/components" "$work/refs"); do echo "$file: $ref has no target"; status=1; done
  for idle in $(comm -23 "$work/components" "$work/refs" | grep -v securitySchemes); do
    echo "$file: $idle is used nowhere"; status=1
  done
  for twice in $(grep -oE 'operationId: [A-Za-z]+' "$file" | sort | uniq -d | tr ' ' '~'); do
    echo "$file: $twice twice"; status=1
  done
  operations=$(grep -c 'operationId:' "$file")
  [ "$operations" -eq "$(grep -c . "$work/described")" ] || { echo "$file: an operation without operationId"; status=1; }

  # Who may call it is part of the description of everything that touches flows; the access walk tests it.
  awk '/^[a-z]/ { part = $1 }
       part == "paths:" && /^    (get|put|post|delete|patch):$/ { done(); tagged = 0; who = 0; level = 0; id = "" }
       /^      tags: \[(flows|deploy|preview|catalog|lookups|scaicore)\]/ { tagged = 1 } /^      operationId:/ { id = $2 }
       /^      x-(permission|role):/ { who = 1 } /^      x-level:/ { level = 1 }
       function done() { if (tagged && !(who && level)) print id }
       END { done() }' "$file" >"$work/unsaid"
  while read -r id; do echo "$file: $id lacks x-permission (or x-role) and x-level"; status=1; done <"$work/unsaid"

  # A handler file is a row, or it is one of the group's shared parts.
  for source in $(sources_of "$product"); do
    name=$(basename "$source" .cpp)
    case "$name" in main | routes | routes_* | views) continue ;; esac
    [ -f "$(dirname "$source")/$name.hpp" ] && continue
    grep -qE "[ ,]$name\}" "$(dirname "$source")"/routes*.cpp || { echo "$source is in no row of a table beside it"; status=1; }
  done
}

for folder in handlers/*/*/routes.cpp; do
  [ -f "$folder" ] || continue
  basename "$(dirname "$(dirname "$folder")")"
done | sort -u >"$work/products"
echo scaigrid >>"$work/products"
while read -r product; do check_product "$product"; done <"$work/products"
exit $status
