// Choice of the provider, and what the providers share. SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/seal/kms.hpp"
#include "lib/log/log.hpp"
#include "lib/log/parts.hpp"
#include "lib/scaivault/seal/kms_local.hpp"
#include "lib/scaivault/seal/kms_pkcs11.hpp"
#include "lib/scaivault/seal/kms_remote.hpp"

#include <chrono>
#include <initializer_list>
#include <optional>

namespace scaivault::seal {

namespace {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::SecretText;

class MeteredKms final : public Kms {
    template<class Work>
    auto timed(std::string_view operation, Work work) {
        scai::log::Timed part("kms", operation);
        const auto started = std::chrono::steady_clock::now();
        auto out = work();
        if (!out)
            part.fail();
        metrics_.observe("scaivault_kms_latency_seconds", {{"operation", operation}},
                         std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
        return out;
    }

public:
    MeteredKms(std::unique_ptr<Kms> kms, scai::web::Metrics& metrics)
        : kms_(std::move(kms)), metrics_(metrics) {}
    std::string provider() const override { return kms_->provider(); }
    Result<std::string> reference() override { return kms_->reference(); }
    bool rotates_inside() const override { return kms_->rotates_inside(); }
    Result<std::string> wrap(std::string_view reference, const SecretText& key,
                             std::string_view context) override {
        return timed("encrypt", [&] { return kms_->wrap(reference, key, context); });
    }
    Result<SecretText> unwrap(std::string_view reference, std::string_view wrapped,
                              std::string_view context) override {
        return timed("decrypt", [&] { return kms_->unwrap(reference, wrapped, context); });
    }
    scai::Status check() override {
        return timed("check", [&] { return kms_->check(); });
    }

private:
    std::unique_ptr<Kms> kms_;
    scai::web::Metrics& metrics_;
};

/// The first of these settings that has no value.
std::optional<Error> missing(const scai::config::Settings& settings,
                             std::initializer_list<std::string_view> needed) {
    for (const std::string_view name : needed)
        if (!settings.has(name))
            return Error{.message = std::string(name) +
                                    ": missing; KMS_PROVIDER=" + settings.text("KMS_PROVIDER") + " needs it"};
    return std::nullopt;
}

std::string without_trailing_slash(std::string url) {
    while (url.ends_with('/'))
        url.pop_back();
    return url;
}

Result<std::unique_ptr<Kms>> make_aws(const scai::config::Settings& settings, scai::http::Client& http) {
    if (auto error = missing(settings, {"KMS_KEY_ID", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}))
        return std::move(*error);
    AwsSettings aws{.key_id = settings.text("KMS_KEY_ID"),
                    .region = settings.text("KMS_AWS_REGION"),
                    .endpoint = settings.text("KMS_AWS_ENDPOINT"),
                    .credentials = {settings.text("AWS_ACCESS_KEY_ID"),
                                    settings.secret("AWS_SECRET_ACCESS_KEY"),
                                    settings.secret("AWS_SESSION_TOKEN")}};
    if (aws.region.empty())
        aws.region = region_of_arn(aws.key_id);
    if (aws.region.empty())
        return Error{.message = "KMS_AWS_REGION: missing; KMS_KEY_ID is no ARN that names the region"};
    return make_aws_kms(std::move(aws), http);
}

Result<std::unique_ptr<Kms>> make_hashicorp(const scai::config::Settings& settings,
                                            scai::http::Client& http) {
    if (auto error =
            missing(settings, {"KMS_VAULT_ADDR", "KMS_VAULT_TOKEN", "KMS_TRANSIT_KEY", "KMS_TRANSIT_MOUNT"}))
        return std::move(*error);
    return make_hashicorp_kms({.address = without_trailing_slash(settings.text("KMS_VAULT_ADDR")),
                               .token = settings.secret("KMS_VAULT_TOKEN"),
                               .mount = without_trailing_slash(settings.text("KMS_TRANSIT_MOUNT")),
                               .key = settings.text("KMS_TRANSIT_KEY")},
                              http);
}

Result<std::unique_ptr<Kms>> make_pkcs11(const scai::config::Settings& settings) {
    if (auto error = missing(settings, {"KMS_PKCS11_MODULE", "KMS_PKCS11_PIN", "KMS_KEY_LABEL"}))
        return std::move(*error);
    return make_pkcs11_kms({.module = settings.text("KMS_PKCS11_MODULE"),
                            .slot = settings.text("KMS_PKCS11_SLOT"),
                            .pin = settings.secret("KMS_PKCS11_PIN"),
                            .label = settings.text("KMS_KEY_LABEL")});
}

} // namespace

Error kms_unavailable(std::string_view provider, std::string_view cause) {
    scai::log::warn("kms_unavailable", {{"provider", provider}, {"cause", cause}});
    return kms_unavailable();
}

Error kms_unavailable() {
    return {.kind = ErrorKind::unavailable,
            .code = "encryption_unavailable",
            .message = "The key management service cannot be used at the moment; try again later",
            .retry_after_seconds = 5};
}

Error unwrap_failed() {
    return {
        .kind = ErrorKind::bad_request, .code = "unwrap_failed", .message = "The wrapped key does not open"};
}

std::unique_ptr<Kms> with_metrics(std::unique_ptr<Kms> kms, scai::web::Metrics& metrics) {
    return std::make_unique<MeteredKms>(std::move(kms), metrics);
}

Result<std::unique_ptr<Kms>> make_kms(const scai::config::Settings& settings, scai::http::Client& http,
                                      bool may_create) {
    const std::string provider = settings.text("KMS_PROVIDER");
    if (provider == "local")
        return make_local_kms(settings.text("KMS_LOCAL_KEY_FILE"), may_create);
    if (provider == "aws")
        return make_aws(settings, http);
    if (provider == "hashicorp")
        return make_hashicorp(settings, http);
    if (provider == "pkcs11")
        return make_pkcs11(settings);
    if (provider == "gcp" || provider == "azure")
        return Error{.message = "KMS_PROVIDER: " + provider +
                                " is not built into this program; it has aws, hashicorp, local and pkcs11"};
    return Error{.message = "KMS_PROVIDER: expected aws, hashicorp, local or pkcs11"};
}

} // namespace scaivault::seal
