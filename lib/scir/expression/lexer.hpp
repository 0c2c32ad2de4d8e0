// Words of an expression. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scir/expression.hpp"

namespace scai::scir {

struct Token {
    enum class Kind { number, text, name, symbol, end } kind = Kind::end;
    std::string text; ///< name, symbol, or the content of a text
    json::Value number;
    std::size_t offset = 0; ///< in bytes
};

/// "column 7: ..." counted in characters.
Error syntax_error(std::string_view source, std::size_t offset, const std::string& message);

Result<std::vector<Token>> tokens_of(std::string_view source, Dialect dialect);

bool name_start(char c);
bool name_part(char c);

} // namespace scai::scir
