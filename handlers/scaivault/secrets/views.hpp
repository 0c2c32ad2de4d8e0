// Secrets as JSON text. What holds a value is written into one piece of memory of the right size, so that no
// copy of it stays behind; whoever sends it wipes it. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handlers/scaivault/secrets/handlers.hpp"
#include "lib/base/secret.hpp"
#include "lib/scaivault/secrets/model.hpp"
#include "lib/scaivault/secrets/store.hpp"

#include <string>
#include <vector>

namespace scaivault::secrets_api {

/// An object of a read (contract scaivault.md 1.2); `data` is the text of the value.
std::string read_view(const secrets::store::Stored& stored, const scai::SecretText& data);
/// The same without the value: what a write answers.
std::string written_view(const secrets::Info& info);
std::string metadata_view(const secrets::store::Described& described, bool of_partner);
/// What a read of a value that does not open says; the log has the rest.
inline constexpr auto damaged_text =
    "the stored value does not open: its row or its key was changed outside ScaiVault and has to be restored";
Response damaged_view(std::string_view path, std::int64_t version, std::string_view request_id);
/// "[{...},...]"
std::string list_view(const std::vector<secrets::Listed>& rows, bool of_partner);

/// "name": value, members of an object that are written one after the other.
class Members {
public:
    explicit Members(std::string& out) : out_(out) {}
    Members& text(std::string_view name, std::string_view value);
    Members& text(std::string_view name, const std::optional<std::string>& value); ///< nothing is null
    Members& time(std::string_view name, scai::UtcTime value);
    Members& time(std::string_view name, const std::optional<scai::UtcTime>& value);
    Members& number(std::string_view name, std::int64_t value);
    Members& flag(std::string_view name, bool value);
    Members& list(std::string_view name, const std::vector<std::string>& values);
    Members& raw(std::string_view name, std::string_view json); ///< JSON already

private:
    void name(std::string_view name);
    std::string& out_;
    bool first_ = true;
};

Response json_text(std::string body, int status = 200);

} // namespace scaivault::secrets_api
