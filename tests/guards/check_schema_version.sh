#!/bin/sh
# A program refuses a database that is ahead of it, so it must know the newest migration it was built with.
newest=$(ls sql/scaiflow/migrations | sed -n 's/^\([0-9]\{4\}\)_.*\.sql$/\1/p' | sort -n | tail -1 | sed 's/^0*//')
known=$(sed -n 's/.*newest_migration = \([0-9]*\);.*/\1/p' lib/scaiflow/app/schema_version.hpp)
[ "$newest" = "$known" ] || { echo "lib/scaiflow/app/schema_version.hpp says $known, the newest migration is $newest"; exit 1; }
