// The type texts of output_type and variables: string int float bool object any date datetime duration money
// email url uuid, array[T], map[K, V] (also written with < >), enum[a, b], "a" | "b", T?. A name that is none
// of these, and a text that is no type, stand for any value: types are free text in a flow (contract
// scaiflow-model.md 1.4). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"

#include <string>

namespace scai::scir {

/// An answer against {field: type}: the answer with numbers made to fit (3.0 is an int), or bad_request that
/// names the field, what was wanted and what was found. A text is read as JSON first. More fields than asked
/// for are kept; no type at all takes anything.
Result<json::Value> fit_output(const json::Value& answer, const json::Value& output_type);

/// A made-up answer that fits, always the same: "text", 0, 0.0, false, the first of an enum, empty lists.
json::Value sample_output(const json::Value& output_type);

} // namespace scai::scir
