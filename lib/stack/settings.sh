# $STACK_DIR/scaiflow.env, scaivault.env, scaikey.env and scaigrid.env; sourced. The stack owns a few lines, every SCAI* variable of the caller wins over
# them, and lines an admin added stay. SPDX-License-Identifier: Apache-2.0

# env_put <file> <NAME>: sets the line to $value; no secret becomes an argument of a process.
env_put() {
  file=$1 name=$2
  case "$value" in *"
"*) die "$name: a setting cannot hold a line break" ;; esac
  (
    umask 077
    { [ ! -f "$file" ] || grep -v "^$name=" "$file" || :; } >"$file.new"
    case "$value" in
      *[[:space:]]* | \'* | \"*) printf "%s='%s'\n" "$name" "$value" >>"$file.new" ;;
      *) printf '%s=%s\n' "$name" "$value" >>"$file.new" ;;
    esac
  )
  if cmp -s "$file.new" "$file" || same_lines "$file.new" "$file"; then rm -f "$file.new"; else mv "$file.new" "$file"; fi
}
same_lines() { [ -f "$2" ] && [ "$(sort "$1" | cksum)" = "$(sort "$2" | cksum)" ]; }
env_get() { sed -n "s/^$2=//p" "$1" 2>/dev/null | sed "s/^'\(.*\)'\$/\1/" | tail -1; }
env_drop() { ! grep -q "^$2=" "$1" || { (umask 077 && grep -v "^$2=" "$1" >"$1.new") || :; mv "$1.new" "$1"; }; }

# The caller's variables of a product, except those that only say where programs and files are.
caller_names() {
  env | sed -n 's/^\([A-Z][A-Z0-9_]*\)=.*/\1/p' | grep -E "$1" | grep -vE '_ENV_FILE$' || :
}
# own <file> <NAME> <value>: what the stack writes unless the caller says otherwise.
own() {
  eval "value=\${$2-\$3}"
  env_put "$1" "$2"
}

# env_default <file> <NAME> <value>: unless the file has that line already.
env_default() {
  if grep -q "^$2=" "$1"; then return 0; fi
  value=$3
  env_put "$1" "$2"
}

write_settings() {
  (umask 077 && touch "$STACK_DIR/scaiflow.env" "$STACK_DIR/scaivault.env" "$STACK_DIR/scaikey.env" \
    "$STACK_DIR/scaigrid.env")
  mkdir -p "$STACK_DIR/run/metrics"
  flow=$STACK_DIR/scaiflow.env key=$STACK_DIR/scaikey.env
  if [ -n "${SCAIFLOW_DB_URL:-}" ]; then
    env_drop "$flow" DATABASE_URL
  else
    value=$(database_url scaiflow) && env_put "$flow" DATABASE_URL
  fi
  own "$flow" SCAIKEY_BASE_URL "http://127.0.0.1:$KEY_PORT"
  own "$flow" SCAI_METRICS_DIR "$STACK_DIR/run/metrics"
  own "$flow" SCAIGRID_BASE_URL "http://127.0.0.1:$GRID_PORT"
  own "$flow" SCAIVAULT_BASE_URL "http://127.0.0.1:$VAULT_PORT"
  for name in $(caller_names '^(SCAIFLOW|SCAIKEY|SCAIGRID|SCAIVAULT)_|^(DB_POOL_SIZE|FCGI_THREADS|TRUSTED_PROXIES)$'); do
    eval "value=\$$name"
    env_put "$flow" "$name"
  done
  if embedded_scaikey; then
    # The demo directory: who is in this group of this tenant is super_admin.
    env_default "$flow" SCAIFLOW_SUPER_ADMIN_GROUPS "Platform admins"
    env_default "$flow" SCAIFLOW_HOME_TENANT tnt_demoacme
    # The embedded ScaiKey issues no permissions claim: whoever signs in may make flows.
    env_default "$flow" SCAIFLOW_DEFAULT_PERMISSIONS scaicore:view,scaicore:manage
    value=$(database_url scaikey) && env_put "$key" DATABASE_URL
    own "$key" SCAIKEY_ISSUER "http://127.0.0.1:$KEY_PORT"
    for name in $(caller_names '^SCAIKEY_|^(DB_POOL_SIZE|FCGI_THREADS)$'); do
      eval "value=\$$name"
      env_put "$key" "$name"
    done
  fi
}

# The root key of a new stack: one line "id base64", for its owner alone.
make_root_key() {
  [ ! -s "$1" ] || return 0
  (umask 077 && { printf 'root-1 '; head -c 32 /dev/urandom | base64; } >"$1.new" && mv "$1.new" "$1")
}
write_vault_settings() {
  vault=$STACK_DIR/scaivault.env
  value=$(database_url scaivault) && env_put "$vault" DATABASE_URL
  own "$vault" REDIS_URL "unix://$RUN_DIR/redis.sock"
  own "$vault" BASE_URL "http://127.0.0.1:$VAULT_PORT"
  if [ -z "${SCAIKEY_URL:-}" ]; then value=$(base_url_in_use); else value=$SCAIKEY_URL; fi
  env_put "$vault" SCAIKEY_URL
  own "$vault" SCAI_METRICS_DIR "$STACK_DIR/run/metrics"
  # Every setting of ScaiVault the caller has, but those that other programs of the caller use too.
  for name in $(sh "$ROOT/lib/stack/settings_table.sh" names "$ROOT/lib/scaivault/app/settings.hpp" |
    grep -vE '^(DATABASE_URL|LOG_LEVEL|SCAI_METRICS_DIR|SCAIKEY_URL|SCAIKEY_BASE_URL)$'); do
    eval "[ -n \"\${$name+set}\" ]" || continue
    case "$name" in AWS_*) [ "${KMS_PROVIDER:-}" = aws ] || continue ;; esac
    eval "value=\$$name"
    env_put "$vault" "$name"
  done
  env_default "$vault" KMS_PROVIDER local
  if [ "$(env_get "$vault" KMS_PROVIDER)" = local ]; then
    env_default "$vault" KMS_LOCAL_KEY_FILE "$STACK_DIR/scaivault-kms.keys"
    make_root_key "$(env_get "$vault" KMS_LOCAL_KEY_FILE)"
  fi
  if embedded_scaikey; then
    # The demo administrator; the address is in one tenant only, but who knows what will be loaded.
    env_default "$vault" BOOTSTRAP_SUPER_ADMIN "user:$DEMO_EMAIL"
    env_default "$vault" BOOTSTRAP_TENANT tnt_demoacme
    env_default "$vault" SCAIKEY_CLIENT_ID scaivault
  fi
}
# Tokens name the application that asked for them: those of ScaiFlow's canvas and of the demo applications are good here.
write_vault_audience() {
  if [ -n "${SCAIVAULT_AUDIENCE:-}" ]; then return 0; fi
  client=$(env_get "$STACK_DIR/scaiflow.env" SCAIFLOW_SCAIKEY_CLIENT_ID)
  value=scaivault${client:+,$client}
  if embedded_scaikey; then value=$value,scaivault-console,scaivault-demo,scaiflow-service; fi
  env_put "$STACK_DIR/scaivault.env" SCAIVAULT_AUDIENCE
}

write_grid_settings() {
  grid=$STACK_DIR/scaigrid.env
  value=$(database_url scaigrid) && env_put "$grid" DATABASE_URL
  own "$grid" SCAIGRID_PUBLIC_URL "http://127.0.0.1:$GRID_PORT"
  value=$(base_url_in_use) && env_put "$grid" SCAIKEY_BASE_URL
  own "$grid" SCAI_METRICS_DIR "$STACK_DIR/run/metrics"
  for name in $(sh "$ROOT/lib/stack/settings_table.sh" names "$ROOT/lib/scaigrid/app/settings.hpp" |
    grep -vE '^(DATABASE_URL|SCAI_METRICS_DIR|SCAIKEY_BASE_URL)$'); do
    eval "[ -n \"\${$name+set}\" ]" || continue
    eval "value=\$$name"
    env_put "$grid" "$name"
  done
  env_default "$grid" SCAIGRID_SECRET_KEY "$(new_secret)"
  if embedded_scaikey; then
    # Whoever signs in may make flows (see SCAIFLOW_DEFAULT_PERMISSIONS), so he may run them.
    env_default "$grid" SCAIGRID_DEFAULT_PERMISSIONS scaicore:view,scaicore:manage,scaicore:checkpoint_resolve,\
scaiqueue:view,scaiqueue:publish,scaiqueue:consume,scaiqueue:manage,scaibunker:create,models:list,models:use
    # Tenants of the demo may name this ScaiGrid as theirs.
    env_default "$STACK_DIR/scaiflow.env" SCAIGRID_ALLOW_PRIVATE true
  fi
}
# ScaiFlow's users come with tokens of its application.
write_grid_audience() {
  if [ -n "${SCAIGRID_AUDIENCE:-}" ]; then return 0; fi
  client=$(env_get "$STACK_DIR/scaiflow.env" SCAIFLOW_SCAIKEY_CLIENT_ID)
  value=scaigrid${client:+,$client}
  env_put "$STACK_DIR/scaigrid.env" SCAIGRID_AUDIENCE
}
