// Choice of the provider, and what the providers share. SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/seal/kms.hpp"
#include "lib/log/log.hpp"
#include "lib/scaivault/seal/kms_local.hpp"

#include <chrono>

namespace scaivault::seal {

namespace {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::SecretText;

class MeteredKms final : public Kms {
    template<class Work>
    auto timed(std::string_view operation, Work work) {
        const auto started = std::chrono::steady_clock::now();
        auto out = work();
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

} // namespace

Error kms_unavailable(std::string_view provider, std::string_view cause) {
    scai::log::warn("kms_unavailable", {{"provider", provider}, {"cause", cause}});
    return kms_unavailable();
}

Error kms_unavailable() {
    return {.kind = ErrorKind::unavailable,
            .code = "encryption_unavailable",
            .message = "The key management service cannot be used at the moment; try again later"};
}

Error unwrap_failed() {
    return {
        .kind = ErrorKind::bad_request, .code = "unwrap_failed", .message = "The wrapped key does not open"};
}

std::unique_ptr<Kms> with_metrics(std::unique_ptr<Kms> kms, scai::web::Metrics& metrics) {
    return std::make_unique<MeteredKms>(std::move(kms), metrics);
}

Result<std::unique_ptr<Kms>> make_kms(const scai::config::Settings& settings, scai::http::Client& /*http*/,
                                      bool may_create) {
    const std::string provider = settings.text("KMS_PROVIDER");
    if (provider == "local")
        return make_local_kms(settings.text("KMS_LOCAL_KEY_FILE"), may_create);
    if (provider == "gcp" || provider == "azure")
        return Error{.message = "KMS_PROVIDER: " + provider +
                                " is not built into this program; it has aws, hashicorp, local and pkcs11"};
    return Error{.message = "KMS_PROVIDER: expected aws, hashicorp, local or pkcs11"};
}

} // namespace scaivault::seal
