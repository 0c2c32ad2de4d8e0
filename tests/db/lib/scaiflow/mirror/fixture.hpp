// What the sweep tests share: a migrated database, a scripted upstream, a sweep. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/scaiflow/mirror/sweep.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <string>

namespace test {

struct SweepFixture {
    Database database = migrated_database("scaiflow");
    scai::db::Pool pool{database.settings("scaiflow_jobs")};
    scai::SystemClock clock;
    ScriptedUpstream upstream;
    scaiflow::mirror::SweepSettings settings;
    scaiflow::mirror::SweepOptions options{.trigger = "manual", .actor = "cli:test"};

    ScriptedTenant& tenant(const std::string& id = "tnt_a") { return upstream.tenants[id]; }

    scaiflow::mirror::SweepResult sweep() { return sweep(options); }
    scaiflow::mirror::SweepResult sweep(const scaiflow::mirror::SweepOptions& with) {
        scaiflow::mirror::Parts parts{pool, clock, settings, upstream.factory()};
        return scaiflow::mirror::sweep(parts, with);
    }
    scaiflow::mirror::SweepResult dry_run() {
        auto with = options;
        with.dry_run = true;
        return sweep(with);
    }
    scaiflow::mirror::SweepResult force() {
        auto with = options;
        with.force = true;
        return sweep(with);
    }

    std::string value(const std::string& sql) const { return database.value(sql); }
    std::string users() const { return live("users", "id"); }
    std::string groups() const { return live("groups", "id"); }
    std::string memberships() const { return live("memberships", "group_id || '/' || user_id"); }
    std::string live(const std::string& table, const std::string& what) const {
        return value("SELECT coalesce(string_agg(x, ' ' ORDER BY x), '') FROM (SELECT " + what +
                     " COLLATE \"C\" AS x FROM scaiflow." + table + " WHERE deleted_at IS NULL) t");
    }
    /// Everything a sweep may write, as one text: equal before and after means that nothing was written.
    std::string snapshot() const {
        return value(
            "SELECT md5(string_agg(x, '|' ORDER BY x)) FROM ("
            "SELECT 'u' || ctid::text || xmin::text || to_jsonb(t)::text AS x FROM scaiflow.users t UNION "
            "ALL "
            "SELECT 'g' || ctid::text || xmin::text || to_jsonb(t)::text FROM scaiflow.groups t UNION ALL "
            "SELECT 'm' || ctid::text || xmin::text || to_jsonb(t)::text FROM scaiflow.memberships t UNION "
            "ALL "
            "SELECT 'c' || ctid::text || xmin::text || to_jsonb(t)::text FROM scaiflow.group_children t "
            "UNION ALL "
            "SELECT 'r' || ctid::text || xmin::text || to_jsonb(t)::text FROM scaiflow.role_grants t) t");
    }
    static bool says(const scaiflow::mirror::SweepResult& result, const std::string& code) {
        const auto has = [&](const auto& messages) {
            for (const auto& message : messages) {
                if (message.code == code)
                    return true;
            }
            return false;
        };
        for (const auto& tenant : result.tenants) {
            if (has(tenant.messages))
                return true;
        }
        return has(result.messages);
    }
};

} // namespace test
