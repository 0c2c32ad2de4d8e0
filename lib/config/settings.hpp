// Settings: a product declares one constant table; values come from the environment, then one env file, then
// the default. The table is what --help, the README guard and doctor read. Order of files: --env-file FILE >
// $<product file variable> > /etc/scai/<product>.env > ./.env (design.md section 3). SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/base/secret.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scai::config {

enum class Type { text, secret, integer, boolean, url, list };

/// One row: every setting a program reads has one.
struct Setting {
    std::string_view name; ///< environment name
    Type type = Type::text;
    std::string_view default_value; ///< "" = unset
    std::string_view doc;           ///< one sentence for --help and README
    std::int64_t min = 0;           ///< integers only
    std::int64_t max = 0;           ///< integers only; 0 with min 0 = unlimited
};

struct Source {
    std::string_view product;           ///< "scaiflow": /etc/scai/scaiflow.env
    std::string_view env_file_variable; ///< "SCAIFLOW_ENV_FILE"
};

/// Parses KEY=VALUE lines: `#` comments, blank lines, optional `export `, single or double quotes around the
/// value. A malformed line is an error naming its number, never its content.
Result<std::map<std::string, std::string>> parse_env_file(std::string_view text);

class Settings {
public:
    /// Reads and validates everything at once. On failure the error's message lists every bad setting by name
    /// (never the value of a secret). An explicitly named file that cannot be read is an error.
    static Result<Settings> load(std::span<const Setting> table, const Source& source,
                                 std::optional<std::string> env_file);
    /// For tests: values given, the environment not consulted.
    static Result<Settings> from_values(std::span<const Setting> table,
                                        std::map<std::string, std::string> values);

    // Asking for a name that is not in the table throws std::logic_error: a setting must be declared to be
    // read.
    bool has(std::string_view name) const; ///< non-empty, default included
    std::string text(std::string_view name) const;
    std::optional<std::string> optional_text(std::string_view name) const; ///< nullopt when empty
    SecretText secret(std::string_view name) const;
    std::int64_t integer(std::string_view name) const;
    bool flag(std::string_view name) const; ///< 1 true yes on
    std::vector<std::string> list(std::string_view name) const;

    const std::string& file() const { return file_; } ///< the env file in use, "" if none
    std::span<const Setting> table() const { return table_; }

private:
    const Setting& row(std::string_view name) const;
    std::span<const Setting> table_;
    std::map<std::string, std::string, std::less<>> values_;
    std::string file_;
};

} // namespace scai::config
