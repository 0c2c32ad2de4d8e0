// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/grid/lookups.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaiflow/app/context.hpp"
#include "lib/scaiflow/grid/circuit_breaker.hpp"

#include <algorithm>
#include <set>

namespace scaiflow::grid {

namespace {

using scai::Result;
using scai::json::Value;
using scai::web::Request;
using scai::web::Response;

constexpr int page_size = 200;
constexpr std::size_t longest_object_id = 200;

class Rows {
public:
    explicit Rows(const Lookup& lookup) : lookup_(lookup) {}

    /// False when there is no room for more.
    bool add(const Answer& answer) {
        for (const Value& row : rows_of(answer)) {
            auto made = lookup_.make(row);
            if (!made || !seen_.insert(made->get(lookup_.id).dump()).second)
                continue;
            if (list_.size() == most_rows)
                return false;
            for (const auto& [key, text] : lookup_.fill)
                if (const Value there = made->get(key); !there.present() || there.is_null())
                    made->set(key, text);
            list_.push(std::move(*made));
        }
        return true;
    }
    const Value& list() const { return list_; }

private:
    const Lookup& lookup_;
    std::set<std::string> seen_;
    Value list_ = Value::array();
};

} // namespace

AnswerCache::Outcome all_rows(Client& client, const Lookup& lookup, std::chrono::milliseconds limit) {
    using Clock = std::chrono::steady_clock;
    const auto until = Clock::now() + limit;
    Rows rows(lookup);
    std::set<std::string> cursors;
    std::string query = "limit=" + std::to_string(page_size);
    bool truncated = false;
    for (int page = 0;; ++page) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
        SCAI_TRY(const auto answer, client.send({.path = lookup.path,
                                                 .query = query,
                                                 .timeout = std::max(left, std::chrono::milliseconds(1))}));
        if (!answer.ok())
            return refusal(answer);
        const bool room = rows.add(answer);
        const auto next = next_cursor(answer);
        // A cursor that leads back to itself would lead there for ever.
        if (!room || (next && page + 1 == most_pages)) {
            truncated = true;
            break;
        }
        if (!next || !cursors.insert(*next).second)
            break;
        query = "limit=" + std::to_string(page_size) + "&cursor=" + scai::percent_encode(*next);
    }
    auto body = Value::object({{"data", rows.list()}});
    if (truncated)
        body.set("truncated", true);
    return std::make_shared<const std::string>(body.dump());
}

std::string identity_of(const Credential& credential) {
    std::string text(credential.bearer.reveal());
    const std::string out = scai::crypto::sha256(text.append("\n").append(credential.base_url));
    explicit_bzero(text.data(), text.size());
    return scai::crypto::base64url(out);
}

Result<Response> answer(Context& context, const Request& request, const Lookup& lookup) {
    SCAI_TRY(const auto credential, choose(context, request, missing_credentials));
    const std::chrono::seconds keep(context.settings.integer("SCAIFLOW_LOOKUP_CACHE_SECONDS"));
    const std::chrono::seconds limit(context.settings.integer("SCAIGRID_TIMEOUT_SECONDS"));
    const std::string key = request.principal.tenant_id + "\n" + identity_of(credential) + lookup.path;
    Client client(*context.http, credential, request.request_id);
    const auto circuit = circuit_of(request, credential);
    auto& calls = *context.grid_calls;
    SCAI_TRY(const auto place,
             calls.enter(circuit)); // those who wait for another's question hold a thread too
    const auto ask = [&]() -> AnswerCache::Outcome {
        if (auto refused = calls.refusal(circuit, context.clock->now()))
            return *std::move(refused);
        auto rows = all_rows(client, lookup, limit);
        calls.note(circuit, context.clock->now(), rows ? nullptr : &rows.error());
        return rows;
    };
    SCAI_TRY(const auto text, context.lookups->get(key, context.clock->now(), keep, ask));
    auto response = Response::text(*text, "application/json");
    // A browser's own cache does not know whose token asked.
    response.header("Cache-Control", keep.count() > 0 ? "private, max-age=" + std::to_string(keep.count())
                                                      : "private, no-cache");
    response.header("Vary", "Authorization");
    return response;
}

Result<std::string> id_param(const Request& request, std::string_view name) {
    const std::string& id = request.param(name);
    const bool plain = !id.empty() && id.size() <= longest_object_id && id != "." && id != ".." &&
                       std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (!plain)
        return scai::Error{.kind = scai::ErrorKind::not_found,
                           .code = "not_found",
                           .message = std::string(name) + " is no id of ScaiGrid"};
    return id;
}

} // namespace scaiflow::grid
