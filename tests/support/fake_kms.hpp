// A KMS in memory that can be switched off and counts its calls. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/seal/kms.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace test {

class FakeKms final : public scaivault::seal::Kms {
public:
    FakeKms() { add_key(); }

    std::atomic<bool> down{false};
    std::atomic<int> wraps{0}, unwraps{0};
    std::chrono::milliseconds delay{0};
    bool inside = false; ///< rotates below one reference

    void add_key() {
        const std::scoped_lock lock(mutex_);
        current_ = "root-" + std::to_string(keys_.size() + 1);
        keys_[current_] = scai::crypto::random_bytes(32);
    }
    void remove_key(const std::string& reference) {
        const std::scoped_lock lock(mutex_);
        keys_.erase(reference);
    }

    std::string provider() const override { return "fake"; }
    bool rotates_inside() const override { return inside; }
    scai::Result<std::string> reference() override {
        if (down)
            return scaivault::seal::kms_unavailable();
        const std::scoped_lock lock(mutex_);
        return current_;
    }
    scai::Result<std::string> wrap(std::string_view reference, const scai::SecretText& key,
                                   std::string_view context) override {
        ++wraps;
        SCAI_TRY(const std::string root, find(reference));
        return scai::crypto::seal(root, key.reveal(), context);
    }
    scai::Result<scai::SecretText> unwrap(std::string_view reference, std::string_view wrapped,
                                          std::string_view context) override {
        ++unwraps;
        SCAI_TRY(const std::string root, find(reference));
        auto key = scai::crypto::open(root, wrapped, context);
        if (!key)
            return scaivault::seal::unwrap_failed();
        return std::move(*key);
    }
    scai::Status check() override {
        if (down)
            return scaivault::seal::kms_unavailable();
        return scai::Done{};
    }

private:
    scai::Result<std::string> find(std::string_view reference) {
        if (delay.count() > 0)
            std::this_thread::sleep_for(delay);
        const std::scoped_lock lock(mutex_);
        const auto found = keys_.find(std::string(reference));
        if (down || found == keys_.end())
            return scaivault::seal::kms_unavailable();
        return found->second;
    }

    std::mutex mutex_;
    std::map<std::string, std::string> keys_;
    std::string current_;
};

} // namespace test
