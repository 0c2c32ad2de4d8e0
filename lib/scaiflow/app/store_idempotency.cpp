// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/idempotency.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"

#include <algorithm>

namespace scaiflow {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::db::Tx;
using scai::json::Value;
using scai::web::Response;

namespace {

constexpr std::size_t longest_key = 255;

// Waits while another transaction has the key and neither committed nor rolled back.
constexpr auto claim_key = R"(
INSERT INTO scaiflow.idempotency_keys (tenant_id, subject, key, request_sha256) VALUES (:p1, :p2, :p3, :p4)
ON CONFLICT (tenant_id, subject, key) DO NOTHING)";

constexpr auto find_answer = R"(
SELECT request_sha256, coalesce(status, 0), coalesce(headers::text, ''), coalesce(answer, '')
  FROM scaiflow.idempotency_keys WHERE tenant_id = :p1 AND subject = :p2 AND key = :p3)";

constexpr auto save_answer = R"(
UPDATE scaiflow.idempotency_keys SET status = :p4::integer, headers = :p5::jsonb, answer = :p6
 WHERE tenant_id = :p1 AND subject = :p2 AND key = :p3)";

constexpr auto forget_key = R"(
DELETE FROM scaiflow.idempotency_keys WHERE tenant_id = :p1 AND subject = :p2 AND key = :p3)";

Result<Response> replay(Tx& tx, const IdempotencyKey& key) {
    const auto row = tx.maybe<std::string, int, std::string, std::string>(find_answer, key.tenant_id,
                                                                          key.subject, key.key);
    if (!row || std::get<1>(*row) == 0) // purged, or given up, between the two statements
        return Error{.kind = ErrorKind::conflict,
                     .code = "idempotency_key_busy",
                     .message = "the first request with this Idempotency-Key has just ended",
                     .fix = "send it again"};
    const auto& [sha256, status, headers, answer] = *row;
    if (sha256 != key.request_sha256)
        return Error{.kind = ErrorKind::unprocessable,
                     .code = "idempotency_key_reused",
                     .message = "this Idempotency-Key belongs to another request",
                     .fix = "take a new key for a new request"};
    Response response;
    response.status = status;
    response.body = answer;
    if (const auto stored = scai::json::parse(headers))
        stored->each_member([&](std::string_view name, const Value& value) {
            response.header(std::string(name), value.text_or(""));
        });
    response.header("Idempotency-Replayed", "true");
    return response;
}

} // namespace

Result<std::optional<IdempotencyKey>> idempotency_key(const scai::web::Request& request) {
    const auto found = request.headers.find("idempotency-key");
    if (found == request.headers.end())
        return std::optional<IdempotencyKey>{};
    const auto text = scai::trim(found->second);
    if (text.empty() || text.size() > longest_key ||
        !std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; }))
        return Error{.kind = ErrorKind::bad_request,
                     .code = "bad_idempotency_key",
                     .message = "Idempotency-Key must be 1 to 255 visible ASCII characters"};
    IdempotencyKey key{.tenant_id = request.principal.tenant_id,
                       .subject = request.principal.subject,
                       .key = std::string(text),
                       .request_sha256 = {}};
    key.request_sha256 = scai::crypto::to_hex(scai::crypto::sha256(request.method + ' ' + request.path + '?' +
                                                                   request.raw_query + '\n' + request.body));
    return std::optional(std::move(key));
}

Result<Response> once(Tx& tx, const std::optional<IdempotencyKey>& key,
                      const std::function<Result<Response>()>& effect) {
    if (!key)
        return effect();
    if (tx.run(claim_key, key->tenant_id, key->subject, key->key, key->request_sha256) == 0)
        return replay(tx, *key);
    auto response = effect();
    if (!response || response->status >= 400) {
        tx.run(forget_key, key->tenant_id, key->subject, key->key);
        return response;
    }
    auto headers = Value::object();
    for (const auto& [name, value] : response->headers)
        headers.set(name, value);
    tx.run(save_answer, key->tenant_id, key->subject, key->key, response->status, headers.dump(),
           response->body);
    return response;
}

} // namespace scaiflow
