#!/bin/sh
# Includes go down only (style.md 5.3): base <- tools <- services <- products <- handlers|jobs; never between products,
# never between route groups; rules.* know no db, web or http; SOCI, jansson, curl, OpenSSL, libjose, simdjson stay in their folder.
git ls-files -co --exclude-standard '*.cpp' '*.hpp' | grep -v '^tests/' | xargs awk '
function layer(path) {
  if (path ~ /^lib\/base\//) return 0
  if (path ~ /^lib\/(log|config|json|crypto|http|zip|redis)\//) return 1
  if (path ~ /^lib\/(jose|yaml|scir|aws|webhook)\//) return 2
  if (path ~ /^lib\/(oidc|db)\//) return 3
  if (path ~ /^lib\/directory\//) return 3.5
  if (path ~ /^lib\/(web|job)\//) return 4
  if (path ~ /^lib\/sca[a-z]+\//) return 5
  if (path ~ /^(handlers|jobs)\//) return 6
  return -1
}
function part(path, n,   p) { split(path, p, "/"); return p[n] }
function bad(why) { printf "%s:%d: %s: %s\n", FILENAME, FNR, why, target; failed = 1 }
/^#include "/ {
  split($0, quoted, "\""); target = quoted[2]
  if (target !~ /\//) { bad("include from the repository root"); next }
  mine = layer(FILENAME); theirs = layer(target)
  if (theirs < 0) { bad("unknown folder"); next }
  if (theirs > mine) bad("imports upwards")
  if (mine == 1 && theirs == 1 && part(FILENAME, 2) != part(target, 2)) {
    pair = part(FILENAME, 2) ">" part(target, 2)
    if (pair != "http>log" && pair != "config>log") bad("tools import base only")
  }
  if (mine >= 5 && theirs == 5) {
    product = FILENAME ~ /^lib\// ? part(FILENAME, 2) : part(FILENAME, 2)
    if (FILENAME ~ /^jobs\/cli\//) { product = part(FILENAME, 3); sub(/-.*/, "", product) }
    # The embedded ScaiGrid runs what ScaiFlow compiles.
    runs = product == "scaigrid" && target ~ /^lib\/scaiflow\/(graph|compiler)\//
    if (product != part(target, 2) && !runs) bad("product imports another product")
  }
  if (mine == 6 && theirs == 6) {
    if (part(FILENAME, 1) != part(target, 1)) bad("handlers and jobs do not include each other")
    a = FILENAME; b = target; sub(/\/[^\/]*$/, "", a); sub(/\/[^\/]*$/, "", b)
    if (a != b) bad("imports sideways")
  }
  if (FILENAME ~ /\/rules\.(cpp|hpp)$/ && target ~ /^lib\/(db|web|http|oidc|job)\//) bad("rules do no I/O")
}
/^#include </ {
  target = $2
  if (target ~ /soci|libpq/ && FILENAME !~ /^lib\/db\//) bad("stays in lib/db")
  if (target ~ /^<jansson/ && FILENAME !~ /^lib\/(json|jose)\//) bad("stays in lib/json and lib/jose")
  if (target ~ /^<curl\// && FILENAME !~ /^lib\/http\//) bad("stays in lib/http")
  if (target ~ /^<openssl\// && FILENAME !~ /^lib\/(crypto|jose|redis)\//) bad("stays in lib/crypto, lib/jose and lib/redis")
  if (target ~ /hiredis/ && FILENAME !~ /^lib\/redis\//) bad("stays in lib/redis")
  if (target ~ /^<jose\// && FILENAME !~ /^lib\/jose\//) bad("stays in lib/jose")
  if (target ~ /yaml/ && FILENAME !~ /^lib\/yaml\//) bad("stays in lib/yaml")
  if (target ~ /msgpack/ && FILENAME !~ /^lib\/scir\//) bad("stays in lib/scir")
  if (target ~ /^<zip/ && FILENAME !~ /^lib\/zip\//) bad("stays in lib/zip")
  if (target ~ /fcgi/ && FILENAME !~ /^lib\/web\//) bad("stays in lib/web")
}
END { exit failed }'
