# Services: one runit folder each below $STACK_DIR/sv; sourced. SPDX-License-Identifier: Apache-2.0
. "$ROOT/lib/stack/orphans.sh"

# write_service <name> <command line of sh>
write_service() {
  dir=$STACK_DIR/sv/$1
  mkdir -p "$dir/log" "$STACK_DIR/log/$1"
  put_file "$dir/run" 755 <<EOF
#!/bin/sh
# Written by make up.
exec 2>&1
STACK_DIR=$STACK_DIR
. $ROOT/lib/stack/orphans.sh
kill_orphans $1
ulimit -n 8192 2>/dev/null || :
$2
EOF
  put_file "$dir/log/run" 755 <<EOF
#!/bin/sh
exec svlogd $STACK_DIR/log/$1
EOF
  put_file "$STACK_DIR/log/$1/config" 644 <<EOF
s2000000
n5
EOF
}
put_file() { # put_file <path> <mode>, content on stdin; in place at once or not at all
  (umask 077 && cat >"$1.new")
  chmod "$2" "$1.new"
  mv "$1.new" "$1"
}
# What runit should send instead of TERM when a service is told to stop.
write_stop_signal() {
  mkdir -p "$STACK_DIR/sv/$1/control"
  put_file "$STACK_DIR/sv/$1/control/t" 755 <<EOF
#!/bin/sh
kill -$2 "\$(cat $STACK_DIR/sv/$1/supervise/pid)"
EOF
}

write_services() {
  mkdir -p "$STACK_DIR/sv" "$STACK_DIR/log" "$STACK_DIR/stamps"
  prepare_run_dir
  as_postgres=""
  [ "$(id -u)" -ne 0 ] || as_postgres="chpst -u postgres:postgres"
  # What serves requests is woken for every one of them. As SCHED_BATCH a woken process waits for the running one to
  # block instead of taking its CPU: 3.0 context switches a request, not 4.1. Its gain in requests is little: two pairs of
  # runs on a crowded machine gave 8.6k and 8.6k a second against 7.7k and 8.5k, p99 34 and 20 ms against 28 and 17.
  batch=""
  if chrt -b 0 true 2>/dev/null; then batch="chrt -b 0"; fi
  write_service postgres "exec env SCAI_SERVICE=postgres $batch $as_postgres $PG_BIN/postgres -D $PGDATA"
  write_stop_signal postgres INT # fast: sessions are ended, nothing is lost
  mkdir -p "$STACK_DIR/data/redis"
  write_service redis "exec env SCAI_SERVICE=redis redis-server --port 0 --unixsocket $RUN_DIR/redis.sock \
--unixsocketperm 700 --dir $STACK_DIR/data/redis --save '' --appendonly no --daemonize no"
  if embedded_scaikey; then
    write_service scaikey "exec env SCAI_SERVICE=scaikey $batch $BIN/scaikey --env-file $STACK_DIR/scaikey.env \
--socket $RUN_DIR/scaikey.sock"
  fi
  if embedded_scaigrid; then
    write_service scaigrid "exec env SCAI_SERVICE=scaigrid $batch $BIN/scaigrid --env-file $STACK_DIR/scaigrid.env \
--socket $RUN_DIR/scaigrid.sock"
  fi
  for group in $(scaiflow_groups); do
    write_service "scaiflow-$group" "exec env SCAI_SERVICE=scaiflow-$group $batch $BIN/$(handler_program "scaiflow-$group") \
--env-file $STACK_DIR/scaiflow.env --socket $RUN_DIR/scaiflow-$group.sock"
  done
  for group in $(scaivault_groups); do
    write_service "scaivault-$group" "exec env SCAI_SERVICE=scaivault-$group SCAI_SQL_DIR=$ROOT/sql $batch $BIN/scaivault-$group \
--env-file $STACK_DIR/scaivault.env --socket $RUN_DIR/scaivault-$group.sock"
  done
  write_service nginx "exec env SCAI_SERVICE=nginx $batch nginx -e stderr -c $STACK_DIR/nginx/scai.conf"
  write_stop_signal nginx QUIT # requests in flight are answered
  write_cron_services
}

# --- cron: jobs/<product>/crontab, one service a line, each waiting in snooze(1) --------------------------------------
# Debian 12's mcron cannot run a crontab: read as a file it is taken for Scheme, and every job dies in its mail code.
cron_lines() { # name of the service, product, then the line: minute hour day month weekday program arguments
  for file in "$ROOT"/jobs/*/crontab; do
    [ -f "$file" ] || continue
    product=$(basename "$(dirname "$file")")
    if [ "$product" = scaikey ] && ! embedded_scaikey; then continue; fi
    if [ "$product" = scaigrid ] && ! embedded_scaigrid; then continue; fi
    sed 's/#.*//' "$file" | while read -r minute hour day month weekday program arguments; do
      [ -n "$program" ] || continue
      [ -x "$BIN/$program" ] || die "$file names $program, which is not in $BIN"
      printf '%s %s %s %s %s %s %s %s\n' "$product" "$minute" "$hour" "$day" "$month" "$weekday" "$program" "$arguments"
    done
  done | awk '{ times = ++seen[$7]; print "cron-" $7 (times > 1 ? "-" times : ""), $0 }' # a program may have several lines
}
cron_services() {
  cron_lines | while read -r name rest; do echo "$name"; done
}
write_cron_services() {
  cron_lines | while read -r name product minute hour day month weekday program arguments; do
    write_service "$name" "exec env SCAI_SERVICE=$name snooze -M'$(snooze_field "$minute")' \
-H'$(snooze_field "$hour")' -d'$(snooze_field "$day")' -m'$(snooze_field "$month")' -w'$(snooze_field "$weekday")' -S0 \
$BIN/$program --env-file $STACK_DIR/$product.env $arguments"
  done
}
snooze_field() { # crontab's */5 is snooze's /5
  printf '%s' "$1" | sed 's|\*/|/|g'
}

# --- starting ---------------------------------------------------------------------------------------------------------
supervisor_alive() {
  pid=$(cat "$STACK_DIR/runsvdir.pid" 2>/dev/null) || return 1
  [ -n "$pid" ] && grep -qszxF -- "SCAI_STACK=$STACK_DIR" "/proc/$pid/environ" &&
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = runsvdir ]
}
start_supervisor() {
  if supervisor_alive; then return 0; fi
  kill_orphans
  rm -rf "$STACK_DIR"/stamps/*
  for dir in "$STACK_DIR"/sv/*/; do touch "$dir/down"; done # started one after the other below
  # The services get none of the caller's environment: what they know is in their files.
  STACK_DIR=$STACK_DIR HOME=${HOME:-/} setsid sh -c 'echo $$ >"$STACK_DIR/runsvdir.pid"
    exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$HOME" LANG=C.UTF-8 \
      ${ASAN_OPTIONS:+"ASAN_OPTIONS=$ASAN_OPTIONS"} ${UBSAN_OPTIONS:+"UBSAN_OPTIONS=$UBSAN_OPTIONS"} \
      ${TSAN_OPTIONS:+"TSAN_OPTIONS=$TSAN_OPTIONS"} SCAI_STACK="$STACK_DIR" runsvdir -P "$STACK_DIR/sv"' \
    </dev/null >"$STACK_DIR/log/runsvdir" 2>&1 9>&- &
}
service_runs() { sv status "$STACK_DIR/sv/$1" 2>/dev/null | grep -q '^run:'; }

# Everything whose change asks for a restart of that service.
service_inputs() {
  echo "$STACK_DIR/sv/$1/run"
  case "$1" in
    postgres) echo "$PGDATA/postgresql.conf" ;;
    scaikey) echo "$BIN/scaikey" && echo "$STACK_DIR/scaikey.env" ;;
    scaigrid) echo "$BIN/scaigrid" && echo "$STACK_DIR/scaigrid.env" ;;
    scaiflow-*) echo "$BIN/$(handler_program "$1")" && echo "$STACK_DIR/scaiflow.env" ;;
    scaivault-*) echo "$BIN/$1" && echo "$STACK_DIR/scaivault.env" ;;
    nginx) echo "$STACK_DIR/nginx/scai.conf" && find "$ROOT/nginx" -name '*.conf' ;;
  esac
}
# Starts a service, restarts it when something it is made of changed, leaves it alone otherwise.
start_service() {
  service=$STACK_DIR/sv/$1
  tries=0
  while [ ! -p "$service/supervise/ok" ] || ! sv status "$service" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 150 ] || give_up "runsvdir does not pick up the service $1" runsvdir
    sleep 0.1
  done
  stamp=$(service_inputs "$1" | xargs cat | cksum)
  if service_runs "$1"; then
    [ "$stamp" != "$(cat "$STACK_DIR/stamps/$1" 2>/dev/null)" ] || return 0
    case "$1" in
      nginx) sv hup "$service" >/dev/null ;;
      *) sv -w 40 restart "$service" >/dev/null || give_up "$1 does not restart" "$1" ;;
    esac
  else
    rm -f "$service/down"
    sv -w 10 start "$service" >/dev/null || give_up "$1 does not start" "$1"
  fi
  printf '%s\n' "$stamp" >"$STACK_DIR/stamps/$1"
}
keep_running() { rm -f "$STACK_DIR"/sv/*/down; }

wanted_services() {
  echo postgres && echo nginx && echo redis
  if embedded_scaikey; then echo scaikey; fi
  if embedded_scaigrid; then echo scaigrid; fi
  product_handlers
  cron_services
}
# A group or job that is no longer in the checkout, or an embedded service that is no longer wanted.
drop_stale_services() {
  wanted=$(wanted_services)
  for dir in "$STACK_DIR"/sv/*/; do
    name=$(basename "$dir")
    printf '%s\n' "$wanted" | grep -qxF -- "$name" && continue
    sv -w 40 force-shutdown "$STACK_DIR/sv/$name" >/dev/null 2>&1 || :
    rm -rf "$STACK_DIR/sv/$name"
  done
}

# --- waiting ----------------------------------------------------------------------------------------------------------
# give_up <what is wrong> <service>...: says it, and shows the end of the log that knows more.
give_up() {
  problem=$1
  shift
  printf 'error: %s\n' "$problem" >&2
  for name in "$@"; do
    log=$STACK_DIR/log/$name
    [ ! -d "$log" ] || log=$log/current
    printf '\nlast lines of %s:\n' "$log" >&2
    tail -n 12 "$log" >&2 2>/dev/null || :
  done
  exit 1
}
# wait_for <seconds> <what> <services to blame> -- <command>
wait_for() {
  limit=$1 what=$2 blame=$3
  shift 3
  end=$(($(date +%s) + limit))
  until "$@" >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$end" ] || give_up "$what did not happen within $limit seconds" $blame
    sleep 0.1
  done
}
wait_socket() { wait_for 30 "the socket of $1" "$1" test -S "$RUN_DIR/$1.sock"; }
wait_url() {
  url=$1
  shift
  wait_for 30 "a good answer from $url" "$*" curl -fsS --noproxy '*' --max-time 5 -o /dev/null "$url"
}

# --- stopping ---------------------------------------------------------------------------------------------------------
stop_all() {
  keep=$(cat "$STACK_DIR/runsvdir.pid" 2>/dev/null) || keep=
  # runsvdir first: it would start again what we stop.
  if supervisor_alive; then kill -TERM "$keep"; fi
  for wave in 'nginx cron-*' 'scaiflow-* scaivault-*' 'scaikey scaigrid' 'redis' 'postgres'; do
    names=""
    for pattern in $wave; do
      for dir in "$STACK_DIR"/sv/$pattern/; do [ ! -p "$dir/supervise/ok" ] || names="$names ${dir%/}"; done
    done
    [ -z "$names" ] || sv -w 40 force-shutdown $names >/dev/null 2>&1 || :
  done
  kill_orphans
  left=$(stack_pids | tr '\n' ' ')
  [ -z "$left" ] || die "these processes would not end: $left"
  rm -f "$STACK_DIR/runsvdir.pid" "$RUN_DIR"/*.sock
  rm -rf "$STACK_DIR"/stamps/*
  [ "$RUN_DIR" = "$STACK_DIR/run" ] || rm -rf "$RUN_DIR" "$STACK_DIR/run"
}
