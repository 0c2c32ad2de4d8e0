// The database part of a full sweep, COPY included: rows come from memory, not over HTTP. Prints one line per
// figure: name, value, unit. Arguments: users groups members_per_group (100000 2000 500).
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/mirror/sweep.hpp"
#include "tests/support/postgres.hpp"

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>

namespace {

using namespace scaiflow;

/// Ids in no order, as a directory's are.
std::string id(const char* prefix, std::uint64_t n) {
    std::uint64_t x = n + 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    x ^= x >> 31U;
    char text[32];
    std::snprintf(text, sizeof text, "%s_%016llx", prefix, static_cast<unsigned long long>(x));
    return text;
}

struct Size {
    std::uint64_t users = 100000, groups = 2000, members = 500;
};

class Generated final : public mirror::Source {
public:
    explicit Generated(Size size) : size_(size) {}
    scai::Result<scai::directory::Directory::Tenants> tenants() override {
        return scai::directory::Directory::Tenants{{{"tnt_bench", "bench", "Bench", "ACTIVE"}}, true, {}};
    }
    scai::directory::Report walk(const scai::directory::Tenant&, scai::directory::Sink& sink) override {
        for (std::uint64_t i = 0; i < size_.users; ++i) {
            const auto number = std::to_string(i);
            sink.user({id("usr", i), "tnt_bench", "user" + number + "@bench.test", "User Number " + number,
                       "ACTIVE", scai::from_unix_seconds(1760000000)});
        }
        for (std::uint64_t g = 0; g < size_.groups; ++g) {
            sink.group({id("grp", g), "tnt_bench", "Group " + std::to_string(g), "ACTIVE",
                        scai::from_unix_seconds(1760000000)});
            for (std::uint64_t k = 0; k < size_.members; ++k)
                sink.member({id("grp", g), id("usr", (g * 7919 + k * 199) % size_.users), false});
        }
        scai::directory::Report report;
        report.users_method = "effective_users";
        report.users_complete = report.groups_complete = true;
        return report;
    }

private:
    Size size_;
};

void figure(const char* name, double value, const char* unit) {
    std::printf("%s\t%.3f\t%s\n", name, value, unit);
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    Size size;
    if (argc == 4)
        size = {std::strtoull(argv[1], nullptr, 10), std::strtoull(argv[2], nullptr, 10),
                std::strtoull(argv[3], nullptr, 10)};
    const auto database = test::migrated_database("scaiflow");
    scai::db::Pool pool(database.settings("scaiflow_jobs"));
    const scai::SystemClock clock;
    mirror::Parts parts{
        pool, clock, {}, [&](auto&&, auto, auto) { return std::make_unique<Generated>(size); }};
    bool good = true;
    for (const char* phase : {"first", "unchanged"}) {
        const auto before = database.value("SELECT pg_current_wal_lsn()");
        const auto result = mirror::sweep(parts, {.trigger = "manual", .actor = "cli:bench"});
        const auto wal = database.value("SELECT pg_current_wal_lsn() - '" + before + "'::pg_lsn");
        const std::string name = std::string("mirror_db_") + phase;
        figure((name + "_seconds").c_str(), result.duration_seconds, "s");
        figure((name + "_wal").c_str(), std::strtod(wal.c_str(), nullptr) / 1e6, "MB");
        // What autovacuum would do a minute later is not this sweep's writing.
        for (const char* table : {"users", "groups", "memberships", "sync_changes"})
            database.sql(std::string("VACUUM ANALYZE scaiflow.") + table);
        good = good && result.outcome == "done" &&
               result.counters.memberships_seen == static_cast<std::int64_t>(size.groups * size.members);
        figure((name + "_written").c_str(),
               static_cast<double>(result.counters.users_added + result.counters.groups_added +
                                   result.counters.memberships_added +
                                   result.counters.memberships_soft_deleted),
               "rows");
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    figure("mirror_db_peak_memory", static_cast<double>(usage.ru_maxrss) / 1024.0, "MB");
    return good ? 0 : 1;
}
