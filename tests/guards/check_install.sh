#!/bin/sh
# make install puts everything below DESTDIR, leaves no placeholder unfilled, names only programs it installs, ships no env
# file of its own, and make uninstall takes every file away again. Runs on stand-ins for the programs: no build is needed.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
for main in handlers/*/main.cpp handlers/*/*/main.cpp; do
  [ ! -f "$main" ] || echo x >"$work/bin/$(dirname "${main#handlers/}" | tr / - | sed 's/^scaiflow-admin$/scaiflow-admin-api/')"
done
for source in jobs/scai*/*.cpp; do
  [ ! -f "$source" ] || echo x >"$work/bin/$(basename "$(dirname "$source")")-job-$(basename "$source" .cpp | tr _ -)"
done
for main in jobs/cli/*/main.cpp; do
  [ ! -f "$main" ] || echo x >"$work/bin/$(basename "$(dirname "$main")")"
done
run() { DESTDIR=$work/root prefix=/usr/local BIN=$work/bin sh lib/stack/install.sh "$1"; }
run install
status=0
bad() { echo "$*"; status=1; }

(cd "$work/root" && find . -type f | LC_ALL=C sort) >"$work/list"
while read -r file; do
  case "$file" in
    ./usr/local/*) ;;
    ./etc/cron.d/scai | ./etc/scai/*.env.sample) ;;
    *) bad "installed in an unexpected place: $file" ;;
  esac
done <"$work/list"
if left=$(grep -rnE '@[A-Z_]+@' "$work/root"); then bad "placeholders left: $left"; fi
for needed in etc/cron.d/scai usr/local/share/scai/nginx/upstreams.conf usr/local/share/scai/nginx/site.conf \
  usr/local/share/scai/nginx/www/index.html usr/local/share/scai/sql/scaiflow/roles.sql \
  usr/local/share/scai/sql/scaivault/roles.sql usr/local/lib/systemd/system/scai.target etc/scai/scaiflow.env.sample \
  etc/scai/scaivault.env.sample; do
  [ -s "$work/root/$needed" ] || bad "not installed, or empty: /$needed"
done
for program in "$work"/bin/*; do
  name=$(basename "$program")
  [ "$name" != scaiflow-dev ] || continue # only with --enable-dev-routes
  [ -x "$work/root/usr/local/bin/$name" ] || [ -x "$work/root/usr/local/libexec/scai/$name" ] || bad "not installed: $name"
done
for job in "$work"/bin/*-job-*; do
  name=$(basename "$job")
  [ "$(readlink "$work/root/usr/local/bin/$name")" = "/usr/local/libexec/scai/$name" ] || bad "cannot be typed by its name: $name"
done
grep -ohE '/usr/local/libexec/scai/[a-z-]+' "$work/root/etc/cron.d/scai" "$work"/root/usr/local/lib/systemd/system/* |
  sort -u | while read -r path; do [ -x "$work/root$path" ] || echo "named, but not installed: $path"; done >"$work/named"
[ ! -s "$work/named" ] || bad "$(cat "$work/named")"

# nginx takes the server blocks, those of the embedded services too, beside what Debian's own nginx.conf has set already.
if command -v nginx >/dev/null; then
  mkdir "$work/nginx"
  ln -s "$work/root/usr/local/share/scai/nginx" "$work/nginx/scai"
  sed -E '/^#(server|    |}|$)/s/^#//; /^ *ssl_/d; s/listen (\[::\]:)?443 ssl http2/listen \1443/; s/listen \[::\].*//' \
    "$work/root/usr/local/share/scai/nginx/site.conf" >"$work/nginx/site.conf"
  [ "$(grep -c '^server {' "$work/nginx/site.conf")" = 4 ] || bad "site.conf: not the four servers this guard knows"
  cat >"$work/nginx/nginx.conf" <<EOF
pid $work/nginx.pid;
error_log stderr warn;
events { worker_connections 768; }
http {
    client_body_temp_path $work/body;
    fastcgi_temp_path $work/fastcgi;
    proxy_temp_path $work/proxy;
    scgi_temp_path $work/scgi;
    uwsgi_temp_path $work/uwsgi;
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    server_tokens off;
    default_type application/octet-stream;
    access_log $work/access.log;
    gzip on;
    keepalive_timeout 65;
    client_max_body_size 1m;
    fastcgi_read_timeout 60;
    include $work/nginx/site.conf;
    server { listen 443; server_name other.example; }
}
EOF
  # Ports are not taken in a test: nginx wants to bind them all the same, and one that is taken is no error.
  sed -i 's/listen 443/listen 127.0.0.1:18443/' "$work/nginx/site.conf" "$work/nginx/nginx.conf"
  nginx -t -q -e stderr -p "$work/" -c "$work/nginx/nginx.conf" || bad "nginx does not take site.conf"
  # What is set in the http block would reach the other sites of the host.
  if reach=$(grep -vE '^(#|$|map |[ }])' "$work/nginx/scai/snippets/http.conf"); then bad "snippets/http.conf: more than maps: $reach"; fi
fi
# A product has units and jobs where it has settings, a handler its socket; systemd knows every word of them.
for unit in "$work"/root/usr/local/lib/systemd/system/*.service; do
  name=$(basename "$unit" .service)
  grep -qx "ConditionPathExists=/etc/scai/${name%%-*}.env" "$unit" || bad "$name.service: starts without settings"
  grep -qx "ListenStream=/run/scai/$name.sock" "${unit%.service}.socket" || bad "$name.socket: not the one nginx knows"
  grep -q "unix:/run/scai/$name.sock " "$work/root/usr/local/share/scai/nginx/upstreams.conf" || bad "$name: unknown to nginx"
  grep -qE "[ =]$name.socket $name.service " "$work/root/usr/local/lib/systemd/system/scai.target" || bad "$name: not in scai.target"
done
if loud=$(grep -E ' scai ' "$work/root/etc/cron.d/scai" |
  grep -vE ' scai test ! -e /etc/scai/(scai[a-z]+)\.env \|\| /usr/local/libexec/scai/(\1-job-[a-z-]+)( .*)? 2>&1 \| logger -t \2$'); then
  bad "cron: without settings, or by mail: $loud"
fi

run uninstall
left=$(find "$work/root" -type f -o -type l)
[ -z "$left" ] || bad "uninstall left: $left"
exit $status
