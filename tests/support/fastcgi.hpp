// A FastCGI client by hand: what nginx would send, byte by byte. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace test {

struct FcgiReply {
    bool complete = false; ///< END_REQUEST came
    int status = 0;
    std::map<std::string, std::string> headers; ///< lower-case names
    std::string body;
};

class FcgiConnection {
public:
    explicit FcgiConnection(const std::string& socket_path);
    ~FcgiConnection();
    FcgiConnection(const FcgiConnection&) = delete;
    FcgiConnection& operator=(const FcgiConnection&) = delete;

    using Variables = std::vector<std::pair<std::string, std::string>>;
    /// One whole request; `keep` asks to keep the connection.
    void send(const Variables& variables, const std::string& body, bool keep);
    /// The answer; not complete when the connection ended before.
    FcgiReply receive();
    /// What an answer that goes on says until `text` has come, the answer ends or the time is up; the head
    /// too.
    std::string read_until(const std::string& text, int wait_ms = 5000);
    bool ended() const { return ended_; } ///< read_until() has seen END_REQUEST
    FcgiReply get(const std::string& uri, bool keep = true);
    FcgiReply post(const std::string& uri, const std::string& body,
                   const std::string& type = "application/json");
    void raw(const std::string& bytes);
    bool closed_by_peer(int wait_ms = 2000); ///< true once the peer has closed

private:
    int descriptor_;
    std::string unread_; ///< bytes of a record that is not complete
    bool ended_ = false;
};

} // namespace test
