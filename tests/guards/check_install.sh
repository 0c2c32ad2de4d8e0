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

run uninstall
left=$(find "$work/root" -type f -o -type l)
[ -z "$left" ] || bad "uninstall left: $left"
exit $status
