#!/bin/sh
# Installs the Debian packages the build, the stack and the tests need; does nothing (and asks nothing) when all are there.
set -eu
wanted="git g++ make autoconf pkg-config ccache lld
 libfcgi-dev libcgicc-dev libjansson-dev libcurl4-openssl-dev libssl-dev libsoci-dev libpq-dev libjose-dev libsimdjson-dev
 libyaml-dev libzip-dev libhiredis-dev libmsgpack-cxx-dev libhowardhinnant-date-dev
 libp11-kit-dev softhsm2
 libcli11-dev libboost-test-dev nlohmann-json3-dev libvalijson-dev
 postgresql-15 redis-server nginx-light runit snooze curl wrk"

missing=""
for package in $wanted; do
  case "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)" in
    *"ok installed"*) ;;
    *) case "$package" in
         # any nginx flavour serves
         nginx-light) [ -x /usr/sbin/nginx ] || missing="$missing $package" ;;
         *) missing="$missing $package" ;;
       esac ;;
  esac
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 || { echo "missing packages, and no sudo to install them:$missing" >&2; exit 1; }
  as_root=sudo
fi
echo "installing:$missing"
# The packages' own services stay off, and no cluster of PostgreSQL's packaging is made: the stack runs private copies on
# its own ports. Both switches are taken back afterwards.
policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.d/scai.conf
made=""
if [ ! -e "$policy" ]; then
  made="$made $policy"
  printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
  $as_root chmod 755 "$policy"
fi
if [ ! -e "$cluster" ]; then
  made="$made $cluster"
  $as_root mkdir -p "$(dirname "$cluster")"
  echo 'create_main_cluster = false' | $as_root tee "$cluster" >/dev/null
fi
trap '[ -z "$made" ] || $as_root rm -f $made' EXIT
$as_root apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
