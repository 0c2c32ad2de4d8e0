#!/bin/sh
# Runs guards and the test runners given by name; last line "N passed, N failed".
# usage: check.sh <object folder> <program folder> <kind>...      TESTFLAGS narrows, e.g. --run_test=lib_jose_jwt
# Most tests wait for a server of their own rather than compute, so the runners go side by side; the large ones in parts.
# SPDX-License-Identifier: Apache-2.0
set -u
objects=$1 programs=$2
shift 2
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
passed=0 failed=0
# Sanitizer builds: libsoci keeps a few bytes a prepared statement whose preparation failed.
LSAN_OPTIONS="suppressions=$PWD/tests/support/lsan.supp:print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
TSAN_OPTIONS="suppressions=$PWD/tests/support/tsan.supp:print_suppressions=0${TSAN_OPTIONS:+:$TSAN_OPTIONS}"
export LSAN_OPTIONS TSAN_OPTIONS

# A thousand databases made and dropped: on a disk's file system half of the time goes into finding inodes that were
# not just freed. In memory where there is plenty of it.
# (Containers often mount /dev/shm noexec; the stacks' scripts run from there.)
runs_scripts() {
  probe=$(mktemp "$1/scai-probe-XXXXXX") || return 1
  printf '#!/bin/sh\nexit 0\n' >"$probe" && chmod 700 "$probe" && "$probe" 2>/dev/null
  set -- $?
  rm -f "$probe"
  return "$1"
}
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] && runs_scripts /dev/shm && [ "$(df -Pk /dev/shm | awk 'NR == 2 {print $4}')" -gt 8388608 ] &&
  [ "$(awk '$1 == "MemAvailable:" {print $2}' /proc/meminfo)" -gt 8388608 ]; then
  TMPDIR=/dev/shm
  export TMPDIR
fi

sh tests/guards/run.sh >"$reports/guards" 2>&1
cat "$reports/guards"
passed=$((passed + $(grep -c '^ok ' "$reports/guards")))
failed=$((failed + $(grep -c '^not ok ' "$reports/guards")))

# start <part> <kind> <flags>...: in the background; its status, output and report are named after the part.
start() {
  part=$1 kind=$2
  shift 2
  (
    SCAI_BIN="$programs" "$objects/tests/$kind-tests" --logger=HRF,error,stdout:JUNIT,all,"$reports/$part.xml" \
      --report_level=no --color_output=no --catch_system_errors=no "$@" >"$reports/$part.out" 2>"$reports/$part.log"
    echo $? >"$reports/$part.status"
  ) &
}

# collect <part>: prints what it said and counts its cases.
collect() {
  part=$1
  echo "== $part"
  status=$(cat "$reports/$part.status" 2>/dev/null || echo 1)
  cat "$reports/$part.out"
  # What the tested code logs is noise while all is well.
  [ "$status" -eq 0 ] || tail -n 200 "$reports/$part.log"
  tests=$(sed -n 's/.*<testsuite tests="\([0-9]*\)".*/\1/p' "$reports/$part.xml" 2>/dev/null | head -1)
  tests=${tests:-0}
  # one test case may log several failures; count cases
  cases=$(awk '/<testcase /{bad=0} /<(failure|error) /{if(!bad){n++; bad=1}} END{print n+0}' "$reports/$part.xml" 2>/dev/null)
  cases=${cases:-0}
  if [ "$status" -ne 0 ] && [ "$cases" -eq 0 ]; then
    echo "$part ended with status $status"
    cases=1
    [ "$tests" -gt 0 ] || tests=1
  fi
  passed=$((passed + tests - cases)) failed=$((failed + cases))
  # Slowest cases, for whoever waits for them.
  sed -n 's/.*<testcase .*classname="\([^"]*\)" name="\([^"]*\)" time="\([0-9.]*\)".*/\3 s  \1\/\2/p' "$reports/$part.xml" \
    2>/dev/null | sort -rn | head -3 | sed 's/^/    /'
}

parts=""
for kind in "$@"; do
  if [ "$kind" = db ] && [ -z "${TESTFLAGS:-}" ]; then
    start db-lib db '--run_test=lib_*'
    start db-scaiflow db '--run_test=handlers_scaiflow*'
    start db-handlers db '--run_test=handlers_*' '--run_test=!handlers_scaiflow*'
    start db-rest db '--run_test=!lib_*' '--run_test=!handlers_*'
    parts="$parts db-lib db-scaiflow db-handlers db-rest"
  elif [ "$kind" = api ] && [ -z "${TESTFLAGS:-}" ]; then
    start api-scaiflow api '--run_test=api_scaiflow*'
    start api-rest api '--run_test=!api_scaiflow*'
    parts="$parts api-scaiflow api-rest"
  else
    # shellcheck disable=SC2086 # flags are words
    start "$kind" "$kind" ${TESTFLAGS:-}
    parts="$parts $kind"
  fi
done
wait
for part in $parts; do collect "$part"; done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
