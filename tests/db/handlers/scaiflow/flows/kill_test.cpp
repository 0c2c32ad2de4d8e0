// kill -9 of the real handler while several clients save: what was acknowledged is there, whole and once.
// SPDX-License-Identifier: Apache-2.0
#include "lib/json/value.hpp"
#include "tests/support/fastcgi.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

using test::FcgiConnection;
using test::FcgiReply;

/// scaiflow-flows as it is installed; everybody is the development principal.
class Handler {
public:
    explicit Handler(const test::Database& db) : socket_(test::postgres().folder() + "/flows.sock") {
        const char* folder = std::getenv("SCAI_BIN");
        arguments_ = {std::string(folder && *folder ? folder : "build/bin") + "/scaiflow-flows", "--socket",
                      socket_};
        environment_ = {"DATABASE_URL=" + db.url, "SCAIFLOW_ENV_FILE=/dev/null",
                        "SCAIFLOW_AUTH_DISABLED=true", "SCAIFLOW_LOG_LEVEL=error"};
        for (auto& argument : arguments_)
            argv_.push_back(argument.data());
        for (auto& setting : environment_)
            envp_.push_back(setting.data());
        argv_.push_back(nullptr);
        envp_.push_back(nullptr);
        start();
    }
    ~Handler() { stop(SIGTERM); }
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;

    void kill_and_restart() {
        stop(SIGKILL);
        start();
    }
    const std::string& socket() const { return socket_; }

private:
    // Other threads run: between fork and exec nothing but system calls.
    void start() {
        child_ = ::fork();
        if (child_ == 0) {
            ::execve(argv_[0], argv_.data(), envp_.data());
            ::_exit(127);
        }
    }
    void stop(int signal) const {
        ::kill(child_, signal);
        ::waitpid(child_, nullptr, 0);
    }
    std::string socket_;
    std::vector<std::string> arguments_, environment_;
    std::vector<char*> argv_, envp_;
    pid_t child_ = -1;
};

/// nullopt when the connection was not there or broke before the whole answer.
std::optional<FcgiReply> ask(const Handler& handler, std::unique_ptr<FcgiConnection>& connection,
                             const std::string& method, const std::string& path, const std::string& body) {
    try {
        if (!connection)
            connection = std::make_unique<FcgiConnection>(handler.socket());
    } catch (const std::runtime_error&) {
        return std::nullopt;
    }
    connection->send({{"REQUEST_METHOD", method},
                      {"REQUEST_URI", path},
                      {"CONTENT_TYPE", "application/json"},
                      {"CONTENT_LENGTH", std::to_string(body.size())}},
                     body, true);
    auto reply = connection->receive();
    if (!reply.complete) {
        connection.reset();
        return std::nullopt;
    }
    return reply;
}

/// Again and again until there is an answer other than 503.
FcgiReply insist(const Handler& handler, std::unique_ptr<FcgiConnection>& connection,
                 const std::string& method, const std::string& path, const std::string& body) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < end) {
        const auto reply = ask(handler, connection, method, path, body);
        if (reply && reply->status != 503)
            return *reply;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return {};
}

struct Saved {
    std::string version, marker;
};

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_flows_kill)

BOOST_AUTO_TEST_CASE(killed_handler_loses_no_acknowledged_version) {
    constexpr int clients = 4, puts_each = 250, kills = 5;
    const auto db = test::migrated_database("scaiflow");
    Handler handler(db);
    std::unique_ptr<FcgiConnection> own;
    const auto made = insist(handler, own, "POST", "/v1/flows", R"({"name":"Flow","content":{}})");
    BOOST_REQUIRE(made.status == 201);
    const auto flow = scai::json::parse(made.body)->member("id");

    std::mutex guard;
    std::vector<Saved> saved;
    std::atomic<int> done = 0, strange = 0;
    std::vector<std::thread> threads;
    for (int client = 0; client < clients; ++client)
        threads.emplace_back([&, client] {
            std::unique_ptr<FcgiConnection> connection;
            for (int i = 0; i < puts_each; ++i) {
                const auto marker = std::to_string(client) + "-" + std::to_string(i);
                const auto reply = insist(handler, connection, "PUT", "/v1/flows/" + flow,
                                          R"({"content":{"marker":")" + marker + "\"}}");
                const auto body = scai::json::parse(reply.body);
                if (reply.status == 200 && body) {
                    const std::lock_guard lock(guard);
                    saved.push_back({body->member("version"), marker});
                } else {
                    ++strange;
                }
                ++done;
            }
        });
    for (int kill = 1; kill <= kills; ++kill) {
        while (done < kill * clients * puts_each / (kills + 1))
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        handler.kill_and_restart();
    }
    for (auto& thread : threads)
        thread.join();

    BOOST_TEST(strange == 0);
    BOOST_TEST(saved.size() == static_cast<std::size_t>(clients * puts_each));
    std::map<std::string, std::string> contents;
    for (const auto& row :
         db.rows("SELECT version, content FROM scaiflow.flow_versions WHERE flow_id = '" + flow + "'"))
        BOOST_TEST(contents.emplace(row[0], row[1]).second, "version " << row[0] << " twice");
    for (const auto& [version, marker] : saved)
        BOOST_TEST(contents[version] ==
                   R"({"id":")" + flow + R"(","version":")" + version + R"(","marker":")" + marker + "\"}");
    // Numbers without a gap, and the flow stands at the last of them.
    BOOST_TEST(db.value("SELECT count(*) = max(number) AND min(number) = 1 FROM scaiflow.flow_versions") ==
               "t");
    BOOST_TEST(
        db.value(
            "SELECT f.number = (SELECT max(number) FROM scaiflow.flow_versions) AND f.version = '1.0.' || "
            "(f.number - 1) FROM scaiflow.flows f") == "t");
}

BOOST_AUTO_TEST_SUITE_END()
