// A ScaiGrid of a test's own, on a real port: Cores, scopes, queues, publications in memory, with the rules
// that matter to who deploys (slugs are taken once, publishing twice is refused), and a script of what goes
// wrong.
//   ScriptedGrid grid;
//   grid.fail("POST /v1/modules/scaicore/cores", {.status = 500});
//   BOOST_TEST(grid.cores().size() == 1);
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"
#include "tests/support/http_server.hpp"

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace scai::test {

class ScriptedGrid {
public:
    ScriptedGrid();

    struct Core {
        std::string id, slug, source_id, manifest;
        bool published = false;
        int puts = 0;
    };
    struct Queue {
        std::string scope_slug, slug;
        json::Value body;
    };

    std::string url() const { return server_.url(); }
    HttpServer& server() { return server_; }
    std::vector<Core> cores() const;
    std::vector<std::string> scopes() const; ///< slugs
    std::vector<Queue> queues() const;
    std::vector<std::string> bearers() const; ///< distinct, in order of appearance
    std::vector<std::string> calls() const;   ///< "METHOD /path", in order
    std::string last_group_ids() const;       ///< of the last publish, JSON
    void add_scope(const std::string& slug);
    void add_queue(const std::string& scope, const json::Value& body);
    void add_core(const std::string& slug, const std::string& source_id);
    void drop_cores();

    struct Fail {
        int status = 500;
        std::string body =
            R"({"status":"error","error":{"code":"BOOM","message":"it broke"},"meta":{"request_id":"req_up"}})";
        Fault fault = Fault::none;
        std::chrono::milliseconds delay{0};
        int times = 1;        ///< how many requests it hits
        bool applied = false; ///< the effect takes place all the same
    };
    /// `call` is "METHOD /path": exactly, or the beginning of it when it ends with "*".
    void fail(const std::string& call, Fail what);
    /// The nth request from now on (1: the next) is kept without an answer, with or without its effect.
    void hold(int nth, bool applied);
    int held() const;             ///< how many are kept
    void release();               ///< forgets about holding; those that are kept stay so until they give up
    void hide_sources(bool hide); ///< lists of Cores leave `source` out
    void page_size(std::size_t rows); ///< of every list
    void refuse_tokens(std::set<std::string> tokens);
    void only_token(std::string token); ///< every other is 401

private:
    HttpReply answer(const HttpRequest& request);
    HttpReply route(const HttpRequest& request);
    HttpReply create_core(const HttpRequest& request);
    HttpReply change_core(const HttpRequest& request, Core& core);
    HttpReply publish(const HttpRequest& request, Core& core);
    HttpReply create_scope(const HttpRequest& request);
    HttpReply queues_of(const HttpRequest& request, const std::string& scope_id);
    HttpReply list(const HttpRequest& request, const std::vector<json::Value>& rows) const;
    json::Value view(const Core& core, bool in_list) const;
    Core* find(const std::string& id);

    mutable std::mutex mutex_;
    std::vector<Core> cores_;
    std::vector<std::pair<std::string, std::string>> scopes_; ///< id, slug
    std::vector<Queue> queues_;
    std::vector<std::string> bearers_, calls_;
    std::vector<std::pair<std::string, Fail>> fails_;
    std::set<std::string> refused_;
    std::string only_token_, group_ids_;
    int number_ = 0, hold_in_ = 0, held_ = 0;
    bool hold_applied_ = false, hide_sources_ = false;
    std::size_t page_size_ = 50;
    HttpServer server_; // last: its threads use the rest
};

} // namespace scai::test
