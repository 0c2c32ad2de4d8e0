// AWS Signature Version 4 over http::Request: KMS, S3 and what speaks like them.
//   aws::sign(request, credentials, {.region = "eu-west-1", .service = "kms"}, clock.now());
//   aws::sign(request, credentials, aws::s3("eu-west-1"), clock.now());
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/secret.hpp"
#include "lib/http/client.hpp"

#include <string>
#include <string_view>

namespace scai::aws {

struct Credentials {
    std::string access_key;
    SecretText secret_key;
    SecretText session_token = {}; ///< empty: long-lived credentials
};

struct Target {
    std::string region;
    std::string service;
    // What S3 does differently: its keys may hold "." and "//", are encoded once, and it wants the body's
    // hash.
    bool normalize_path = true;
    bool encode_path_again = true;
    bool content_sha256 = false;
};

Target s3(std::string_view region);

/// Adds x-amz-date, x-amz-security-token, x-amz-content-sha256 (as the target wants) and Authorization. The
/// URL must be as it goes over the wire: path and query percent-encoded. Every header there is signed, with
/// the Host that curl will send; sign last, and change nothing afterwards.
void sign(http::Request& request, const Credentials& credentials, const Target& target, UtcTime now);

/// The text a signature is made of, for tests and for finding out why a service disagrees.
std::string canonical_request(const http::Request& request, const Target& target);

} // namespace scai::aws
