// What the providers over HTTP share: bodies that hold key material are wiped, and fields that hold it are
// read in place, never through a JSON tree. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/aws/sigv4.hpp"
#include "lib/base/secret.hpp"
#include "lib/http/client.hpp"
#include "lib/scaivault/seal/kms.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace scaivault::seal {

struct TransitSettings {
    std::string address; ///< KMS_VAULT_ADDR
    scai::SecretText token;
    std::string mount; ///< "transit"
    std::string key;
};
std::unique_ptr<Kms> make_hashicorp_kms(TransitSettings settings, scai::http::Client& http);

struct AwsSettings {
    std::string key_id;
    std::string region;
    std::string endpoint; ///< "": the region's
    scai::aws::Credentials credentials;
};
std::unique_ptr<Kms> make_aws_kms(AwsSettings settings, scai::http::Client& http);
/// "arn:aws:kms:eu-west-1:1234:key/..." -> "eu-west-1"; "" when it is none.
std::string region_of_arn(std::string_view arn);

/// A request whose body is wiped when it goes.
struct SecretRequest : scai::http::Request {
    SecretRequest();
    SecretRequest(const SecretRequest&) = delete;
    SecretRequest& operator=(const SecretRequest&) = delete;
    ~SecretRequest();
    /// Appends `"name":"<base64 of bytes>"` and what follows it.
    void add_base64(std::string_view name, std::string_view bytes, std::string_view then);
};

/// The answer, or unavailable when none came or the service is not able or not willing (429, 5xx).
scai::Result<scai::http::Response> send_to_kms(scai::http::Client& http, SecretRequest& request,
                                               std::string_view provider);
void wipe(std::string& text);
/// The bytes of a base64 text field, wherever it is in the document; nullopt when it is not there or no
/// base64. The body is wiped.
std::optional<scai::SecretText> take_base64(scai::http::Response& response, std::string_view name);
/// A text field without escapes that is no secret.
std::optional<std::string> text_field(std::string_view body, std::string_view name);

} // namespace scaivault::seal
