// POST /v1/secrets/batch/metadata, with patterns where the client asks for it. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaivault/secrets/requests.hpp"
#include "handlers/scaivault/secrets/views.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/policies/pattern.hpp"
#include "lib/scaivault/secrets/listing.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace scaivault::secrets_api {

namespace {

using scai::json::Value;

constexpr std::int64_t most_expanded = 1000, most_examined = 20'000;

struct Wanted {
    std::set<std::string, std::less<>> paths;
    std::map<std::string, scai::Error, std::less<>> errors; ///< by path or pattern as given
    std::int64_t examined = 0;
};

bool is_pattern(std::string_view text) {
    return text.find_first_of("*?") != std::string_view::npos;
}

bool path_listable(Context& context, const Caller& caller, std::string_view path) {
    return context.evaluator.decide(caller, path, policies::Permission::list).allowed;
}

/// Adds what the pattern matches and the caller may list; what he may not list is not told.
scai::Status expand(Context& context, const Caller& caller, const Owner& owner, const std::string& text,
                    const std::vector<std::string>& reach, Wanted& wanted) {
    SCAI_TRY(const auto pattern, policies::Pattern::parse(text));
    secrets::ListQuery query;
    query.ranges = secrets::narrowed(reach, pattern.beginning());
    query.limit = most_expanded - static_cast<std::int64_t>(wanted.paths.size());
    query.most_examined = most_examined - wanted.examined;
    if (query.limit <= 0 || query.most_examined <= 0)
        return invalid_request("the patterns before it match too much: list with GET /v1/secrets");
    auto page = secrets::list(context.pool, owner.id, "", query, [&](std::string_view path) {
        return pattern.matches(path) && path_listable(context, caller, path);
    });
    wanted.examined += page.examined;
    for (auto& row : page.rows)
        wanted.paths.insert(std::move(row.path));
    if (page.after)
        return invalid_request("matches more than is shown: list with GET /v1/secrets");
    return scai::Done{};
}

scai::Status want(Context& context, const Caller& caller, const std::string& path, Wanted& wanted) {
    if (is_pattern(path))
        return invalid_path("a pattern wants options.expand_wildcards", path);
    SCAI_TRY([[maybe_unused]] const auto named, secrets::check_path(path));
    SCAI_TRY(const auto allowed, context.evaluator.allow(caller, path, policies::Permission::list));
    wanted.paths.insert(path);
    return allowed;
}

std::string body_of(const std::vector<secrets::store::Described>& found, bool of_partner,
                    const Wanted& wanted) {
    std::string out = "{\"secrets\":{";
    Members members(out);
    for (const auto& described : found)
        members.raw(described.info.path, metadata_view(described, of_partner));
    auto errors = Value::object();
    for (const auto& [path, error] : wanted.errors)
        errors.set(path, Value::object({{"code", error.code}, {"message", error.message}}));
    out += "},\"errors\":" + errors.dump() + "}";
    return out;
}

} // namespace

scai::Result<Response> read_batch_metadata(Context& context, const Request& request) {
    SCAI_TRY(const auto owner, owner_of(request));
    SCAI_TRY(const auto batch, secrets::parse_batch(request.body, true));
    const auto& caller = caller_of(request);
    auto& entry = exchange_of(request).audit.entry;
    entry.extra.set("batch", true).set("paths", static_cast<std::int64_t>(batch.paths.size()));
    const auto reach = batch.expand_wildcards
                           ? context.evaluator.reach(caller, policies::Permission::list, context.clock->now())
                           : std::vector<std::string>{};
    Wanted wanted;
    for (const auto& path : batch.paths) {
        const auto done = batch.expand_wildcards && is_pattern(path)
                              ? expand(context, caller, owner, path, reach, wanted)
                              : want(context, caller, path, wanted);
        if (done)
            continue;
        if (batch.fail_fast) {
            entry.secret_path = path;
            return done.error();
        }
        wanted.errors.emplace(path, done.error());
    }
    const auto found =
        secrets::describe_many(context.pool, owner.id, {wanted.paths.begin(), wanted.paths.end()});
    for (const auto& described : found)
        wanted.paths.erase(described.info.path);
    for (const auto& path : wanted.paths) { // not there; one that a pattern gave has just gone
        if (std::find(batch.paths.begin(), batch.paths.end(), path) == batch.paths.end())
            continue;
        if (batch.fail_fast) {
            entry.secret_path = path;
            return secrets::secret_not_found(path);
        }
        wanted.errors.emplace(path, secrets::secret_not_found(path));
    }
    entry.extra.set("shown", static_cast<std::int64_t>(found.size()));
    return json_text(body_of(found, owner.of_partner, wanted));
}

} // namespace scaivault::secrets_api
