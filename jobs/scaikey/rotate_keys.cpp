// scaikey-job-rotate-keys: every hour; a new signing key when the active one is old enough (--if-due),
// removal of those nothing needs any more. The new key is published at once and signs after
// SCAIKEY_KEY_ANNOUNCE_SECONDS. SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/app/context.hpp"
#include "lib/scaikey/app/job_product.hpp"
#include "lib/scaikey/oauth/keys.hpp"

#include <iostream>

namespace {

using scai::jose::Algorithm;
using scai::json::Value;
using scaikey::oauth::Rotation;

std::string_view name_of(Rotation::Kind kind) {
    switch (kind) {
    case Rotation::Kind::created:
        return "created";
    case Rotation::Kind::announced:
        return "announced";
    case Rotation::Kind::pending:
        return "pending";
    case Rotation::Kind::not_due:
        return "not_due";
    }
    return "";
}

struct Options {
    bool if_due = false;
    std::string algorithm;
};

Value describe(Algorithm algorithm, const Rotation& step) {
    auto out = Value::object({{"algorithm", scai::jose::name(algorithm)}, {"action", name_of(step.kind)}});
    if (!step.key.kid.empty()) {
        out.set("kid", step.key.kid);
        out.set("signs_from", scai::to_iso8601(scai::from_unix_seconds(step.key.active_from)));
    }
    return out;
}

struct Rotator {
    const scai::config::Settings& settings;
    scai::db::Pool& pool;
    Options options;
    bool dry_run;

    scai::job::Outcome operator()() const {
        const scai::SystemClock clock;
        const auto policy = scaikey::oauth::key_policy(settings);
        const auto hours = settings.integer("SCAIKEY_KEY_ROTATION_HOURS");
        std::optional<std::chrono::seconds> min_age;
        if (options.if_due) // 0 hours: only by hand
            min_age =
                hours > 0 ? std::chrono::seconds(std::chrono::hours(hours)) : std::chrono::seconds::max();
        std::vector<Algorithm> algorithms{options.algorithm == "ES256" ? Algorithm::es256 : Algorithm::rs256};
        if (options.algorithm.empty())
            algorithms = scaikey::oauth::algorithms_in_use(pool, clock, policy);
        auto keys = Value::array();
        auto retired = Value::array();
        for (const auto algorithm : algorithms) {
            const auto step = dry_run ? scaikey::oauth::plan_rotation(pool, clock, policy, algorithm, min_age)
                                      : scaikey::oauth::rotate(pool, clock, policy, algorithm, min_age);
            keys.push(describe(algorithm, step));
            for (const auto& kid : step.retired)
                retired.push(kid);
        }
        scai::job::Outcome out;
        out.counters = Value::object({{"keys", keys}, {"retired", retired}, {"dry_run", dry_run}});
        return out;
    }
};

/// "RS256: announced, key abc signs from 2026-05-20T08:05:00Z"
void print_for_people(const Value& counters) {
    counters.get("keys").each_item([](const Value& key) {
        std::cout << key.member("algorithm") << ": " << key.member("action");
        if (key.get("kid").present())
            std::cout << ", key " << key.member("kid") << " signs from " << key.member("signs_from");
        std::cout << "\n";
    });
    counters.get("retired").each_item([](const Value& kid) {
        std::cout << "removed key " << kid.text_or("") << ": nothing it signed is valid any more\n";
    });
}

} // namespace

int main(int argc, char** argv) {
    scai::job::Options options;
    Options which;
    scai::job::CommandLine command(
        "Adds a signing key that will follow the active one, and removes keys nothing needs any more.",
        "scaikey-job-rotate-keys", options, scaikey::job_product());
    command.flag("--if-due", which.if_due,
                 "only when the active key is older than SCAIKEY_KEY_ROTATION_HOURS");
    command.text("--algorithm", which.algorithm, "RS256 or ES256; default: every one in use",
                 {"RS256", "ES256"});
    return scai::job::main(
        command, argc, argv, [&](const scai::config::Settings& settings, scai::db::Pool& pool) {
            const Rotator rotator{settings, pool, which, options.dry_run};
            const auto result = options.dry_run
                                    ? std::variant<scai::job::Outcome, scai::job::Locked>(rotator())
                                    : scai::job::run(pool, {"scaikey", "rotate-keys"}, scai::SystemClock(),
                                                     which.if_due ? "cron" : "cli",
                                                     [&](scai::job::Run& /*run*/) { return rotator(); });
            const auto* outcome = std::get_if<scai::job::Outcome>(&result);
            if (outcome == nullptr || options.json || outcome->exit_code != scai::job::exit_ok)
                return scai::job::print_outcome(options, result);
            print_for_people(outcome->counters);
            return outcome->exit_code;
        });
}
