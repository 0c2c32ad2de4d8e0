# Migrations, the demo directory, the registration with ScaiKey, the first sweep, the banner; sourced.
# SPDX-License-Identifier: Apache-2.0
migrate() {
  "$BIN/scaiflow-admin" --env-file "$STACK_DIR/scaiflow.env" migrate --sql "$ROOT/sql" || die "scaiflow-admin migrate failed"
  embedded_scaikey || return 0
  "$BIN/scaikey-job-migrate" --env-file "$STACK_DIR/scaikey.env" || die "scaikey-job-migrate failed"
}
load_demo() { :; }
register_scaiflow() { :; }
first_sweep() { :; }
banner() { :; }
