// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <string>

namespace scaivault::seal {

/// Bytes that a system call or a token writes; wiped when they go.
struct Buffer {
    std::string text;
    Buffer() = default;
    explicit Buffer(std::size_t size) : text(size, '\0') {}
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer() { explicit_bzero(text.data(), text.size()); }
};

} // namespace scaivault::seal
