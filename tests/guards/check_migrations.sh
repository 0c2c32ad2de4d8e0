#!/bin/sh
# Migrations are numbered 0001, 0002, ... without gap or twin, and each has its way back (NNNN_name.down.sql).
for folder in sql/*/migrations; do
  expected=1
  for file in "$folder"/*.sql; do
    case "$file" in *.down.sql)
      [ -f "${file%.down.sql}.sql" ] || echo "$file undoes a migration that is not there"
      continue ;;
    esac
    name=$(basename "$file" .sql)
    number=$(printf '%04d' "$expected")
    case "$name" in
      "$number"_[a-z]*) ;;
      *) echo "$file: expected number $number" ;;
    esac
    [ -s "$folder/$name.down.sql" ] || echo "$file has no $name.down.sql"
    expected=$((expected + 1))
  done
done | { ! grep .; }
