// POST /v1/secrets/batch: up to 100 values at once, each path decided on and audited by itself.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/secrets/requests.hpp"
#include "handlers/scaivault/secrets/views.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/seal/damaged.hpp"

#include <map>

namespace scaivault::secrets_api {

namespace {

constexpr std::int64_t most_bytes = 16LL << 20U; ///< of ciphertext in one answer

struct Answers {
    /// In the order of the paths asked for.
    std::vector<std::pair<const secrets::store::Stored*, scai::SecretText>> values;
    std::map<std::string, scai::Error, std::less<>> errors;
};

scai::Status path_readable(Context& context, const Caller& caller, const std::string& path) {
    SCAI_TRY([[maybe_unused]] const auto named, secrets::check_path(path));
    return context.evaluator.allow(caller, path, policies::Permission::read);
}

scai::Error error_of(const std::string& path, const secrets::store::Stored* stored,
                     std::optional<std::int64_t> version) {
    if (stored == nullptr)
        return secrets::secret_not_found(path);
    if (stored->version == 0)
        return secrets::version_not_found(path, version.value_or(0));
    return invalid_request("the answer would be larger than 16 MiB: read this one by itself");
}

/// What became of every path; the first error instead with fail_fast.
scai::Result<Answers> answers_of(Context& context, const Caller& caller, const Owner& owner,
                                 const secrets::Batch& batch,
                                 const std::vector<secrets::store::Stored>& found, Answers&& out) {
    std::map<std::string_view, const secrets::store::Stored*> by_path;
    for (const auto& stored : found)
        by_path.emplace(stored.info.path, &stored);
    for (const auto& path : batch.paths) {
        if (out.errors.contains(path))
            continue;
        const auto place = by_path.find(path);
        const auto* stored = place == by_path.end() ? nullptr : place->second;
        if (stored == nullptr || stored->version == 0 || stored->too_much) {
            auto error = error_of(path, stored, batch.version);
            if (batch.fail_fast)
                return error;
            out.errors.emplace(path, std::move(error));
            continue;
        }
        try {
            SCAI_TRY(auto data, secrets::open(context.keyring, owner.id, caller.partner_id, *stored));
            out.values.emplace_back(stored, std::move(data));
        } catch (const seal::Damaged&) {
            if (batch.fail_fast)
                throw;
            out.errors.emplace(path, scai::Error{.code = "internal_error", .message = damaged_text});
        }
    }
    return std::move(out);
}

std::string body_of(const Answers& answers, bool with_metadata) {
    auto errors = scai::json::Value::object();
    for (const auto& [path, error] : answers.errors)
        errors.set(path, scai::json::Value::object({{"code", error.code}, {"message", error.message}}));
    const auto tail = "},\"errors\":" + errors.dump() + "}";
    std::size_t size = 64 + tail.size();
    for (const auto& [stored, data] : answers.values)
        size +=
            256 + stored->info.path.size() + data.size() + (with_metadata ? stored->info.metadata.size() : 0);
    std::string out;
    out.reserve(size); // grows no more: a copy of values must not stay behind
    out += "{\"secrets\":{";
    Members values(out);
    for (const auto& [stored, data] : answers.values) {
        values.raw(stored->info.path, "{"); // of characters that need no escape
        Members members(out);
        members.raw("data", data.reveal())
            .number("version", stored->version)
            .text("secret_type", std::string_view(stored->info.secret_type));
        if (with_metadata)
            members.raw("metadata", stored->info.metadata);
        out += "}";
    }
    out += tail;
    return out;
}

/// A row for each path, in one commit.
void write_trail(Context& context, const Request& request, const secrets::Batch& batch,
                 const Answers& answers) {
    auto& draft = exchange_of(request).audit;
    draft.entry.action = "read";
    draft.entry.duration_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(context.clock->now() - draft.started_at)
            .count();
    std::map<std::string_view, std::int64_t> versions;
    for (const auto& [stored, data] : answers.values)
        versions.emplace(stored->info.path, stored->version);
    std::vector<audit::Entry> rows;
    rows.reserve(batch.paths.size());
    for (const auto& path : batch.paths) {
        auto& row = rows.emplace_back(draft.entry);
        row.secret_path = path;
        row.extra = scai::json::Value::object({{"batch", true}});
        if (draft.entry.extra.get("scope").present())
            row.extra.set("scope", draft.entry.extra.get("scope"));
        const auto error = answers.errors.find(path);
        row.success = error == answers.errors.end();
        if (row.success)
            row.extra.set("version", versions[path]);
        else
            row.extra.set("error", error->second.code);
    }
    context.journal.append(std::move(rows));
    draft.written = true;
}

} // namespace

scai::Result<Response> read_batch(Context& context, const Request& request) {
    SCAI_TRY(const auto owner, owner_of(request));
    SCAI_TRY(const auto batch, secrets::parse_batch(request.body, false));
    const auto& caller = caller_of(request);
    const auto now = context.clock->now();
    Answers refused;
    std::vector<std::string> wanted;
    for (const auto& path : batch.paths) {
        const auto allowed = path_readable(context, caller, path);
        if (allowed) {
            wanted.push_back(path);
            continue;
        }
        if (batch.fail_fast) {
            exchange_of(request).audit.entry.secret_path = path;
            return allowed.error();
        }
        refused.errors.emplace(path, allowed.error());
    }
    const auto found = secrets::find_many(context.pool, owner.id, wanted, batch.version, most_bytes, now);
    SCAI_TRY(const auto answers, answers_of(context, caller, owner, batch, found, std::move(refused)));
    for (const auto& [stored, data] : answers.values) {
        context.accesses.note(owner.id, stored->info.path, stored->info.last_accessed_at, now);
        context.metrics.add("scaivault_secret_reads_total",
                            {{"tenant", caller.tenant_id}, {"secret_type", stored->info.secret_type}});
    }
    write_trail(context, request, batch, answers);
    return json_text(body_of(answers, batch.include_metadata));
}

} // namespace scaivault::secrets_api
