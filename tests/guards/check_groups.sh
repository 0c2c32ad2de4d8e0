#!/bin/sh
# A route group is four things: its folder, an nginx file, a database role, and its lines in the nginx file name an upstream
# that exists. A group without one of them starts nowhere or answers 502.
set -eu
status=0
bad() { echo "$*"; status=1; }
for product in scaiflow scaivault; do
  for main in handlers/"$product"/*/main.cpp; do
    [ -f "$main" ] || continue
    group=$(basename "$(dirname "$main")")
    [ -f "nginx/$product/$group.conf" ] || bad "nginx/$product/$group.conf is missing"
    grep -q "'${product}_$group'" "sql/$product/roles.sql" || bad "sql/$product/roles.sql has no role ${product}_$group"
    # A name that is not its folder's is another group's database role and another socket.
    grep -q "serve_group(\"$group\"" "$main" || bad "$main serves a group of another name"
  done
  for conf in nginx/"$product"/*.conf; do
    group=$(basename "$conf" .conf)
    grep -q "fastcgi_pass $product-$group;" "$conf" || bad "$conf does not pass to $product-$group"
    grep -q 'include scai/snippets/fastcgi.conf;' "$conf" || bad "$conf does not include scai/snippets/fastcgi.conf"
  done
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
