// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/triggers/store.hpp"

namespace scaigrid::triggers::store {

namespace db = scai::db;

namespace {

constexpr auto insert_secret = R"(
INSERT INTO scaigrid.hook_secrets (tenant_id, core_id, trigger_name, secret) VALUES (:p1, :p2, :p3, :p4)
ON CONFLICT DO NOTHING
)";

constexpr auto upsert_secret = R"(
INSERT INTO scaigrid.hook_secrets (tenant_id, core_id, trigger_name, secret) VALUES (:p1, :p2, :p3, :p4)
ON CONFLICT (tenant_id, core_id, trigger_name)
DO UPDATE SET secret = EXCLUDED.secret, created_at = clock_timestamp()
)";

constexpr auto select_secrets = R"(
SELECT trigger_name, secret FROM scaigrid.hook_secrets WHERE tenant_id = :p1 AND core_id = :p2
)";

constexpr auto select_hook = R"(
SELECT tenant_id, secret FROM scaigrid.hook_secrets WHERE core_id = :p1 AND trigger_name = :p2
)";

constexpr auto select_due_times = R"(
SELECT trigger_name, to_char(next_due AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(last_due AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM scaigrid.schedules WHERE tenant_id = :p1 AND core_id = :p2 AND trigger_name <> ''
)";

constexpr auto select_changed = R"(
SELECT c.tenant_id, c.id, c.revision, coalesce((c.module -> 'triggers')::text, '[]')
FROM scaigrid.cores c
WHERE NOT EXISTS (SELECT FROM scaigrid.schedules s
                  WHERE s.tenant_id = c.tenant_id AND s.core_id = c.id AND s.revision = c.revision)
LIMIT :p1::bigint
)";

constexpr auto upsert_schedule = R"(
INSERT INTO scaigrid.schedules AS s (tenant_id, core_id, trigger_name, revision, cron, timezone, next_due)
VALUES (:p1, :p2, :p3, :p4::bigint, :p5, :p6, timestamptz 'epoch' + :p7::bigint * interval '1 microsecond')
ON CONFLICT (tenant_id, core_id, trigger_name) DO UPDATE
SET revision = EXCLUDED.revision, cron = EXCLUDED.cron, timezone = EXCLUDED.timezone,
    next_due = CASE WHEN s.cron = EXCLUDED.cron AND s.timezone = EXCLUDED.timezone
                    THEN coalesce(s.next_due, EXCLUDED.next_due) ELSE EXCLUDED.next_due END
)";

constexpr auto delete_others = R"(
DELETE FROM scaigrid.schedules WHERE tenant_id = :p1 AND core_id = :p2 AND revision <> :p3::bigint
)";

constexpr auto delete_orphans = R"(
DELETE FROM scaigrid.schedules s
WHERE NOT EXISTS (SELECT FROM scaigrid.cores c WHERE c.tenant_id = s.tenant_id AND c.id = s.core_id)
)";

constexpr auto select_due = R"(
SELECT tenant_id, core_id, trigger_name, cron, timezone, (extract(epoch FROM next_due) * 1000000)::bigint
FROM scaigrid.schedules
WHERE next_due <= timestamptz 'epoch' + :p1::bigint * interval '1 microsecond'
ORDER BY next_due LIMIT :p2::bigint
)";

constexpr auto advance_schedule = R"(
UPDATE scaigrid.schedules
SET last_due = next_due, next_due = timestamptz 'epoch' + :p5::bigint * interval '1 microsecond'
WHERE tenant_id = :p1 AND core_id = :p2 AND trigger_name = :p3
  AND next_due = timestamptz 'epoch' + :p4::bigint * interval '1 microsecond'
)";

constexpr auto insert_firing = R"(
INSERT INTO scaigrid.schedule_firings (tenant_id, core_id, trigger_name, due_at, execution_id)
VALUES (:p1, :p2, :p3, timestamptz 'epoch' + :p4::bigint * interval '1 microsecond', :p5)
)";

constexpr auto delete_firings = R"(
DELETE FROM scaigrid.schedule_firings WHERE fired_at < clock_timestamp() - :p1::bigint * interval '1 day'
)";

std::int64_t micros(scai::UtcTime time) {
    return time.time_since_epoch().count();
}

std::optional<std::int64_t> micros(const std::optional<scai::UtcTime>& time) {
    return time ? std::optional(micros(*time)) : std::nullopt;
}

} // namespace

void keep_secret(db::Tx& tx, const std::string& tenant_id, const std::string& core_id,
                 const std::string& name, const std::string& secret) {
    tx.run(insert_secret, tenant_id, core_id, name, secret);
}

void replace_secret(db::Tx& tx, const std::string& tenant_id, const std::string& core_id,
                    const std::string& name, const std::string& secret) {
    tx.run(upsert_secret, tenant_id, core_id, name, secret);
}

std::map<std::string, std::string> secrets(db::Reader& reader, const std::string& tenant_id,
                                           const std::string& core_id) {
    std::map<std::string, std::string> out;
    for (auto& [name, secret] : reader.all<std::string, std::string>(select_secrets, tenant_id, core_id))
        out.emplace(std::move(name), std::move(secret));
    return out;
}

std::optional<Hook> find_hook(db::Reader& reader, const std::string& core_id, const std::string& name) {
    const auto row = reader.maybe<std::string, std::string>(select_hook, core_id, name);
    return row ? std::optional(Hook{std::get<0>(*row), std::get<1>(*row)}) : std::nullopt;
}

std::map<std::string, DueTimes> due_times(db::Reader& reader, const std::string& tenant_id,
                                          const std::string& core_id) {
    std::map<std::string, DueTimes> out;
    for (auto& [name, next, last] :
         reader.all<std::string, std::optional<std::string>, std::optional<std::string>>(select_due_times,
                                                                                         tenant_id, core_id))
        out.emplace(std::move(name), DueTimes{std::move(next), std::move(last)});
    return out;
}

std::vector<Changed> changed(db::Reader& reader, std::int64_t limit) {
    std::vector<Changed> out;
    for (auto& [tenant, core, revision, triggers] :
         reader.all<std::string, std::string, std::int64_t, std::string>(select_changed, limit))
        out.push_back({std::move(tenant), std::move(core), revision, std::move(triggers)});
    return out;
}

void replace(db::Tx& tx, const Changed& core, const std::vector<Schedule>& schedules) {
    for (const Schedule& schedule : schedules)
        tx.run(upsert_schedule, core.tenant_id, core.core_id, schedule.name, core.revision, schedule.cron,
               schedule.timezone, micros(schedule.next_due));
    if (schedules.empty())
        tx.run(upsert_schedule, core.tenant_id, core.core_id, "", core.revision, "", "", nullptr);
    tx.run(delete_others, core.tenant_id, core.core_id, core.revision);
}

std::int64_t remove_orphans(db::Tx& tx) {
    return tx.run(delete_orphans);
}

std::vector<Due> due(db::Reader& reader, scai::UtcTime now, std::int64_t limit) {
    std::vector<Due> out;
    for (auto& [tenant, core, name, cron, zone, at] :
         reader.all<std::string, std::string, std::string, std::string, std::string, std::int64_t>(
             select_due, micros(now), limit))
        out.push_back({std::move(tenant), std::move(core), std::move(name), std::move(cron), std::move(zone),
                       scai::UtcTime{std::chrono::microseconds{at}}});
    return out;
}

bool advance(db::Tx& tx, const Due& due, std::optional<scai::UtcTime> next) {
    return tx.run(advance_schedule, due.tenant_id, due.core_id, due.name, micros(due.due_at), micros(next)) ==
           1;
}

void add_firing(db::Tx& tx, const Due& due, const std::optional<std::string>& execution_id) {
    tx.run(insert_firing, due.tenant_id, due.core_id, due.name, micros(due.due_at), execution_id);
}

std::int64_t prune_firings(db::Tx& tx, std::int64_t days) {
    return tx.run(delete_firings, days);
}

} // namespace scaigrid::triggers::store
