// The SCIR bundle: "SCIR" + one MessagePack map with text keys (contract scaiflow-model.md 6.1). msgpack's
// header stays in lib/scir. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"

#include <string>
#include <string_view>

namespace scai::scir {

inline constexpr std::string_view magic = "SCIR";
inline constexpr std::size_t max_bundle = 10U << 20U;

/// Smallest encoding of every number, map and text, members in their order: same module, same bytes.
std::string encode(const json::Value& module);

/// Bundle (map at offset 4, else 5, 6, 8: writers differ in what follows the magic) or the JSON dump of the
/// same tree. bad_request: neither, trailing bytes, over 10 MB, nesting over 200, non-text keys, duplicate
/// keys, bad UTF-8, binary or extension types. Does not verify.
Result<json::Value> decode(std::string_view bytes);

} // namespace scai::scir
