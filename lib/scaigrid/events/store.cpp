// SPDX-License-Identifier: Apache-2.0
#include "lib/json/rows.hpp"
#include "lib/scaigrid/events/events.hpp"

namespace scaigrid::events {

namespace db = scai::db;

namespace {

constexpr auto append_events = R"(
WITH given AS (
    INSERT INTO scaigrid.event_positions AS p (tenant_id, last)
    VALUES (:p1, cardinality(:p2::text[]))
    ON CONFLICT (tenant_id) DO UPDATE SET last = p.last + EXCLUDED.last
    RETURNING last)
INSERT INTO scaigrid.events (tenant_id, position, type, core_id, happened_at, payload)
SELECT :p1, given.last - cardinality(:p2::text[]) + each.number, each.type, each.core_id,
       timestamptz 'epoch' + each.happened * interval '1 microsecond', each.payload::json
FROM given,
     unnest(:p2::text[], :p3::text[], :p4::bigint[], :p5::text[])
         WITH ORDINALITY AS each (type, core_id, happened, payload, number)
)";

constexpr auto read_all = R"(
SELECT position, type, core_id, (extract(epoch FROM happened_at) * 1000000)::bigint, payload::text
FROM scaigrid.events
WHERE tenant_id = :p1 AND position > :p2::bigint
ORDER BY position LIMIT :p3::bigint
)";

constexpr auto read_of_core = R"(
SELECT position, type, core_id, (extract(epoch FROM happened_at) * 1000000)::bigint, payload::text
FROM scaigrid.events
WHERE tenant_id = :p1 AND core_id = :p4 AND position > :p2::bigint
ORDER BY position LIMIT :p3::bigint
)";

constexpr auto read_newest = R"(
SELECT last FROM scaigrid.event_positions WHERE tenant_id = :p1
)";

constexpr auto prune_events = R"(
WITH gone AS (
    DELETE FROM scaigrid.events e USING scaigrid.event_positions p
    WHERE e.tenant_id = p.tenant_id AND e.position <= p.last - :p1::bigint
    RETURNING 1)
SELECT count(*) FROM gone
)";

} // namespace

void append(db::Tx& tx, std::string_view tenant_id, const std::vector<Event>& events) {
    if (events.empty())
        return;
    std::vector<std::string> types, cores, payloads;
    std::vector<std::int64_t> times;
    for (const Event& event : events) {
        types.push_back(event.type);
        cores.push_back(event.core_id);
        times.push_back(event.timestamp.time_since_epoch().count());
        payloads.push_back(event.payload.present() ? event.payload.dump() : "{}");
    }
    tx.run(append_events, tenant_id, types, cores, times, payloads);
}

Page read(db::Pool& pool, std::string_view tenant_id, const Query& query) {
    auto reader = pool.read(db::Scope::tenant(tenant_id));
    using Row = std::tuple<std::int64_t, std::string, std::string, std::int64_t, std::string>;
    const auto fetch = [&]() -> std::vector<Row> {
        if (query.core_id.empty())
            return reader.all<std::int64_t, std::string, std::string, std::int64_t, std::string>(
                read_all, tenant_id, query.after, query.limit + 1);
        return reader.all<std::int64_t, std::string, std::string, std::int64_t, std::string>(
            read_of_core, tenant_id, query.after, query.limit + 1, query.core_id);
    };
    Page page;
    page.last = query.after;
    scai::json::Rows rows;
    for (const auto& [position, type, core_id, micros, payload] : fetch()) {
        if (page.count == query.limit) {
            page.more = true;
            break;
        }
        std::string_view text = payload;
        rows.row()
            .text("type", type)
            .text("core_id", core_id.empty() ? std::nullopt : std::optional<std::string_view>(core_id))
            .text("timestamp", scai::to_iso8601(scai::UtcTime{std::chrono::microseconds{micros}}))
            .raw("payload", text);
        ++page.count;
        page.last = position;
    }
    page.rows = std::move(rows).take();
    return page;
}

std::int64_t newest(db::Pool& pool, std::string_view tenant_id) {
    return pool.read(db::Scope::tenant(tenant_id)).maybe<std::int64_t>(read_newest, tenant_id).value_or(0);
}

std::int64_t prune(db::Pool& pool, std::int64_t keep) {
    return db::in_tx(pool, db::Scope::all_tenants(),
                     [&](db::Tx& tx) { return tx.one<std::int64_t>(prune_events, keep); });
}

} // namespace scaigrid::events
