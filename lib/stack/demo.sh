# Migrations, the demo directory, the registration with ScaiKey, the first sweep, the banner; sourced.
# SPDX-License-Identifier: Apache-2.0

# A program of the stack with nothing of the caller's environment: what counts is in the env files.
program() {
  name=$1
  shift
  env -i PATH="$PATH" HOME="${HOME:-/}" LANG=C.UTF-8 TERM="${TERM:-dumb}" \
    ${ASAN_OPTIONS:+"ASAN_OPTIONS=$ASAN_OPTIONS"} ${UBSAN_OPTIONS:+"UBSAN_OPTIONS=$UBSAN_OPTIONS"} \
    ${TSAN_OPTIONS:+"TSAN_OPTIONS=$TSAN_OPTIONS"} ${LOG_LEVEL:+"SCAIFLOW_LOG_LEVEL=$LOG_LEVEL" "LOG_LEVEL=$LOG_LEVEL"} SCAI_STACK="$STACK_DIR" SCAI_SQL_DIR="$ROOT/sql" "$BIN/$name" "$@" 9>&-
}

migrate() {
  program scaiflow-admin --env-file "$STACK_DIR/scaiflow.env" migrate || die "scaiflow-admin migrate failed"
  program scaivault migrate --env-file "$STACK_DIR/scaivault.env" || die "scaivault migrate failed"
  if embedded_scaigrid; then
    program scaigrid-job-migrate --env-file "$STACK_DIR/scaigrid.env" || die "scaigrid-job-migrate failed"
  fi
  embedded_scaikey || return 0
  program scaikey-job-migrate --env-file "$STACK_DIR/scaikey.env" || die "scaikey-job-migrate failed"
}

# The administrator of the embedded ScaiKey that registers ScaiFlow: a SERVICE application whose secret only this stack knows.
ADMIN_CLIENT=scai-stack
ADMIN_SECRET=$STACK_DIR/scaikey-admin.secret
DEMO_EMAIL=admin@acme.test
DEMO_PASSWORD=demo-admin-1
VAULT_DEMO_SECRET=$STACK_DIR/scaivault-demo.secret
load_demo() {
  program scaikey-job-rotate-keys --env-file "$STACK_DIR/scaikey.env" --if-due >/dev/null ||
    die "scaikey-job-rotate-keys made no signing key"
  if [ ! -s "$ADMIN_SECRET" ]; then
    (umask 077 && new_secret >"$ADMIN_SECRET.new")
    (
      umask 077
      printf '{"applications":[{"client_id":"%s","name":"make up","application_type":"SERVICE","scope":"GLOBAL",' "$ADMIN_CLIENT"
      printf '"client_secret":"%s","allowed_scopes":["admin:read","admin:write"]}]}\n' "$(cat "$ADMIN_SECRET.new")"
    ) >"$STACK_DIR/scaikey-admin.json"
    program scaikey-job-load --env-file "$STACK_DIR/scaikey.env" --file "$STACK_DIR/scaikey-admin.json" >/dev/null ||
      die "scaikey-job-load does not take the administrator"
    rm -f "$STACK_DIR/scaikey-admin.json"
    mv "$ADMIN_SECRET.new" "$ADMIN_SECRET"
  fi
  if [ "$(echo 'SELECT count(*) FROM scaikey.tenants' | sql scai)" = 0 ]; then
    program scaikey-job-load --env-file "$STACK_DIR/scaikey.env" --file "$ROOT/sql/scaikey/demo.json" ||
      die "scaikey-job-load does not take sql/scaikey/demo.json"
  fi
}

# ScaiVault's own application, a console for people, and a service account of the demo tenant to try secrets with.
load_vault_applications() {
  vault=$STACK_DIR/scaivault.env
  [ "$(echo "SELECT count(*) FROM scaikey.applications WHERE client_id LIKE 'scaivault%'" | sql scai)" -lt 3 ] || return 0
  [ -s "$VAULT_DEMO_SECRET" ] || (umask 077 && new_secret >"$VAULT_DEMO_SECRET")
  env_default "$vault" SCAIKEY_CLIENT_SECRET "$(new_secret)"
  (
    umask 077
    printf '{"applications":[{"client_id":"scaivault","name":"ScaiVault","application_type":"SERVICE","scope":"GLOBAL",'
    printf '"client_secret":"%s","assign_all_users":true,"allowed_scopes":["admin:read","users:read","groups:read"]},' \
      "$(env_get "$vault" SCAIKEY_CLIENT_SECRET)"
    printf '{"client_id":"scaivault-demo","name":"ScaiVault demo","application_type":"SERVICE","scope":"TENANT","tenant":"acme",'
    printf '"client_secret":"%s","allowed_scopes":["secrets:read","secrets:write","secrets:list","secrets:delete"]}]}\n' \
      "$(cat "$VAULT_DEMO_SECRET")"
  ) >"$STACK_DIR/scaivault-apps.json"
  for document in "$STACK_DIR/scaivault-apps.json" "$ROOT/sql/scaikey/demo_vault.json"; do
    program scaikey-job-load --env-file "$STACK_DIR/scaikey.env" --file "$document" >/dev/null ||
      die "scaikey-job-load does not take $document"
  done
  rm -f "$STACK_DIR/scaivault-apps.json"
}
# ScaiFlow as a service: its own tenant's ScaiVault holds the ScaiGrid keys of all tenants, out of the reach of their admins.
SERVICE_CLIENT=scaiflow-service
SERVICE_TENANT=tnt_demoplatform
load_flow_service() {
  flow=$STACK_DIR/scaiflow.env
  env_default "$flow" SCAIVAULT_CLIENT_ID "$SERVICE_CLIENT"
  env_default "$flow" SCAIVAULT_TENANT_SLUG platform
  own_flow_service || return 0
  [ "$(echo "SELECT count(*) FROM scaikey.applications WHERE client_id = '$SERVICE_CLIENT'" | sql scai)" = 0 ] || return 0
  env_default "$flow" SCAIVAULT_CLIENT_SECRET "$(new_secret)"
  (
    umask 077
    printf '{"partners":[{"id":"prt_demoplatform","slug":"platform","name":"Platform","contact_email":"ops@platform.test"}],'
    printf '"tenants":[{"id":"%s","slug":"platform","name":"Platform","partner":"platform","contact_email":"ops@platform.test"}],' "$SERVICE_TENANT"
    # An empty tenant would be worth a warning in every sweep.
    printf '"users":[{"id":"usr_demooperator","tenant":"platform","email":"ops@platform.test","first_name":"Olga","last_name":"Operator"}],'
    printf '"groups":[{"id":"grp_demooperators","tenant":"platform","name":"Operators"}],'
    printf '"memberships":[{"tenant":"platform","group":"Operators","user":"ops@platform.test"}],'
    printf '"applications":[{"client_id":"%s","name":"ScaiFlow service","application_type":"SERVICE","scope":"TENANT","tenant":"platform",' "$SERVICE_CLIENT"
    printf '"client_secret":"%s","allowed_scopes":["secrets:read","secrets:write","secrets:delete"]}]}\n' \
      "$(env_get "$flow" SCAIVAULT_CLIENT_SECRET)"
  ) >"$STACK_DIR/scaiflow-service.json"
  program scaikey-job-load --env-file "$STACK_DIR/scaikey.env" --file "$STACK_DIR/scaiflow-service.json" >/dev/null ||
    die "scaikey-job-load does not take ScaiFlow's service application"
  rm -f "$STACK_DIR/scaiflow-service.json"
}
# False when an admin chose another identity.
own_flow_service() { [ "$(env_get "$STACK_DIR/scaiflow.env" SCAIVAULT_CLIENT_ID)" = "$SERVICE_CLIENT" ]; }
# Its one policy; the tenant must be in ScaiVault's copy of the directory.
grant_flow_service() {
  own_flow_service || return 0
  [ "$(echo "SELECT count(*) FROM scaivault.tenants WHERE id = '$SERVICE_TENANT'" | sql scai)" != 0 ] ||
    LOG_LEVEL=error program scaivault-job-identity-sync --env-file "$STACK_DIR/scaivault.env" >/dev/null || :
  program scaivault grant --env-file "$STACK_DIR/scaivault.env" --tenant "$SERVICE_TENANT" --name scaiflow \
    --identity "sa:$SERVICE_CLIENT" --allow 'tenants/*/scaigrid_api_key=read,write,delete' \
    --allow 'tenants/*/scaigrid_base_url=read,write,delete' >/dev/null || die "ScaiFlow has no policy in ScaiVault"
}
new_secret() { head -c 36 /dev/urandom | base64 | tr -d '/+=\n'; }

# A key of the demo tenant's for programs, in a file of this stack; ScaiGrid itself keeps its hash.
GRID_DEMO_KEY=$STACK_DIR/scaigrid-demo.key
make_grid_key() {
  embedded_scaikey || return 0
  [ -s "$GRID_DEMO_KEY" ] || (umask 077 && printf 'sgk_%s\n' "$(new_secret)" >"$GRID_DEMO_KEY")
  hash=$(tr -d '\n' <"$GRID_DEMO_KEY" | sha256sum | cut -d' ' -f1)
  hint=$(tail -c 5 "$GRID_DEMO_KEY")
  sql scai <<EOS
INSERT INTO scaigrid.users (tenant_id, id, name, roles) VALUES ('tnt_demoacme', 'svc_demo', 'Demo', '{tenant_admin}')
ON CONFLICT DO NOTHING;
INSERT INTO scaigrid.api_keys (tenant_id, id, user_id, name, key_hash, hint, created_by)
VALUES ('tnt_demoacme', 'key_demo_' || left('$hash', 8), 'svc_demo', 'Demo', '$hash', '$hint', 'make up') ON CONFLICT DO NOTHING;
EOS
}

register_scaiflow() {
  rotate="" # a secret that is lost here cannot be asked for again
  [ -n "$(env_get "$STACK_DIR/scaiflow.env" SCAIFLOW_SCAIKEY_CLIENT_SECRET)" ] || rotate=--rotate-secret
  program scaiflow scaikey-register --env-file "$STACK_DIR/scaiflow.env" --scaikey-url "http://127.0.0.1:$KEY_PORT" \
    --url "http://127.0.0.1:$FLOW_PORT" --admin-client-id "$ADMIN_CLIENT" --admin-secret-file "$ADMIN_SECRET" \
    --assign-all-users --no-sweep $rotate || give_up "ScaiFlow could not be registered with the embedded ScaiKey" scaikey nginx
}

# The first time with everything shown; later only when it is due.
first_sweep() {
  due=""
  [ "$(echo "SELECT count(*) FROM scaiflow.tenants WHERE last_synced_at IS NOT NULL" | sql scai)" = 0 ] || due=--if-due
  if [ -z "$(env_get "$STACK_DIR/scaiflow.env" SCAIFLOW_SCAIKEY_CLIENT_ID)" ]; then return 0; fi # the banner says what to do
  say "sweep"
  code=0
  LOG_LEVEL=error program scaiflow-job-sync --env-file "$STACK_DIR/scaiflow.env" $due || code=$?
  case $code in
    0 | 75) ;;
    *) SWEEP_FAILED=$code ;;
  esac
}

# The copy of the directory ScaiVault decides by.
first_identity_sync() {
  [ -x "$BIN/scaivault-job-identity-sync" ] || return 0
  if [ -z "$(env_get "$STACK_DIR/scaivault.env" SCAIKEY_CLIENT_SECRET)" ]; then return 0; fi
  due=""
  [ "$(echo "SELECT count(*) FROM scaivault.tenants WHERE last_synced_at IS NOT NULL" | sql scai)" = 0 ] || due=--if-due
  say "identity sync"
  code=0
  LOG_LEVEL=error program scaivault-job-identity-sync --env-file "$STACK_DIR/scaivault.env" $due || code=$?
  case $code in
    0 | 75) ;;
    *) SWEEP_FAILED=$code ;;
  esac
}

banner() {
  flow=http://127.0.0.1:$FLOW_PORT
  vault=http://127.0.0.1:$VAULT_PORT
  echo
  echo "ScaiFlow          $flow/"
  echo "ScaiVault         $vault/"
  echo "ScaiKey           $(base_url_in_use)"
  echo "ScaiGrid          $(env_get "$STACK_DIR/scaiflow.env" SCAIGRID_BASE_URL)"
  if embedded_scaikey; then
    echo "sign in           $DEMO_EMAIL  $DEMO_PASSWORD   (super_admin of the demo tenant)"
    echo "                  dag@acme.test    demo-user-1    (an ordinary user)"
  fi
  if embedded_scaikey && embedded_scaigrid; then echo "ScaiGrid key      $GRID_DEMO_KEY   (of the demo tenant, for programs)"; fi
  echo "settings          $STACK_DIR/scaiflow.env, $STACK_DIR/scaivault.env"
  echo "logs              $STACK_DIR/log/<service>/current"
  echo
  echo "try"
  echo "  curl -s $flow/v1/health/ready"
  echo "  curl -s $flow/v1/auth/config"
  echo "  curl -s -H \"Authorization: Bearer \$TOKEN\" $flow/v1/admin/users    # \$TOKEN: sign in at $flow/ and copy it"
  if embedded_scaikey; then
    echo "  SECRET=\$(cat $VAULT_DEMO_SECRET) TOKEN=\$(curl -s -u scaivault-demo:\$SECRET -d grant_type=client_credentials \\"
    printf '%s\n' "    http://127.0.0.1:$KEY_PORT/api/v1/auth/tenants/acme/oauth/token | sed 's/.*\"access_token\":\"\([^\"]*\).*/\\1/')"
    echo "  curl -s -H \"Authorization: Bearer \$TOKEN\" $vault/v1/auth/whoami"
    if embedded_scaigrid; then
      echo "  curl -s -H \"Authorization: Bearer \$(cat $GRID_DEMO_KEY)\" http://127.0.0.1:$GRID_PORT/v1/me"
    fi
  fi
  if ! embedded_scaikey && [ -z "$(env_get "$STACK_DIR/scaiflow.env" SCAIFLOW_SCAIKEY_CLIENT_ID)" ]; then
    echo
    echo "$SCAIKEY_BASE_URL does not know this ScaiFlow yet:"
    echo "  $BIN/scaiflow scaikey-register --env-file $STACK_DIR/scaiflow.env --url https://<public name> --admin-token-file FILE"
  fi
  [ -z "${SWEEP_FAILED:-}" ] || die "everything runs, but the sweep ended with code $SWEEP_FAILED: see above"
}
