// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/load/csv.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaikey/app/errors.hpp"

#include <algorithm>

namespace scaikey::load {

using scai::Error;
using scai::Result;

Error CsvReader::error(const std::string& what) const {
    return refusal(scai::ErrorKind::unprocessable,
                   name_ + " line " + std::to_string(record_line_) + ": " + what);
}

Result<CsvReader> CsvReader::open(std::istream& in, std::string name,
                                  const std::vector<std::string_view>& known,
                                  const std::vector<std::string_view>& required) {
    CsvReader reader(in, std::move(name));
    std::vector<std::string> header;
    SCAI_TRY(const bool any, reader.record(header));
    if (!any)
        return reader.error("a header line is required");
    if (header.front().starts_with("\xef\xbb\xbf")) // byte order mark of spreadsheets
        header.front().erase(0, 3);
    for (const auto& column : header) {
        const auto found = std::find(known.begin(), known.end(), std::string_view(column));
        if (found == known.end())
            return reader.error("unknown column \"" + column + "\"");
        const auto index = static_cast<std::size_t>(found - known.begin());
        if (std::find(reader.place_.begin(), reader.place_.end(), index) != reader.place_.end())
            return reader.error("column \"" + column + "\" appears twice");
        reader.place_.push_back(index);
    }
    for (const auto& column : required)
        if (std::find(header.begin(), header.end(), column) == header.end())
            return reader.error("column \"" + std::string(column) + "\" is required");
    reader.known_ = known.size();
    return reader;
}

Result<bool> CsvReader::next(std::vector<std::string>& values) {
    std::vector<std::string> fields;
    do {
        SCAI_TRY(const bool any, record(fields));
        if (!any)
            return false;
    } while (fields.size() == 1 && fields.front().empty()); // an empty line
    if (fields.size() != place_.size())
        return error("has " + std::to_string(fields.size()) + " fields, the header " +
                     std::to_string(place_.size()));
    values.assign(known_, "");
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].find('\0') != std::string::npos || !scai::valid_utf8(fields[i]))
            return error("is no clean UTF-8");
        values[place_[i]] = std::move(fields[i]);
    }
    return true;
}

Result<bool> CsvReader::record(std::vector<std::string>& fields) {
    fields.clear();
    record_line_ = line_;
    std::streambuf* buffer = in_->rdbuf();
    constexpr int end = std::char_traits<char>::eof();
    if (buffer->sgetc() == end)
        return false;
    std::string field;
    bool quoted = false;     // inside quotes
    bool was_quoted = false; // the field had quotes: only a separator may follow them
    while (true) {
        const int next = buffer->sbumpc();
        if (next == end) {
            if (quoted)
                return error("a quote is not closed");
            break;
        }
        const char c = static_cast<char>(next);
        if (c == '\n')
            ++line_;
        if (quoted) {
            if (c != '"')
                field += c;
            else if (buffer->sgetc() == '"')
                field += static_cast<char>(buffer->sbumpc());
            else
                quoted = false;
        } else if (c == '"' && field.empty() && !was_quoted) {
            quoted = was_quoted = true;
        } else if (c == ',') {
            fields.push_back(std::move(field));
            field.clear();
            was_quoted = false;
        } else if (c == '\n') {
            break;
        } else if (c == '\r' && buffer->sgetc() == '\n') {
            continue;
        } else if (c == '"' || was_quoted) {
            return error("a quote stands where none may be");
        } else {
            field += c;
        }
    }
    fields.push_back(std::move(field));
    return true;
}

} // namespace scaikey::load
