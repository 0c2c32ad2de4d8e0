#!/bin/sh
# Runs every check_*.sh here from the repository root; one "ok"/"not ok" line each.
cd "$(dirname "$0")/../.." || exit 1
status=0
for guard in tests/guards/check_*.sh; do
  name=$(basename "$guard" .sh)
  if output=$(sh "$guard" 2>&1); then
    echo "ok $name"
  else
    echo "not ok $name"
    printf '%s\n' "$output" | sed 's/^/    /'
    status=1
  fi
done
exit $status
