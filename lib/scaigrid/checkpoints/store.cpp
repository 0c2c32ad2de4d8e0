// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/checkpoints/store.hpp"

namespace scaigrid::checkpoints::store {

namespace db = scai::db;
using scai::json::Value;

namespace {

constexpr auto insert_checkpoint = R"(
INSERT INTO scaigrid.checkpoints (tenant_id, id, core_id, execution_id, path, node_id, flow_name, block_index,
    instance_key, checkpoint_type, prompt, options, assignee_raw, assignee_type, assignee_resolved, context, status,
    priority, timeout_seconds, expires_at, expiry_action, escalation_target, reminder_interval_m, hitl_target,
    resolved_at)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8::integer, :p9, :p10, :p11, :p12::json, :p13, :p14,
    CASE WHEN :p14 = 'user' THEN (SELECT u.id FROM scaigrid.users u WHERE u.tenant_id = :p1
                                  AND (u.id = :p15 OR lower(u.email) = lower(:p15)) ORDER BY u.id = :p15 DESC LIMIT 1)
         ELSE nullif(:p15, '') END,
    :p16::json, :p17, :p18, :p19::bigint, clock_timestamp() + :p19::bigint * interval '1 second', :p20, :p21,
    :p22::integer, :p23::json, CASE WHEN :p17 = 'pending' THEN NULL ELSE clock_timestamp() END)
)";

constexpr auto update_message = R"(
UPDATE scaigrid.checkpoints SET message_id = :p3, notification_sent = true WHERE tenant_id = :p1 AND id = :p2
)";

constexpr auto lock_checkpoint = R"(
SELECT core_id, execution_id, path, status, options::text, hitl_target::text
FROM scaigrid.checkpoints WHERE tenant_id = :p1 AND id = :p2 FOR UPDATE
)";

constexpr auto settle_checkpoint = R"(
UPDATE scaigrid.checkpoints
SET status = :p3, resolution = :p4::json, resolved_by = :p5, resolved_at = clock_timestamp()
WHERE tenant_id = :p1 AND id = :p2
)";

constexpr auto reassign_checkpoint = R"(
UPDATE scaigrid.checkpoints
SET assignee_raw = :p3, assignee_type = :p4,
    assignee_resolved = CASE WHEN :p4 = 'user' THEN
        (SELECT u.id FROM scaigrid.users u WHERE u.tenant_id = :p1 AND (u.id = :p5 OR lower(u.email) = lower(:p5))
         ORDER BY u.id = :p5 DESC LIMIT 1) ELSE nullif(:p5, '') END
WHERE tenant_id = :p1 AND id = :p2
)";

constexpr auto select_checkpoint = R"(
SELECT shown FROM scaigrid.shown_checkpoints WHERE tenant_id = :p1 AND id = :p2
)";

constexpr auto list_checkpoints = R"(
SELECT shown, (extract(epoch FROM created_at) * 1000000)::bigint::text, id
FROM scaigrid.shown_checkpoints
WHERE tenant_id = :p1 AND (:p2 = '' OR core_id = :p2) AND (:p3 = '' OR status = :p3)
  AND (:p4 = '' OR (created_at, id) >
       (timestamptz 'epoch' + coalesce(nullif(:p4, ''), '0')::bigint * interval '1 microsecond', :p5))
ORDER BY created_at, id LIMIT :p6::bigint
)";

constexpr auto select_due = R"(
SELECT tenant_id, id FROM scaigrid.checkpoints
WHERE status = 'pending' AND expires_at <= clock_timestamp()
ORDER BY expires_at LIMIT :p1::bigint
)";

constexpr auto lock_due_checkpoint = R"(
SELECT core_id, execution_id, path, status, options::text, hitl_target::text,
       CASE WHEN expiry_action = 'escalate' AND escalated_at IS NULL THEN escalation_target END
FROM scaigrid.checkpoints
WHERE tenant_id = :p1 AND id = :p2 AND status = 'pending' AND expires_at <= clock_timestamp()
FOR UPDATE SKIP LOCKED
)";

constexpr auto escalate_checkpoint = R"(
UPDATE scaigrid.checkpoints
SET escalated_at = clock_timestamp(), expires_at = clock_timestamp() + timeout_seconds * interval '1 second',
    reminder_count = reminder_count + 1,
    priority = CASE priority WHEN 'low' THEN 'normal' WHEN 'normal' THEN 'high' ELSE 'critical' END
WHERE tenant_id = :p1 AND id = :p2
)";

Value stored(const std::optional<std::string>& text) {
    if (!text)
        return {};
    auto value = scai::json::parse(*text);
    return value ? *value : Value();
}

std::optional<std::string> dumped(const Value& value) {
    if (!value.present())
        return std::nullopt;
    if (value.is_object() || value.is_array())
        return value.dump();
    const std::string list = Value::array({value}).dump();
    return list.substr(1, list.size() - 2);
}

std::optional<std::string> text_of(const Value& value) {
    if (!value.present() || value.is_null())
        return std::nullopt;
    return value.is_string() ? value.text() : value.dump();
}

} // namespace

void insert(db::Tx& tx, const std::string& tenant_id, const Checkpoint& c) {
    const Assignee assignee = c.assignee();
    const Value options = c.request.get("options"), target = c.request.get("hitl_target");
    Value context = Value::object({{"node_id", c.node_id}});
    if (const Value sections = target.get("hitl_spec").get("sections"); sections.present())
        context.set("sections", sections);
    tx.run(insert_checkpoint, tenant_id, c.id, c.core_id, c.execution_id, c.path, c.node_id, c.flow_name,
           c.block_index, c.instance_key, c.type(), text_of(c.request.get("prompt")),
           options.is_array() ? options.dump() : "[]", assignee.raw, assignee.type, assignee.name,
           context.dump(), c.status, c.priority(), c.timeout_seconds(),
           c.request.get("on_timeout").text_or("fail"), text_of(c.request.get("escalation_target")),
           c.request.get("reminder_interval_m").integer(), dumped(target));
}

void set_message(db::Tx& tx, const std::string& tenant_id, const std::string& id,
                 const std::string& message_id) {
    tx.run(update_message, tenant_id, id, message_id);
}

namespace {

template<class Row>
Locked locked_of(const Row& row) {
    Locked out;
    out.core_id = std::get<0>(row);
    out.execution_id = std::get<1>(row);
    out.path = std::get<2>(row);
    out.status = std::get<3>(row);
    out.request = Value::object({{"options", stored(std::get<4>(row))}});
    if (const Value target = stored(std::get<5>(row)); target.present())
        out.request.set("hitl_target", target);
    return out;
}

} // namespace

std::optional<Locked> lock(db::Tx& tx, const std::string& tenant_id, const std::string& id) {
    const auto row = tx.maybe<std::string, std::string, std::string, std::string, std::optional<std::string>,
                              std::optional<std::string>>(lock_checkpoint, tenant_id, id);
    return row ? std::optional(locked_of(*row)) : std::nullopt;
}

void settle(db::Tx& tx, const std::string& tenant_id, const std::string& id, const std::string& status,
            const Value& resolution, const std::optional<std::string>& by) {
    tx.run(settle_checkpoint, tenant_id, id, status, dumped(resolution), by);
}

void reassign(db::Tx& tx, const std::string& tenant_id, const std::string& id, const Assignee& assignee) {
    tx.run(reassign_checkpoint, tenant_id, id, assignee.raw, assignee.type, assignee.name);
}

std::optional<std::string> find(db::Reader& reader, const std::string& tenant_id, const std::string& id) {
    return reader.maybe<std::string>(select_checkpoint, tenant_id, id);
}

std::vector<Listed> list(db::Reader& reader, const std::string& tenant_id, const ListQuery& query) {
    const bool first = query.after.size() != 2;
    std::vector<Listed> out;
    for (auto& [json, micros, id] : reader.all<std::string, std::string, std::string>(
             list_checkpoints, tenant_id, query.core_id, query.status, first ? "" : query.after[0],
             first ? "" : query.after[1], query.limit))
        out.push_back({std::move(json), std::move(micros), std::move(id)});
    return out;
}

std::vector<Due> due(db::Reader& reader, std::int64_t limit) {
    std::vector<Due> out;
    for (auto& [tenant, id] : reader.all<std::string, std::string>(select_due, limit))
        out.push_back({std::move(tenant), std::move(id)});
    return out;
}

std::optional<Expired> lock_due(db::Tx& tx, const std::string& tenant_id, const std::string& id) {
    const auto row =
        tx.maybe<std::string, std::string, std::string, std::string, std::optional<std::string>,
                 std::optional<std::string>, std::optional<std::string>>(lock_due_checkpoint, tenant_id, id);
    if (!row)
        return std::nullopt;
    return Expired{locked_of(*row), std::get<6>(*row)};
}

void escalate(db::Tx& tx, const std::string& tenant_id, const std::string& id, const Assignee& to) {
    reassign(tx, tenant_id, id, to);
    tx.run(escalate_checkpoint, tenant_id, id);
}

} // namespace scaigrid::checkpoints::store
