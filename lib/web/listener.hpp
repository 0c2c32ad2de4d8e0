// Listener: the unix socket of a handler. Private to lib/web. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <sys/types.h>

namespace scai::web {

/// Owns a listening socket. A socket it made itself is also removed from the file system.
class Listener {
public:
    /// Makes `path` with mode 0660. A file nobody listens on is replaced; throws std::runtime_error when
    /// another process listens there, or the socket cannot be made.
    Listener(const std::string& path, int backlog);
    /// Adopts a descriptor that somebody else (spawn-fcgi, systemd) made and shares.
    explicit Listener(int inherited);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    int descriptor() const { return descriptor_; }
    bool shared() const { return path_.empty(); } ///< other processes may accept from it too
    /// Removes the file, so that nobody new connects; only if it still is the one made here.
    void withdraw() noexcept;

private:
    int descriptor_ = -1;
    std::string path_;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

/// True when the descriptor is a listening socket.
bool is_listening(int descriptor);

} // namespace scai::web
