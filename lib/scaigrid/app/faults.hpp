// Fault switches for tests: an answer that comes late, fails, says something else, or has another list shape
// (contract scaigrid.md 12). In the database, so that every process has them at once; read only when
// SCAIGRID_TEST_FAULTS is set. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"
#include "lib/web/http.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaigrid::faults {

struct Fault {
    std::string id;
    std::string method; ///< "" = any
    std::string path;   ///< "/v1/modules/scaicore/cores/{id}"; a segment in braces is any, "" = any path
    std::optional<std::int64_t> times; ///< how often it still strikes; nullopt = until it is taken away
    std::int64_t delay_ms = 0;         ///< before the request is looked at
    int status = 0;                    ///< the answer's; 0 = the true answer
    std::string code, message;         ///< of the forced error
    std::optional<std::int64_t> retry_after;
    bool after = false;              ///< the request is carried out first, then its answer is lost
    std::optional<std::string> body; ///< the answer's body to the letter
    std::string content_type = "application/json";
    std::string list_shape; ///< A {"data":{"items"}}, B {"data":[],"has_more"}, C {"data":{"events"}}, openai
};

/// unprocessable, naming what cannot be read.
scai::Result<Fault> decode(const scai::json::Value& body);
scai::json::Value view(const Fault& fault);

/// Whether a fault is meant for this request; `path` decoded.
bool strikes(const Fault& fault, std::string_view method, std::string_view path);
/// The same rows in the shape asked for; an answer that is no list is left as it is.
scai::web::Response reshaped(scai::web::Response response, const std::string& shape);

std::vector<Fault> list(scai::db::Pool& pool);
void add(scai::db::Pool& pool, const Fault& fault);
/// false when there is none of this id.
bool remove(scai::db::Pool& pool, const std::string& id);
void clear(scai::db::Pool& pool);
/// The first that strikes; one of its times is used up.
std::optional<Fault> take(scai::db::Pool& pool, std::string_view method, std::string_view path);

} // namespace scaigrid::faults
