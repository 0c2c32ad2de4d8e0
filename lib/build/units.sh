#!/bin/sh
# The sources of a folder, a few at a time, as one translation unit each: what costs time in a build is reading the same headers
# again for every file. Writes <out>/<source folder>/unit_<n>.cpp, only where the content changes, and prints their names.
# usage: units.sh <out> <files a unit> <source>...
# SPDX-License-Identifier: Apache-2.0
set -eu
out=$1 size=$2
shift 2
printf '%s\n' "$@" | sed 's|/\([^/]*\)$| \1|' | LC_ALL=C sort | awk -v out="$out" -v size="$size" '
  function finish(   line, old) {
    if (name == "") return
    while ((getline line < name) > 0) old = old line "\n"
    close(name)
    if (old != unit) { printf "%s", unit > name; close(name) }
    print name
    name = ""
  }
  $1 != folder { finish(); folder = $1; n = 0; files = 0; system("mkdir -p " out "/" folder) }
  files++ % size == 0 { finish(); name = out "/" folder "/unit_" ++n ".cpp"; unit = "" }
  { unit = unit "#include \"" $1 "/" $2 "\"\n" }
  END { finish() }'
