// AWS KMS over its JSON 1.1 protocol: Encrypt, Decrypt, DescribeKey.
// https://docs.aws.amazon.com/kms/latest/APIReference/ SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/json/value.hpp"
#include "lib/scaivault/seal/kms_remote.hpp"

namespace scaivault::seal {

namespace {

using scai::Result;
using scai::SecretText;
using scai::json::Value;

class AwsKms final : public Kms {
public:
    AwsKms(AwsSettings settings, scai::http::Client& http) : settings_(std::move(settings)), http_(http) {
        if (settings_.endpoint.empty())
            settings_.endpoint = "https://kms." + settings_.region + ".amazonaws.com" +
                                 (settings_.region.starts_with("cn-") ? ".cn" : "");
        while (settings_.endpoint.ends_with('/'))
            settings_.endpoint.pop_back();
    }

    std::string provider() const override { return "aws"; }
    Result<std::string> reference() override { return settings_.key_id; }
    bool rotates_inside() const override { return true; }

    Result<std::string> wrap(std::string_view reference, const SecretText& key,
                             std::string_view context) override {
        SecretRequest request;
        request.body = "{";
        request.add_base64("Plaintext", key.reveal(), ",");
        add_key(request, reference, context);
        SCAI_TRY(auto response, call("Encrypt", request));
        const int status = response.status;
        const auto blob = take_base64(response, "CiphertextBlob");
        if (status != 200 || !blob)
            return kms_unavailable("aws", "Encrypt ended with status " + std::to_string(status));
        return std::string(blob->reveal());
    }

    Result<SecretText> unwrap(std::string_view reference, std::string_view wrapped,
                              std::string_view context) override {
        SecretRequest request;
        request.body = "{";
        request.add_base64("CiphertextBlob", wrapped, ",");
        add_key(request, reference, context);
        SCAI_TRY(auto response, call("Decrypt", request));
        if (response.status == 400 && response.body.find("InvalidCiphertextException") != std::string::npos)
            return unwrap_failed();
        const int status = response.status;
        auto key = take_base64(response, "Plaintext");
        if (status != 200 || !key)
            return kms_unavailable("aws", "Decrypt ended with status " + std::to_string(status));
        return std::move(*key);
    }

    scai::Status check() override {
        SecretRequest request;
        request.body = Value::object({{"KeyId", settings_.key_id}}).dump();
        SCAI_TRY(const auto response, call("DescribeKey", request));
        if (response.status != 200)
            return kms_unavailable("aws", "DescribeKey ended with status " + std::to_string(response.status));
        if (const auto state = text_field(response.body, "KeyState"); state && *state != "Enabled")
            return kms_unavailable("aws", "the key is not enabled");
        return scai::Done{};
    }

private:
    static void add_key(SecretRequest& request, std::string_view reference, std::string_view context) {
        request.body += "\"KeyId\":" + Value(reference).dump() +
                        ",\"EncryptionContext\":" + Value::object({{"scaivault", context}}).dump() + "}";
    }

    Result<scai::http::Response> call(std::string_view operation, SecretRequest& request) {
        request.url = settings_.endpoint + "/";
        request.headers = {{"Content-Type", "application/x-amz-json-1.1"},
                           {"X-Amz-Target", "TrentService." + std::string(operation)}};
        scai::aws::sign(request, settings_.credentials, {.region = settings_.region, .service = "kms"},
                        clock_.now());
        return send_to_kms(http_, request, "aws");
    }

    AwsSettings settings_;
    scai::http::Client& http_;
    scai::SystemClock clock_; ///< AWS compares it with its own
};

} // namespace

std::string region_of_arn(std::string_view arn) {
    // arn:partition:kms:region:account:key/id
    for (int part = 0; part < 3; ++part) {
        const std::size_t colon = arn.find(':');
        if (colon == arn.npos || (part == 0 && arn.substr(0, colon) != "arn"))
            return "";
        arn.remove_prefix(colon + 1);
    }
    const std::size_t colon = arn.find(':');
    return colon == arn.npos ? "" : std::string(arn.substr(0, colon));
}

std::unique_ptr<Kms> make_aws_kms(AwsSettings settings, scai::http::Client& http) {
    return std::make_unique<AwsKms>(std::move(settings), http);
}

} // namespace scaivault::seal
