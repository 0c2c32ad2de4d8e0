// SecretText: a string that is wiped when it goes, cannot be copied, printed or compared by accident.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace scai {

class SecretText {
public:
    SecretText() = default;
    explicit SecretText(std::string_view text) : text_(text) {}
    SecretText(const SecretText&) = delete;
    SecretText& operator=(const SecretText&) = delete;
    SecretText(SecretText&& other) noexcept : text_(other.text_) { other.wipe(); }
    SecretText& operator=(SecretText&& other) noexcept {
        if (this != &other) {
            wipe();
            text_ = other.text_;
            other.wipe();
        }
        return *this;
    }
    ~SecretText() { wipe(); }

    bool empty() const noexcept { return text_.empty(); }
    std::size_t size() const noexcept { return text_.size(); }
    /// A second owner, where one is really needed; named so that it can be found.
    SecretText duplicate() const { return SecretText(text_); }
    /// The only way to the content; grep for it to see who reads secrets.
    std::string_view reveal() const noexcept { return text_; }

private:
    void wipe() noexcept {
        if (!text_.empty())
            explicit_bzero(text_.data(), text_.size());
        text_.clear();
    }
    std::string text_;
};

} // namespace scai
