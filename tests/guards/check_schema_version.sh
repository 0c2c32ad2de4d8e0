#!/bin/sh
# A program refuses a database that is ahead of it, so it must know the newest migration it was built with.
status=0
for product in scaiflow scaivault scaigrid; do
  newest=$(ls "sql/$product/migrations" | sed -n 's/^\([0-9]\{4\}\)_.*\.sql$/\1/p' | sort -n | tail -1 | sed 's/^0*//')
  header=lib/$product/app/schema_version.hpp
  known=$(sed -n 's/.*newest_migration = \([0-9]*\);.*/\1/p' "$header")
  [ "$newest" = "$known" ] || { echo "$header says $known, the newest migration is $newest"; status=1; }
done
exit $status
