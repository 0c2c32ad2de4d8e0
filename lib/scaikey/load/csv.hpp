// CSV as RFC 4180 has it: quoted fields, doubled quotes, line breaks inside quotes; a header line names the
// columns. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace scaikey::load {

/// Reads record by record; memory holds one record.
class CsvReader {
public:
    /// `known` columns may appear in any order, `required` ones must. Any other column is refused, as it
    /// would be silently lost. `name` is the file, for messages.
    static scai::Result<CsvReader> open(std::istream& in, std::string name,
                                        const std::vector<std::string_view>& known,
                                        const std::vector<std::string_view>& required);

    /// The next record's values in the order of `known`, "" for columns the file lacks; false at the end.
    /// Error: broken quoting, a wrong number of fields, a NUL or bad UTF-8, with the line number.
    scai::Result<bool> next(std::vector<std::string>& values);
    std::size_t line() const { return record_line_; }

private:
    CsvReader(std::istream& in, std::string name) : in_(&in), name_(std::move(name)) {}
    scai::Result<bool> record(std::vector<std::string>& fields);
    scai::Error error(const std::string& what) const;

    std::istream* in_;
    std::string name_;
    std::vector<std::size_t> place_; ///< of each column of the file, its index in `known`
    std::size_t known_ = 0;
    std::size_t line_ = 1;
    std::size_t record_line_ = 1;
};

} // namespace scaikey::load
