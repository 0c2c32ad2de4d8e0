// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/events/outbox.hpp"

#include "lib/crypto/crypto.hpp"

namespace scaivault::events {

namespace {

constexpr const char* emit_sql = R"(
INSERT INTO scaivault.events (tenant_id, event_id, event_type, partner_id, identity_id, path, secret_type, tags, data, request_id)
VALUES (:p1, :p2, :p3, :p4, :p5, nullif(:p6, ''), nullif(:p7, ''), :p8::text[], :p9::json, :p10))";

} // namespace

void emit(scai::db::Tx& tx, const Caller& who, const Event& event) {
    tx.run(emit_sql, event.owner, "evt_" + scai::crypto::random_id(20), event.type, who.partner_id,
           who.identity_id, event.path, event.secret_type, event.tags, event.data.dump(), who.request_id);
}

} // namespace scaivault::events
