# Knobs, paths and small words of the stack; sourced. SPDX-License-Identifier: Apache-2.0
PATH=$PATH:/usr/sbin:/sbin
export PATH
umask 022

say() { printf '== %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# --- knobs: the environment, then what the last `up` in this folder used, then the default ----------------------------
case "${STACK_DIR:=var}" in
  /*) ;;
  *) STACK_DIR=$ROOT/$STACK_DIR ;;
esac
mkdir -p "$STACK_DIR"
STACK_DIR=$(cd "$STACK_DIR" && pwd -P)
case "$STACK_DIR" in *[!A-Za-z0-9/._+-]*) die "STACK_DIR may hold letters, digits and / . _ + - only: $STACK_DIR" ;; esac
case "$ROOT" in *[!A-Za-z0-9/._+-]*) die "the path of the checkout may hold letters, digits and / . _ + - only: $ROOT" ;; esac

remembered() { sed -n "s/^$1=\([0-9]*\)$/\1/p" "$STACK_DIR/stack.conf" 2>/dev/null || :; }
for knob in FLOW_PORT:8080 VAULT_PORT:8081 KEY_PORT:8082 GRID_PORT:8083; do
  name=${knob%%:*}
  eval "value=\${$name:-}"
  [ -n "$value" ] || value=$(remembered "$name")
  [ -n "$value" ] || value=${knob##*:}
  case "$value" in *[!0-9]*) die "$name must be a port number: $value" ;; esac
  [ "$value" -ge 1 ] && [ "$value" -le 65535 ] || die "$name must be a port from 1 to 65535: $value"
  eval "$name=$value"
done
# Another ScaiKey or ScaiGrid stays chosen like a port does; SCAIKEY_BASE_URL= (empty) goes back to the embedded one.
for name in SCAIKEY_BASE_URL SCAIGRID_BASE_URL; do
  eval "given=\${$name+set}"
  if [ -z "$given" ]; then
    value=$(sed -n "s/^$name=//p" "$STACK_DIR/stack.conf" 2>/dev/null) || :
    export "$name=$value"
  fi
  eval "value=\$$name"
  [ -n "$value" ] || unset "$name"
done
remember_knobs() {
  printf 'FLOW_PORT=%s\nVAULT_PORT=%s\nKEY_PORT=%s\nGRID_PORT=%s\n' "$FLOW_PORT" "$VAULT_PORT" "$KEY_PORT" "$GRID_PORT" \
    >"$STACK_DIR/stack.conf"
  [ -z "${SCAIKEY_BASE_URL:-}" ] || printf 'SCAIKEY_BASE_URL=%s\n' "$SCAIKEY_BASE_URL" >>"$STACK_DIR/stack.conf"
  [ -z "${SCAIGRID_BASE_URL:-}" ] || printf 'SCAIGRID_BASE_URL=%s\n' "$SCAIGRID_BASE_URL" >>"$STACK_DIR/stack.conf"
}

BIN=${SCAI_BIN:-build/bin}
case "$BIN" in /*) ;; *) BIN=$ROOT/$BIN ;; esac
PG_BIN=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
STACK_HASH=$(printf '%s' "$STACK_DIR" | cksum | tr -d ' ')

# Unix socket paths end at 107 bytes: deep checkouts keep their sockets in /tmp, linked from $STACK_DIR/run.
RUN_DIR=$STACK_DIR/run
if [ ${#RUN_DIR} -gt 70 ]; then RUN_DIR=/tmp/scai-$(id -u)-$STACK_HASH; fi
prepare_run_dir() {
  if [ "$RUN_DIR" = "$STACK_DIR/run" ]; then
    mkdir -p "$RUN_DIR"
  else
    mode=700
    [ "$(id -u)" -ne 0 ] || mode=711 # PostgreSQL is another user then and has to get through
    mkdir -m $mode "$RUN_DIR" 2>/dev/null || [ -O "$RUN_DIR" ] || die "$RUN_DIR belongs to somebody else"
    ln -sfn "$RUN_DIR" "$STACK_DIR/run"
  fi
}

# --- the groups, found by folder like the Makefile does ---------------------------------------------------------------
scaiflow_groups() {
  for main in "$ROOT"/handlers/scaiflow/*/main.cpp; do
    [ -f "$main" ] && basename "$(dirname "$main")"
  done
}
scaivault_groups() {
  for main in "$ROOT"/handlers/scaivault/*/main.cpp; do
    [ -f "$main" ] && basename "$(dirname "$main")"
  done
}
# Every handler of the products by the name of its service.
product_handlers() {
  for group in $(scaiflow_groups); do echo "scaiflow-$group"; done
  for group in $(scaivault_groups); do echo "scaivault-$group"; done
}
handler_program() { # handler_program <service>: scaiflow-admin is the operator's command, the group is scaiflow-admin-api
  case "$1" in scaiflow-admin) echo scaiflow-admin-api ;; *) echo "$1" ;; esac
}
embedded_scaikey() { [ -z "${SCAIKEY_BASE_URL:-}" ]; }
embedded_scaigrid() { [ -z "${SCAIGRID_BASE_URL:-}" ]; }
base_url_in_use() { if embedded_scaikey; then echo "http://127.0.0.1:$KEY_PORT"; else echo "$SCAIKEY_BASE_URL"; fi; }

check_programs() {
  for program in runsvdir runsv sv svlogd chpst snooze nginx curl flock setsid cksum redis-server; do
    command -v "$program" >/dev/null 2>&1 || die "$program is missing: make deps installs it"
  done
  [ -n "$PG_BIN" ] || die "no PostgreSQL server below /usr/lib/postgresql: make deps installs it"
  for service in $(product_handlers) scaikey scaigrid; do
    [ -x "$BIN/$(handler_program "$service")" ] || die "$BIN/$(handler_program "$service") is missing: run make first"
  done
}

# A port somebody else holds: say so before anything starts.
port_taken() {
  code=0
  curl -s -o /dev/null --noproxy '*' --connect-timeout 2 --max-time 2 "http://127.0.0.1:$1/" || code=$?
  [ "$code" -ne 7 ]
}
check_ports() {
  service_runs nginx && return 0
  kill_orphans nginx
  if port_taken "$FLOW_PORT"; then die "port $FLOW_PORT is taken: choose another with FLOW_PORT=..."; fi
  if port_taken "$VAULT_PORT"; then die "port $VAULT_PORT is taken: choose another with VAULT_PORT=..."; fi
  if embedded_scaikey && port_taken "$KEY_PORT"; then die "port $KEY_PORT is taken: choose another with KEY_PORT=..."; fi
  if embedded_scaigrid && port_taken "$GRID_PORT"; then die "port $GRID_PORT is taken: choose another with GRID_PORT=..."; fi
}
