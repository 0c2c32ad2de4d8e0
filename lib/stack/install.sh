#!/bin/sh
# make install / make uninstall: the same list of files, put or removed. Nothing outside DESTDIR is touched, nothing is
# started or migrated, and /etc/scai/*.env is never written: samples lie beside it.
# usage: install.sh install|uninstall, with DESTDIR, prefix, bindir, libexecdir, datadir, sysconfdir and BIN set
# SPDX-License-Identifier: Apache-2.0
set -eu
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
cd "$ROOT"
: "${DESTDIR:=}" "${prefix:=/usr/local}" "${bindir:=$prefix/bin}" "${libexecdir:=$prefix/libexec}"
: "${datadir:=$prefix/share}" "${sysconfdir:=/etc}" "${BIN:=build/bin}"
action=$1
case "$action" in install | uninstall) ;; *) echo "usage: install.sh install|uninstall" >&2; exit 64 ;; esac
LIBEXEC=$libexecdir/scai
DATA=$datadir/scai
UNITS=$prefix/lib/systemd/system
SETTINGS=$sysconfdir/scai

put() { # put <mode> <source> <target>
  if [ "$action" = install ]; then
    install -D -m "$1" "$2" "$DESTDIR$3"
  else
    rm -f "$DESTDIR$3"
  fi
}
put_text() { # put_text <mode> <target>, content on stdin
  if [ "$action" = install ]; then
    install -d "$(dirname "$DESTDIR$2")"
    install -m "$1" /dev/stdin "$DESTDIR$2"
  else
    cat >/dev/null
    rm -f "$DESTDIR$2"
  fi
}
put_link() { # put_link <what it stands for> <link>, both as the host sees them
  if [ "$action" = install ]; then
    install -d "$(dirname "$DESTDIR$2")"
    ln -sf "$1" "$DESTDIR$2"
  else
    rm -f "$DESTDIR$2"
  fi
}
fill() { # fill <template> [NAME=value]...
  template=$1
  shift
  script="s|@LIBEXEC@|$LIBEXEC|g; s|@DATA@|$DATA|g; s|@SETTINGS@|$SETTINGS|g"
  for pair in "$@"; do script="$script; s|@${pair%%=*}@|${pair#*=}|g"; done
  sed "$script" "$template"
}

# --- programs, found by folder like in the Makefile -------------------------------------------------------------------
service_names() { # scaiflow-auth ... scaikey scaigrid
  for main in handlers/*/main.cpp handlers/*/*/main.cpp; do
    [ -f "$main" ] || continue
    name=$(dirname "${main#handlers/}" | tr / -)
    [ "$name" = scaiflow-dev ] && [ "${DEV_ROUTES:-no}" != yes ] && continue
    echo "$name"
  done
}
program_of() { case "$1" in scaiflow-admin) echo scaiflow-admin-api ;; *) echo "$1" ;; esac; }
for main in jobs/cli/*/main.cpp; do
  [ -f "$main" ] || continue
  name=$(basename "$(dirname "$main")")
  put 755 "$BIN/$name" "$bindir/$name"
done
for name in $(service_names); do put 755 "$BIN/$(program_of "$name")" "$LIBEXEC/$(program_of "$name")"; done
for source in jobs/scai*/*.cpp; do
  [ -f "$source" ] || continue
  product=$(basename "$(dirname "$source")")
  name=$product-job-$(basename "$source" .cpp | tr _ -)
  put 755 "$BIN/$name" "$LIBEXEC/$name"
  put_link "$LIBEXEC/$name" "$bindir/$name" # what messages tell an operator to run, he can type
done

# --- data: sql, nginx -------------------------------------------------------------------------------------------------
for file in $(find sql nginx -type f ! -name '*.in' | LC_ALL=C sort); do put 644 "$file" "$DATA/$file"; done
for name in $(ls nginx/scaiflow/*.conf nginx/scaivault/*.conf | sed "s|nginx/||; s|/|-|; s|.conf\$||") scaikey scaigrid; do fill nginx/upstream.conf.in "NAME=$name" RUN=/run/scai; done |
  put_text 644 "$DATA/nginx/upstreams.conf"
fill nginx/site.conf.in | put_text 644 "$DATA/nginx/site.conf"

# --- cron, systemd, samples of the settings ---------------------------------------------------------------------------
{
  echo "# Written by make install, anew each time. Jobs run as user scai; those of a product only where its settings are."
  echo "SHELL=/bin/sh"
  for product in scaiflow scaivault scaikey scaigrid; do
    [ -f "jobs/$product/crontab" ] || continue
    sed 's/#.*//; /^[[:space:]]*$/d' "jobs/$product/crontab" | while read -r minute hour day month weekday command; do
      printf '%s %s %s %s %s scai test ! -e %s || %s/%s 2>&1 | logger -t %s\n' "$minute" "$hour" "$day" "$month" "$weekday" \
        "$SETTINGS/$product.env" "$LIBEXEC" "$command" "${command%% *}"
    done
  done
} | put_text 644 "$sysconfdir/cron.d/scai"
for name in $(service_names); do
  for kind in service socket; do
    fill "lib/stack/handler.$kind.in" "NAME=$name" "PRODUCT=${name%%-*}" "PROGRAM=$(program_of "$name")" |
      put_text 644 "$UNITS/$name.$kind"
  done
done
put_text 644 "$UNITS/scai.target" <<EOF
[Unit]
Description=Handlers of every product that has its settings on this host
Wants=$(service_names | sed 's/.*/&.socket &.service/' | tr '\n' ' ')

[Install]
WantedBy=multi-user.target
EOF
put_text 644 "$prefix/lib/sysusers.d/scai.conf" <<EOF
u scai - "ScaiFlow, ScaiVault and their jobs"
EOF
put_text 644 "$prefix/lib/tmpfiles.d/scai.conf" <<EOF
d /run/scai 0750 scai www-data -
d /run/scai/metrics 0750 scai scai -
d /var/lib/scai 0700 scai scai -
EOF
for table in lib/*/app/settings.hpp; do
  product=$(basename "$(dirname "$(dirname "$table")")")
  {
    echo "# Settings of $product: copy to $sysconfdir/scai/$product.env (mode 0600, owner scai) and fill in what differs."
    echo
    sh lib/stack/settings_table.sh env "$table"
  } | put_text 644 "$sysconfdir/scai/$product.env.sample"
done

if [ "$action" = uninstall ]; then
  for folder in "$DATA" "$LIBEXEC"; do [ ! -d "$DESTDIR$folder" ] || find "$DESTDIR$folder" -depth -type d -empty -delete; done
  rmdir "$DESTDIR$sysconfdir/scai" 2>/dev/null || :
fi
