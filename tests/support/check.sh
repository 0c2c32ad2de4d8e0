#!/bin/sh
# Runs guards and the test runners given by name; last line "N passed, N failed".
# usage: check.sh <object folder> <program folder> <kind>...      TESTFLAGS narrows, e.g. --run_test=lib_jose_jwt
set -u
objects=$1 programs=$2
shift 2
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
passed=0 failed=0

if sh tests/guards/run.sh >"$reports/guards" 2>&1; then :; fi
cat "$reports/guards"
passed=$((passed + $(grep -c '^ok ' "$reports/guards")))
failed=$((failed + $(grep -c '^not ok ' "$reports/guards")))

for kind in "$@"; do
  echo "== $kind"
  SCAI_BIN="$programs" "$objects/tests/$kind-tests" --logger=HRF,error,stdout:JUNIT,all,"$reports/$kind.xml" \
      --report_level=no --color_output=no --catch_system_errors=no ${TESTFLAGS:-} 2>"$reports/$kind.log"
  status=$?
  # What the tested code logs is noise while all is well.
  [ "$status" -eq 0 ] || tail -n 200 "$reports/$kind.log"
  tests=$(sed -n 's/.*<testsuite tests="\([0-9]*\)".*/\1/p' "$reports/$kind.xml" 2>/dev/null | head -1)
  tests=${tests:-0}
  # one test case may log several failures; count cases
  cases=$(awk '/<testcase /{bad=0} /<(failure|error) /{if(!bad){n++; bad=1}} END{print n+0}' "$reports/$kind.xml" 2>/dev/null)
  cases=${cases:-0}
  if [ "$status" -ne 0 ] && [ "$cases" -eq 0 ]; then
    echo "$kind-tests ended with status $status"
    cases=1
    [ "$tests" -gt 0 ] || tests=1
  fi
  passed=$((passed + tests - cases)) failed=$((failed + cases))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
