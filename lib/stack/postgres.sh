# The private PostgreSQL cluster; sourced. As root the server runs as user postgres, in /var/lib/scai-stack when that user
# cannot reach $STACK_DIR. SPDX-License-Identifier: Apache-2.0

# Reachable: every folder above has the x bit for that user.
postgres_reaches() { chpst -u postgres:postgres test -x "$1" 2>/dev/null; }

locate_postgres() {
  PGDATA=$STACK_DIR/data/postgres
  PG_SOCKETS=$RUN_DIR/postgres
  if [ "$(id -u)" -eq 0 ] && ! postgres_reaches "$STACK_DIR"; then
    PG_HOME=/var/lib/scai-stack/$STACK_HASH
    PGDATA=$PG_HOME/data
    PG_SOCKETS=$PG_HOME/run
  fi
}
locate_postgres

prepare_postgres() {
  prepare_run_dir
  mkdir -p "$STACK_DIR/data" "$STACK_DIR/log"
  if [ "$(id -u)" -eq 0 ]; then
    getent passwd postgres >/dev/null || die "the user postgres is missing: make deps installs PostgreSQL"
    if [ -n "${PG_HOME:-}" ]; then
      mkdir -p /var/lib/scai-stack "$PG_HOME"
      chmod 755 /var/lib/scai-stack "$PG_HOME"
      printf '%s\n' "$STACK_DIR" >"$PG_HOME/stack"
      if [ ! -L "$STACK_DIR/data/postgres" ] && [ -f "$PGDATA/PG_VERSION" ]; then
        # Whoever removed $STACK_DIR wanted a fresh start; the old data are for him to remove.
        mv "$PGDATA" "$PGDATA.$(date +%Y%m%d%H%M%S)"
        say "$STACK_DIR is new: the cluster it had before was moved aside in $PG_HOME"
      fi
      ln -sfn "$PGDATA" "$STACK_DIR/data/postgres"
    fi
    mkdir -p "$PGDATA" "$PG_SOCKETS"
    chown postgres:postgres "$PGDATA" "$PG_SOCKETS"
  else
    mkdir -p "$PGDATA" "$PG_SOCKETS"
  fi
  chmod 700 "$PGDATA" "$PG_SOCKETS" # whoever gets in here is the owner of the stack: the socket asks for no password
  if [ ! -f "$PGDATA/PG_VERSION" ]; then
    say "new PostgreSQL cluster in $PGDATA"
    (cd / && as_postgres_user "$PG_BIN/initdb" -D "$PGDATA" -U scai --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
      --no-instructions >"$STACK_DIR/log/initdb" 2>&1) || give_up "initdb failed" initdb
  fi
  have=$(cat "$PGDATA/PG_VERSION")
  [ "$have" = "$("$PG_BIN/postgres" -V | sed 's/.* \([0-9]*\)\..*/\1/')" ] ||
    die "$PGDATA was made by PostgreSQL $have, the server here is $("$PG_BIN/postgres" -V): pg_upgrade it, or remove it"
  as_postgres_user sh -c 'cat >"$1.new" && mv "$1.new" "$1"' sh "$PGDATA/postgresql.conf" <<EOF
# Written by make up.
listen_addresses = ''
unix_socket_directories = '$PG_SOCKETS'
unix_socket_permissions = 0700
max_connections = 300
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
effective_cache_size = 1GB
max_wal_size = 2GB
wal_compression = on
synchronous_commit = on
fsync = on
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %a '
log_min_duration_statement = 5000
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
EOF
}
as_postgres_user() {
  if [ "$(id -u)" -eq 0 ]; then chpst -u postgres:postgres "$@"; else "$@"; fi
}
wait_postgres() {
  wait_for 60 "PostgreSQL's start" postgres "$PG_BIN/pg_isready" -q -h "$PG_SOCKETS" -U scai -d postgres
}
sql() { # sql <database>, statements on stdin
  "$PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 -h "$PG_SOCKETS" -U scai -d "$1" -At
}
# One login a product. Neither is a superuser: what they may do is what sql/<product>/roles.sql says.
create_databases() {
  for login in scaiflow scaivault scaikey scaigrid; do
    [ "$(echo "SELECT count(*) FROM pg_roles WHERE rolname = '$login'" | sql postgres)" = 1 ] ||
      echo "CREATE ROLE $login LOGIN CREATEROLE" | sql postgres
  done
  [ "$(echo "SELECT count(*) FROM pg_database WHERE datname = 'scai'" | sql postgres)" = 1 ] ||
    echo "CREATE DATABASE scai OWNER scai" | sql postgres
  echo "GRANT CREATE ON DATABASE scai TO scaiflow, scaivault, scaikey, scaigrid; REVOKE ALL ON SCHEMA public FROM PUBLIC;" | sql scai
}
database_url() { # database_url <login>
  printf 'postgresql://%s@/scai?host=%s' "$1" "$PG_SOCKETS"
}
