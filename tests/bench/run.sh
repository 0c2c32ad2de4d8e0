#!/bin/sh
# Runs the benchmarks in stacks of their own and prints one table. usage: run.sh <object folder> <program folder>
# BENCH narrows: BENCH=me|sweep|webhooks|memory|database|compile|flows|seal|audit|policies|vault|grid.
# SPDX-License-Identifier: Apache-2.0
set -eu
objects=$1
SCAI_BIN=$(cd "$2" && pwd)
export SCAI_BIN
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT
status=0

note() { printf '%s\n' "$*" >&2; }
note "benchmarks run on $(nproc) cores: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
case "${BENCH:-}" in
  "") "$objects/bench/platform" >>"$rows" || status=1
      "$objects/bench/mirror_db" >>"$rows" || status=1
      "$objects/bench/compile" >>"$rows" || status=1
      "$objects/bench/flows_load" >>"$rows" || status=1
      "$objects/bench/deploy_load" >>"$rows" || status=1
      "$objects/bench/vault_seal" >>"$rows" || status=1
      "$objects/bench/vault_audit" >>"$rows" || status=1
      "$objects/bench/vault_policies" >>"$rows" || status=1
      "$objects/bench/vault_load" >>"$rows" || status=1
      "$objects/bench/grid_load" >>"$rows" || status=1
      "$objects/bench/grid_runs" >>"$rows" || status=1 ;;
  grid) "$objects/bench/grid_load" >>"$rows" || status=1
        "$objects/bench/grid_runs" >>"$rows" || status=1 ;;
  seal) "$objects/bench/vault_seal" >>"$rows" || status=1 ;;
  audit) "$objects/bench/vault_audit" >>"$rows" || status=1 ;;
  policies) "$objects/bench/vault_policies" >>"$rows" || status=1 ;;
  compile) "$objects/bench/compile" >>"$rows" || status=1 ;;
  deploy) "$objects/bench/deploy_load" >>"$rows" || status=1 ;;
  flows) "$objects/bench/flows_load" >>"$rows" || status=1 ;;
  vault) "$objects/bench/vault_load" >>"$rows" || status=1 ;;
  database) "$objects/bench/mirror_db" >>"$rows" || status=1 ;;
  *) "$objects/bench/platform" --only "$BENCH" >>"$rows" || status=1 ;;
esac
awk -F '\t' 'BEGIN { printf "%-88s %14s %-15s %s\n", "figure", "value", "unit", "goal" }
             { printf "%-88s %14s %-15s %s\n", $1, $2, $3, $4 }' "$rows"
exit $status
