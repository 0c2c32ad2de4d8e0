// The transit engine of HashiCorp Vault and OpenBao: POST /v1/<mount>/encrypt/<key> and decrypt.
// https://developer.hashicorp.com/vault/api-docs/secret/transit SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/scaivault/seal/kms_remote.hpp"

namespace scaivault::seal {

namespace {

using scai::Result;
using scai::SecretText;

class HashicorpKms final : public Kms {
public:
    HashicorpKms(TransitSettings settings, scai::http::Client& http)
        : settings_(std::move(settings)), http_(http) {}

    std::string provider() const override { return "hashicorp"; }
    Result<std::string> reference() override { return settings_.key; }
    bool rotates_inside() const override { return true; }

    Result<std::string> wrap(std::string_view reference, const SecretText& key,
                             std::string_view context) override {
        SecretRequest request;
        address(request, "encrypt", reference);
        request.body = "{";
        request.add_base64("plaintext", key.reveal(), ",");
        add_context(request, context);
        SCAI_TRY(auto response, send_to_kms(http_, request, "hashicorp"));
        auto ciphertext = text_field(response.body, "ciphertext");
        if (response.status != 200 || !ciphertext || !ciphertext->starts_with("vault:v"))
            return kms_unavailable("hashicorp",
                                   "encrypt ended with status " + std::to_string(response.status));
        return std::move(*ciphertext);
    }

    Result<SecretText> unwrap(std::string_view reference, std::string_view wrapped,
                              std::string_view context) override {
        if (!wrapped.starts_with("vault:v") || wrapped.find_first_of("\"\\\n") != wrapped.npos)
            return unwrap_failed();
        SecretRequest request;
        address(request, "decrypt", reference);
        request.body = "{\"ciphertext\":\"" + std::string(wrapped) + "\",";
        add_context(request, context);
        SCAI_TRY(auto response, send_to_kms(http_, request, "hashicorp"));
        if (response.status == 400 && (response.body.find("authentication failed") != std::string::npos ||
                                       response.body.find("invalid ciphertext") != std::string::npos))
            return unwrap_failed();
        const int status = response.status;
        auto key = take_base64(response, "plaintext");
        if (status != 200 || !key)
            return kms_unavailable("hashicorp", "decrypt ended with status " + std::to_string(status));
        return std::move(*key);
    }

    scai::Status check() override {
        SecretRequest request;
        request.method = "GET";
        request.url = settings_.address + "/v1/auth/token/lookup-self";
        authorize(request);
        SCAI_TRY(const auto response, send_to_kms(http_, request, "hashicorp"));
        if (response.status != 200)
            return kms_unavailable("hashicorp",
                                   "the token is refused: status " + std::to_string(response.status));
        return scai::Done{};
    }

private:
    void authorize(scai::http::Request& request) const {
        request.headers.emplace_back("X-Vault-Token", settings_.token.reveal());
        request.headers.emplace_back("X-Vault-Request", "true");
    }

    void address(scai::http::Request& request, std::string_view operation, std::string_view reference) const {
        request.url = settings_.address + "/v1/" + settings_.mount + "/" + std::string(operation) + "/" +
                      scai::percent_encode(reference);
        request.headers.emplace_back("Content-Type", "application/json");
        authorize(request);
    }

    /// A derived key reads `context`, any other AEAD key `associated_data`; each ignores the other.
    static void add_context(SecretRequest& request, std::string_view context) {
        request.add_base64("context", context, ",");
        request.add_base64("associated_data", context, "}");
    }

    TransitSettings settings_;
    scai::http::Client& http_;
};

} // namespace

std::unique_ptr<Kms> make_hashicorp_kms(TransitSettings settings, scai::http::Client& http) {
    return std::make_unique<HashicorpKms>(std::move(settings), http);
}

} // namespace scaivault::seal
