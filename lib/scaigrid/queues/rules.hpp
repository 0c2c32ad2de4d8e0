// What may be asked of ScaiQueue and what follows from it; values only. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"
#include "lib/scaigrid/queues/model.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scaigrid::queues {

struct ScopeFields {
    std::string slug, display_name;
    std::optional<std::string> description;
};

struct QueueFields {
    std::string slug, display_name;
    std::optional<std::string> description;
    std::string ordering = "fifo", consumer_mode = "competing";
    std::int64_t max_retries = 5, visibility_timeout_s = 60;
    std::optional<std::int64_t> max_depth;
    std::string overflow_policy = "reject";
};

// unprocessable, with every field that is wrong.
scai::Result<ScopeFields> decode_scope(const scai::json::Value& body);
scai::Result<QueueFields> decode_queue(const scai::json::Value& body);
/// What a body changes of a scope or a queue: slug, ordering and consumer_mode cannot change.
scai::Result<ScopeFields> decode_scope_change(const scai::json::Value& body, const scai::json::Value& now);
scai::Result<QueueFields> decode_queue_change(const scai::json::Value& body, const scai::json::Value& now);
/// `scope` and `queue` are left to the caller.
scai::Result<Publication> decode_publication(const scai::json::Value& body);

/// A form a person can be shown: sections of type context {title, content}, input {field, kind, required},
/// decision {field, options}. Every field name at most once. `where` prefixes the errors' paths.
/// A pattern may leave the options to a parameter.
scai::Status check_hitl_spec(const scai::json::Value& spec, const std::string& where, bool pattern = false);
/// An answer to a form: what is required is there, every decision is one of its options.
scai::Status check_answer(const scai::json::Value& spec, const scai::json::Value& answer);
/// What an answered form resolves its checkpoint with: the chosen option of the one decision it has (that is
/// what a flow compares with), else the whole answer.
scai::json::Value resolution_of(const scai::json::Value& spec, const scai::json::Value& answer);
/// Every {{name}} in the texts of `spec`; a text that is exactly one takes the value itself. unprocessable
/// naming the parameters that are missing.
scai::Result<scai::json::Value> fill_pattern(const scai::json::Value& spec,
                                             const scai::json::Value& parameters);

/// Smaller comes first.
std::int64_t rank_of(std::string_view ordering, const Publication& message);
/// Seconds until the try after `attempts`: 1, 2, 4 ... 300.
std::int64_t backoff_seconds(std::int64_t attempts);

} // namespace scaigrid::queues
