// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/vault/store.hpp"

namespace scaiflow::vault {

namespace {

constexpr auto insert_audit = R"(
INSERT INTO scaiflow.audit_log (tenant_id, actor, action, object_type, object_id, after, cause)
VALUES (:p1, :p2, :p3, 'tenant', :p1, :p4::jsonb, :p5::jsonb))";

} // namespace

void audit(scai::db::Tx& tx, const std::string& tenant_id, const std::string& actor, std::string_view action,
           const scai::json::Value& after, const std::string& request_id) {
    tx.run(insert_audit, tenant_id, actor, action, after.dump(),
           scai::json::Value::object({{"request_id", request_id}}).dump());
}

} // namespace scaiflow::vault
