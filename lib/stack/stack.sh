#!/bin/sh
# The stack on one machine: PostgreSQL, the handlers, nginx and the cron jobs, all on loopback, all below $STACK_DIR,
# supervised by runit. Called by make; runs as any user; several stacks live side by side (STACK_DIR and the ports).
# usage: stack.sh up|down|status|logs|psql
# SPDX-License-Identifier: Apache-2.0
set -eu
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
. "$ROOT/lib/stack/common.sh"
. "$ROOT/lib/stack/settings.sh"
. "$ROOT/lib/stack/postgres.sh"
. "$ROOT/lib/stack/services.sh"
. "$ROOT/lib/stack/nginx.sh"
. "$ROOT/lib/stack/demo.sh"

up() {
  check_programs
  exec 9>"$STACK_DIR/lock"
  flock -w 600 9 || die "another make up or down works on $STACK_DIR"
  check_ports
  remember_knobs

  prepare_postgres
  write_services
  start_supervisor
  say "database"
  start_service postgres
  wait_postgres
  create_databases
  write_settings
  write_vault_settings
  if embedded_scaigrid; then write_grid_settings; fi
  say "migrations"
  migrate
  if embedded_scaikey; then
    say "embedded ScaiKey"
    load_demo
    load_vault_applications
    load_flow_service
    start_service scaikey
    wait_socket scaikey
  fi
  start_service redis
  write_nginx
  start_service nginx
  if embedded_scaikey; then
    wait_url "http://127.0.0.1:$KEY_PORT/api/v1/platform/oauth/.well-known/openid-configuration" scaikey nginx
    register_scaiflow
  fi
  write_vault_audience
  if embedded_scaigrid; then
    write_grid_audience
    make_grid_key
    start_service scaigrid
    wait_socket scaigrid
  fi
  say "handlers"
  for service in $(product_handlers); do start_service "$service"; done
  for service in $(product_handlers); do wait_socket "$service"; done
  wait_url "http://127.0.0.1:$FLOW_PORT/v1/health" scaiflow-health nginx
  wait_url "http://127.0.0.1:$VAULT_PORT/v1/health/ready" scaivault-system redis nginx
  if embedded_scaigrid; then wait_url "http://127.0.0.1:$GRID_PORT/v1/health/ready" scaigrid nginx; fi
  first_sweep
  first_identity_sync
  if embedded_scaikey; then grant_flow_service; fi
  for name in $(cron_services); do start_service "$name"; done
  drop_stale_services
  keep_running
  banner
}

down() {
  [ -d "$STACK_DIR/sv" ] || { echo "nothing was started in $STACK_DIR"; return 0; }
  exec 9>"$STACK_DIR/lock"
  flock -w 600 9 || die "another make up or down works on $STACK_DIR"
  stop_all
  echo "stopped"
}

status() {
  if ! supervisor_alive; then
    echo "the stack in $STACK_DIR is down"
    return 3
  fi
  failed=0
  for dir in "$STACK_DIR"/sv/*/; do
    name=$(basename "$dir")
    line=$(sv status "$STACK_DIR/sv/$name" 2>&1 | sed "s|$STACK_DIR/sv/||; s|; run: log:.*||")
    printf '  %s\n' "$line"
    case "$line" in run:*) ;; *) failed=1 ;; esac
  done
  echo "  ScaiFlow  http://127.0.0.1:$FLOW_PORT/    ScaiVault  http://127.0.0.1:$VAULT_PORT/    ScaiKey  $(env_get "$STACK_DIR/scaiflow.env" SCAIKEY_BASE_URL)    ScaiGrid  $(env_get "$STACK_DIR/scaiflow.env" SCAIGRID_BASE_URL)"
  echo "  logs      $STACK_DIR/log/<service>/current"
  return $failed
}

logs() {
  [ -d "$STACK_DIR/log" ] || die "no logs in $STACK_DIR: was the stack ever up?"
  exec tail -n 20 -F "$STACK_DIR"/log/*/current
}

psql_shell() {
  [ -r "$STACK_DIR/stack.conf" ] || die "the stack in $STACK_DIR was never up"
  exec "$PG_BIN/psql" -h "$PG_SOCKETS" -U scai -d scai "$@"
}

command=${1:-help}
[ $# -eq 0 ] || shift
case "$command" in
  up) up ;;
  down) down ;;
  status) status ;;
  logs) logs ;;
  psql) psql_shell "$@" ;;
  *) sed -n '2,4p' "$0" | sed 's/^# //'; exit 64 ;;
esac
