// scaikey-job-purge: every hour; removes codes, sessions, grants, revocations and password attempts that
// stopped to matter a day ago. SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/app/context.hpp"
#include "lib/scaikey/app/job_product.hpp"
#include "lib/scaikey/oauth/store.hpp"

namespace {

using scai::json::Value;

constexpr std::int64_t keep_seconds = 86400;

Value counters(const scaikey::oauth::Purged& purged) {
    return Value::object({{"sessions", purged.sessions},
                          {"codes", purged.codes},
                          {"grants", purged.grants},
                          {"revocations", purged.revocations},
                          {"attempts", purged.attempts},
                          {"choices", purged.choices}});
}

scai::job::Outcome purge(scai::db::Pool& pool, std::int64_t now) {
    // All tenants: housekeeping is nobody's request.
    const auto purged = scai::db::in_tx(pool, scai::db::Scope::all_tenants(), [&](scai::db::Tx& tx) {
        return scaikey::oauth::purge(tx, now, keep_seconds);
    });
    scai::job::Outcome out;
    out.counters = counters(purged);
    return out;
}

} // namespace

int main(int argc, char** argv) {
    scai::job::Options options;
    scai::job::CommandLine command(
        "Removes expired codes, sessions, grants, revocations and sign-in attempts.", "scaikey-job-purge",
        options, scaikey::job_product());
    return scai::job::main(
        command, argc, argv, [&](const scai::config::Settings& /*settings*/, scai::db::Pool& pool) {
            const scai::SystemClock clock;
            const auto now = scai::unix_seconds(clock.now());
            if (options.dry_run) {
                scai::job::print_counters(options,
                                          counters(scaikey::oauth::count_purgeable(pool, now, keep_seconds)));
                return scai::job::exit_ok;
            }
            return scai::job::print_outcome(
                options, scai::job::run(pool, {"scaikey", "purge"}, clock, "cron",
                                        [&](scai::job::Run& /*run*/) { return purge(pool, now); }));
        });
}
