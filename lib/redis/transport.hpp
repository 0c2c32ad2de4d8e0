// A stream to the server with a deadline on every step. Private to lib/redis. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/redis/client.hpp"

#include <openssl/ssl.h>

namespace scai::redis {

using Deadline = std::chrono::steady_clock::time_point;

Error unavailable(std::string code, std::string message);

struct ContextDeleter {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, ContextDeleter>;
/// Verifies against the host's certificates (SSL_CERT_FILE and SSL_CERT_DIR are honoured).
TlsContext make_tls_context();

class Transport {
public:
    /// `tls` is null for plain streams.
    static Result<std::unique_ptr<Transport>> connect(const Address& address, SSL_CTX* tls,
                                                      Deadline deadline);
    ~Transport();
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    Status write(std::string_view bytes, Deadline deadline);
    /// At least one byte; code "closed" at the end of the stream.
    Result<std::size_t> read(std::span<char> into, Deadline deadline);
    /// The other side has said something, or goodbye, although nobody asked.
    bool stale() const;

private:
    explicit Transport(int socket) : socket_(socket) {}
    Status wait(short events, Deadline deadline) const;
    Status start_tls(SSL_CTX& context, const std::string& host, Deadline deadline);
    /// Waits for what TLS wants next, or says what is wrong.
    Status after(int result, Deadline deadline) const;

    struct TlsDeleter {
        void operator()(SSL* tls) const noexcept { SSL_free(tls); }
    };
    int socket_;
    std::unique_ptr<SSL, TlsDeleter> tls_;
};

} // namespace scai::redis
