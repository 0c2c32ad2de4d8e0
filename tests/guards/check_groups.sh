#!/bin/sh
# A route group is four things: its folder, an nginx file, a database role, and its lines in the nginx file name an upstream
# that exists. A group without one of them starts nowhere or answers 502.
set -eu
status=0
bad() { echo "$*"; status=1; }
for main in handlers/scaiflow/*/main.cpp; do
  [ -f "$main" ] || continue
  group=$(basename "$(dirname "$main")")
  [ -f "nginx/scaiflow/$group.conf" ] || bad "nginx/scaiflow/$group.conf is missing"
  grep -q "'scaiflow_$group'" sql/scaiflow/roles.sql || bad "sql/scaiflow/roles.sql has no role scaiflow_$group"
done
for conf in nginx/scaiflow/*.conf; do
  group=$(basename "$conf" .conf)
  grep -q "fastcgi_pass scaiflow-$group;" "$conf" || bad "$conf does not pass to scaiflow-$group"
  grep -q 'include scai/snippets/fastcgi.conf;' "$conf" || bad "$conf does not include scai/snippets/fastcgi.conf"
done
# Every crontab line names a job of the checkout.
for file in jobs/*/crontab; do
  [ -f "$file" ] || continue
  product=$(basename "$(dirname "$file")")
  for program in $(sed 's/#.*//' "$file" | awk 'NF { if (NF < 6) print "short-line"; else print $6 }'); do
    source=jobs/$product/$(echo "${program#"$product"-job-}" | tr - _).cpp
    [ -f "$source" ] || bad "$file names $program, but there is no $source"
  done
done
exit $status
