// SPDX-License-Identifier: Apache-2.0
#include "lib/web/multipart.hpp"

#include "lib/base/strings.hpp"

#include <cgicc/CgiInput.h>
#include <cgicc/Cgicc.h>

#include <algorithm>
#include <cstring>
#include <exception>

namespace scai::web {

namespace {

/// What cgicc would read from the environment and stdin.
class BodyInput final : public cgicc::CgiInput {
public:
    BodyInput(std::string content_type, const std::string& body)
        : content_type_(std::move(content_type)), body_(body) {}

    std::size_t read(char* data, std::size_t length) override {
        const auto count = std::min(length, body_.size() - read_);
        std::memcpy(data, body_.data() + read_, count);
        read_ += count;
        return count;
    }
    std::string getenv(const char* name) override {
        const std::string_view wanted(name);
        if (wanted == "REQUEST_METHOD")
            return "POST";
        if (wanted == "CONTENT_TYPE")
            return content_type_;
        if (wanted == "CONTENT_LENGTH")
            return std::to_string(body_.size());
        return "";
    }

private:
    std::string content_type_;
    const std::string& body_;
    std::size_t read_ = 0;
};

Error unreadable(std::string message) {
    return Error{.kind = ErrorKind::bad_request, .message = std::move(message)};
}

} // namespace

Result<std::vector<Part>> read_multipart(std::string_view content_type, const std::string& body) {
    const auto lower = to_lower(content_type);
    const auto boundary = lower.find("boundary=");
    if (!trim(lower).starts_with("multipart/form-data") || boundary == std::string::npos ||
        trim(lower.substr(boundary + 9)).empty())
        return unreadable("the body must be multipart/form-data with a boundary");
    std::vector<Part> out;
    try {
        BodyInput input(std::string(content_type), body);
        const cgicc::Cgicc form(&input);
        for (const auto& file : form.getFiles())
            out.push_back({.name = file.getName(),
                           .file_name = file.getFilename(),
                           .content_type = file.getDataType(),
                           .data = file.getData()});
        for (const auto& field : form.getElements())
            out.push_back(
                {.name = field.getName(), .file_name = "", .content_type = "", .data = field.getValue()});
    } catch (const std::exception&) { // its text may hold parts of the body
        return unreadable("the multipart body cannot be taken apart");
    }
    return out;
}

} // namespace scai::web
