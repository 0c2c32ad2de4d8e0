// PKCS#11 v2.40: one session behind a lock, opened at first use and again after the token went away. Keys are
// wrapped with CKM_AES_GCM, nonce || ciphertext || tag, bound to the context. SPDX-License-Identifier:
// Apache-2.0
#include "lib/scaivault/seal/kms_pkcs11.hpp"
#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/seal/buffer.hpp"

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <cstring>
#include <dlfcn.h>
#include <mutex>
#include <optional>
#include <vector>

namespace scaivault::seal {

namespace {

using scai::Error;
using scai::Result;
using scai::SecretText;

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}
/// The interface has no const, and writes through none of these.
unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
}

std::string hex_code(CK_RV code) {
    std::string out = "0x";
    for (int shift = 12; shift >= 0; shift -= 4)
        out += "0123456789abcdef"[(code >> static_cast<unsigned>(shift)) & 15U];
    return out;
}

bool session_lost(CK_RV code) {
    return code == CKR_SESSION_HANDLE_INVALID || code == CKR_SESSION_CLOSED || code == CKR_DEVICE_REMOVED ||
           code == CKR_DEVICE_ERROR || code == CKR_TOKEN_NOT_PRESENT || code == CKR_USER_NOT_LOGGED_IN ||
           code == CKR_KEY_HANDLE_INVALID || code == CKR_OBJECT_HANDLE_INVALID;
}

class Pkcs11Kms final : public Kms {
public:
    Pkcs11Kms(Pkcs11Settings settings, CK_FUNCTION_LIST* api) : settings_(std::move(settings)), api_(api) {}
    ~Pkcs11Kms() override {
        const std::scoped_lock lock(mutex_);
        close();
    }

    std::string provider() const override { return "pkcs11"; }
    Result<std::string> reference() override { return settings_.label; }
    bool rotates_inside() const override { return false; }

    Result<std::string> wrap(std::string_view reference, const SecretText& key,
                             std::string_view context) override {
        std::string out = scai::crypto::random_bytes(nonce_size);
        const std::string nonce = out;
        out.resize(nonce_size + key.size() + tag_size);
        const CK_RV code = with_key(reference, [&](CK_OBJECT_HANDLE handle) {
            CK_GCM_PARAMS gcm = parameters(nonce, context);
            CK_MECHANISM mechanism{CKM_AES_GCM, &gcm, sizeof gcm};
            if (const CK_RV begun = api_->C_EncryptInit(session_, &mechanism, handle); begun != CKR_OK)
                return begun;
            CK_ULONG length = out.size() - nonce_size;
            const CK_RV done =
                api_->C_Encrypt(session_, bytes(key.reveal()), key.size(), bytes(out) + nonce_size, &length);
            return done == CKR_OK && length != out.size() - nonce_size ? CK_RV{CKR_GENERAL_ERROR} : done;
        });
        if (code != CKR_OK)
            return failed("encrypt", code);
        return out;
    }

    Result<SecretText> unwrap(std::string_view reference, std::string_view wrapped,
                              std::string_view context) override {
        if (wrapped.size() < nonce_size + tag_size)
            return unwrap_failed();
        const std::string nonce(wrapped.substr(0, nonce_size));
        const std::string_view sealed = wrapped.substr(nonce_size);
        Buffer plain(sealed.size());
        CK_ULONG length = plain.text.size();
        const CK_RV code = with_key(reference, [&](CK_OBJECT_HANDLE handle) {
            CK_GCM_PARAMS gcm = parameters(nonce, context);
            CK_MECHANISM mechanism{CKM_AES_GCM, &gcm, sizeof gcm};
            if (const CK_RV begun = api_->C_DecryptInit(session_, &mechanism, handle); begun != CKR_OK)
                return begun;
            length = plain.text.size();
            return api_->C_Decrypt(session_, bytes(sealed), sealed.size(), bytes(plain.text), &length);
        });
        // SoftHSM says general error for a tag that is wrong; the token itself was just found and logged in
        // to.
        if (code == CKR_ENCRYPTED_DATA_INVALID || code == CKR_ENCRYPTED_DATA_LEN_RANGE ||
            code == CKR_GENERAL_ERROR)
            return unwrap_failed();
        if (code != CKR_OK)
            return failed("decrypt", code);
        return SecretText(std::string_view(plain.text).substr(0, length));
    }

    scai::Status check() override {
        const CK_RV code = with_key(settings_.label, [&](CK_OBJECT_HANDLE) {
            CK_SESSION_INFO info{};
            return api_->C_GetSessionInfo(session_, &info);
        });
        if (code != CKR_OK)
            return failed("check", code);
        return scai::Done{};
    }

private:
    static CK_GCM_PARAMS parameters(std::string_view nonce, std::string_view context) {
        CK_GCM_PARAMS out{};
        out.iv_ptr = bytes(nonce);
        out.iv_len = nonce.size();
        out.iv_bits = nonce.size() * 8;
        out.aad_ptr = bytes(context);
        out.aad_len = context.size();
        out.tag_bits = tag_size * 8;
        return out;
    }

    Error failed(const char* operation, CK_RV code) {
        return kms_unavailable(
            "pkcs11", why_.empty() ? std::string(operation) + " ended with code " + hex_code(code) : why_);
    }

    /// Once more with a new session when the old one turns out to be gone.
    template<class Work>
    CK_RV with_key(std::string_view label, Work work) {
        const std::scoped_lock lock(mutex_);
        CK_RV code = CKR_OK;
        for (int attempt = 0; attempt < 2; ++attempt) {
            why_.clear();
            code = open();
            CK_OBJECT_HANDLE handle = 0;
            if (code == CKR_OK)
                code = find(label, handle);
            if (code == CKR_OK)
                code = work(handle);
            if (!session_lost(code))
                return code;
            close();
        }
        return code;
    }

    CK_RV open() {
        if (opened_)
            return CKR_OK;
        const auto slot = find_slot();
        if (!slot) {
            why_ = "no token in the slot of KMS_PKCS11_SLOT";
            return CKR_SLOT_ID_INVALID;
        }
        if (const CK_RV code = api_->C_OpenSession(*slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session_);
            code != CKR_OK)
            return code;
        opened_ = true;
        const CK_RV code =
            api_->C_Login(session_, CKU_USER, bytes(settings_.pin.reveal()), settings_.pin.size());
        if (code == CKR_OK || code == CKR_USER_ALREADY_LOGGED_IN)
            return CKR_OK;
        close(); // never tried again by itself: tokens lock themselves after a few wrong PINs
        why_ = code == CKR_PIN_INCORRECT || code == CKR_PIN_LOCKED
                   ? "the token refuses KMS_PKCS11_PIN"
                   : "login failed with code " + hex_code(code);
        return CKR_PIN_INCORRECT;
    }

    void close() {
        if (opened_)
            api_->C_CloseSession(session_);
        opened_ = false;
    }

    std::optional<CK_SLOT_ID> find_slot() {
        CK_ULONG count = 0;
        if (api_->C_GetSlotList(CK_TRUE, nullptr, &count) != CKR_OK)
            return std::nullopt;
        std::vector<CK_SLOT_ID> slots(count);
        if (count == 0 || api_->C_GetSlotList(CK_TRUE, slots.data(), &count) != CKR_OK)
            return std::nullopt;
        slots.resize(count);
        const auto number = scai::parse_int(settings_.slot);
        for (const CK_SLOT_ID slot : slots) {
            CK_TOKEN_INFO info{};
            if (api_->C_GetTokenInfo(slot, &info) != CKR_OK || (info.flags & CKF_TOKEN_INITIALIZED) == 0)
                continue;
            const std::string_view label(reinterpret_cast<const char*>(info.label), sizeof info.label);
            if (settings_.slot.empty() || scai::trim(label) == settings_.slot ||
                (number && static_cast<CK_SLOT_ID>(*number) == slot))
                return slot;
        }
        return std::nullopt;
    }

    CK_RV find(std::string_view label, CK_OBJECT_HANDLE& out) {
        CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
        CK_KEY_TYPE type = CKK_AES;
        CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &kind, sizeof kind},
                                 {CKA_KEY_TYPE, &type, sizeof type},
                                 {CKA_LABEL, bytes(label), label.size()}};
        if (const CK_RV code = api_->C_FindObjectsInit(session_, wanted, std::size(wanted)); code != CKR_OK)
            return code;
        CK_OBJECT_HANDLE found[2] = {};
        CK_ULONG count = 0;
        const CK_RV code = api_->C_FindObjects(session_, found, std::size(found), &count);
        api_->C_FindObjectsFinal(session_);
        if (code != CKR_OK)
            return code;
        if (count != 1) {
            why_ = count == 0 ? "the token has no AES key with the label " + std::string(label)
                              : "the token has several AES keys with the label " + std::string(label);
            return CKR_KEY_NEEDED;
        }
        out = found[0];
        return CKR_OK;
    }

    Pkcs11Settings settings_;
    CK_FUNCTION_LIST* api_;
    std::mutex mutex_;
    CK_SESSION_HANDLE session_ = 0;
    bool opened_ = false;
    std::string why_; ///< of the last failure, where a code would not say enough
};

} // namespace

Result<std::unique_ptr<Kms>> make_pkcs11_kms(Pkcs11Settings settings) {
    const auto wrong = [&](const std::string& why) {
        return Error{.message = "KMS_PKCS11_MODULE: " + settings.module + ": " + why};
    };
    // Never unloaded: such libraries have threads and exit handlers of their own.
    void* library = ::dlopen(settings.module.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == nullptr)
        return wrong("cannot be loaded");
    const auto get_functions =
        reinterpret_cast<CK_RV (*)(CK_FUNCTION_LIST**)>(::dlsym(library, "C_GetFunctionList"));
    CK_FUNCTION_LIST* api = nullptr;
    if (get_functions == nullptr || get_functions(&api) != CKR_OK || api == nullptr)
        return wrong("is no PKCS#11 module");
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    const CK_RV code = api->C_Initialize(&arguments);
    if (code != CKR_OK && code != CKR_CRYPTOKI_ALREADY_INITIALIZED)
        return wrong("does not start, code " + hex_code(code));
    return std::unique_ptr<Kms>(std::make_unique<Pkcs11Kms>(std::move(settings), api));
}

} // namespace scaivault::seal
