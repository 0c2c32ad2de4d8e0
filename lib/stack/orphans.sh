# Which processes belong to this stack, asked of /proc, so that nothing outlives `make down` even when a supervisor was
# killed. Sourced by stack.sh and by every run script; needs $STACK_DIR. A process is ours when it was started with
# SCAI_STACK=<this folder> in its environment, or when it is an nginx, redis or postgres working in a folder of ours (these
# overwrite their environment with the process title). SPDX-License-Identifier: Apache-2.0

# stack_pids [service]: without a name every process of the stack, supervisors included; with one that service's alone.
stack_pids() {
  data=$(readlink -f "$STACK_DIR/data/postgres" 2>/dev/null) || data=
  {
    if [ $# -eq 0 ]; then
      grep -lszxF -- "SCAI_STACK=$STACK_DIR" /proc/[0-9]*/environ 2>/dev/null
    else
      grep -lszxF -- "SCAI_STACK=$STACK_DIR" /proc/[0-9]*/environ 2>/dev/null |
        xargs -r grep -lszxF -- "SCAI_SERVICE=$1" 2>/dev/null
    fi | sed 's|^/proc/||; s|/environ$||'
    # Handlers of ScaiVault hide their environment (no core dumps, no debugger), but not what they were started with.
    grep -lszxF -- "$STACK_DIR/scaivault.env" /proc/[0-9]*/cmdline 2>/dev/null | sed 's|^/proc/||; s|/cmdline$||' |
      while read -r pid; do
        if [ $# -eq 0 ] || cat "/proc/$pid/cmdline" 2>/dev/null | tr '\0' '\n' | grep -qE "/$1$"; then echo "$pid"; fi
      done
    case "${1:-nginx}" in nginx) pids_working_in "$STACK_DIR/sv/nginx" nginx ;; esac
    # Debian's redis-server is a link to another of its programs.
    case "${1:-redis}" in redis) pids_working_in "$(readlink -f "$STACK_DIR/data/redis" 2>/dev/null)" 'redis-*' ;; esac
    case "${1:-postgres}" in postgres) [ -z "$data" ] || pids_working_in "$data" postgres ;; esac
  } | sort -un | while read -r pid; do
    # Zombies are gone already; our own shell and what it runs right now are not the stack.
    state=$(sed 's/^.*) \(.\).*/\1/' "/proc/$pid/stat" 2>/dev/null) || continue
    case "$state" in Z | X | "") continue ;; esac
    [ "$pid" != "$$" ] && echo "$pid"
  done
  return 0
}
pids_working_in() {
  [ -n "$1" ] || return 0
  find /proc/[0-9]*/cwd -maxdepth 0 -lname "$1" 2>/dev/null | sed 's|^/proc/||; s|/cwd$||' | while read -r pid; do
    case "$(readlink "/proc/$pid/exe" 2>/dev/null)" in */$2 | */$2" (deleted)") echo "$pid" ;; esac
  done
}

# kill_orphans [service]: asks, waits up to ten seconds, insists.
kill_orphans() {
  found=$(stack_pids "$@")
  [ -n "$found" ] || return 0
  for pid in $found; do
    case "$(readlink "/proc/$pid/exe" 2>/dev/null)" in
      */postgres) kill -INT "$pid" 2>/dev/null || : ;;
      *) kill -TERM "$pid" 2>/dev/null || : ;;
    esac
  done
  tries=0
  while [ $tries -lt 50 ]; do
    found=$(stack_pids "$@")
    [ -n "$found" ] || return 0
    sleep 0.2
    tries=$((tries + 1))
  done
  for pid in $found; do kill -KILL "$pid" 2>/dev/null || :; done
  sleep 0.2
}
