// kill -9 of the real handler at every call it makes to ScaiGrid, with and without the call's effect, then
// the same request again: one Core, one scope, one queue, one deployment, and the steps tell it.
// SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaiflow/deploy/fixture.hpp"
#include "tests/support/fastcgi.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

using test::FcgiConnection;

/// scaiflow-deploy as it is installed; everybody is the development principal.
class Handler {
public:
    Handler(const test::Database& db, const std::string& grid)
        : socket_(test::postgres().folder() + "/deploy.sock") {
        const char* folder = std::getenv("SCAI_BIN");
        arguments_ = {std::string(folder && *folder ? folder : "build/bin") + "/scaiflow-deploy", "--socket",
                      socket_};
        environment_ = {"DATABASE_URL=" + db.url,      "SCAIFLOW_ENV_FILE=/dev/null",
                        "SCAIFLOW_AUTH_DISABLED=true", "SCAIFLOW_LOG_LEVEL=error",
                        "SCAIGRID_BASE_URL=" + grid,   "SCAIGRID_API_KEY=sgk_of_the_server"};
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
    std::unique_ptr<FcgiConnection> post(const std::string& path) const {
        for (int tries = 0;; ++tries) {
            try {
                auto out = std::make_unique<FcgiConnection>(socket_);
                out->send({{"REQUEST_METHOD", "POST"},
                           {"REQUEST_URI", path},
                           {"CONTENT_TYPE", "application/json"},
                           {"CONTENT_LENGTH", "2"}},
                          "{}", true);
                return out;
            } catch (const std::runtime_error&) {
                if (tries > 2000)
                    throw;
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
            }
        }
    }

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

struct Stage {
    int call;
    const char* steps; ///< what the records say in the end
};

// The calls of a first deployment: look for the scope, make it, look for the queue, make it, make the Core,
// publish.
constexpr Stage stages[] = {
    {1, "scope interrupted 1, scope ok 2, queue ok 2, core_create ok 2, publish ok 2"},
    {2, "scope interrupted 1, scope ok 2, queue ok 2, core_create ok 2, publish ok 2"},
    {3, "scope ok 1, queue interrupted 1, scope ok 2, queue ok 2, core_create ok 2, publish ok 2"},
    {4, "scope ok 1, queue interrupted 1, scope ok 2, queue ok 2, core_create ok 2, publish ok 2"},
    {5, ""}, // below: it depends on whether the Core was made
    {6, "scope ok 1, queue ok 1, core_create ok 1, publish interrupted 1, scope ok 2, queue ok 2, "
        "core_update ok 2, "
        "publish ok 2"},
};

std::string expected(const Stage& stage, bool applied) {
    if (stage.call != 5)
        return stage.steps;
    return std::string("scope ok 1, queue ok 1, core_create interrupted 1, scope ok 2, queue ok 2, core_find "
                       "ok 2, ") +
           (applied ? "core_update ok 2, publish ok 2" : "core_create ok 2, publish ok 2");
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_deploy_kill)

BOOST_AUTO_TEST_CASE(killed_at_every_call_and_sent_again_it_is_one_deployment) {
    const auto db = test::migrated_database("scaiflow");
    db.sql(test::people_sql());
    scai::test::ScriptedGrid grid;
    Handler handler(db, grid.url());
    int flows = 0;
    for (const auto& stage : stages)
        for (const bool applied : {false, true}) {
            const auto n = std::to_string(++flows), id = "k" + n, scope = "scope-" + n;
            db.sql(test::deployable_sql(
                id, test::deployable(id, "Killed " + n,
                                     R"({"publish_as_model":true,"scaiqueue":{"scope":")" + scope +
                                         R"(","queues":[{"slug":"review"}]}})")));
            const auto path = "/v1/flows/" + id + "/deploy";
            const int held = grid.held();
            grid.hold(stage.call, applied);
            const auto lost = handler.post(path);
            for (int i = 0; grid.held() == held && i < 6000; ++i)
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
            BOOST_REQUIRE(grid.held() == held + 1);
            handler.kill_and_restart();
            int status = 0;
            std::string body;
            for (int i = 0; i < 1000; ++i) { // until PostgreSQL has seen that the lock's connection is gone
                const auto reply = handler.post(path)->receive();
                status = reply.status;
                body = reply.body;
                if (status != 409 && status != 503)
                    break;
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
            }
            const auto where =
                "call " + std::to_string(stage.call) + (applied ? " with" : " without") + " its effect";
            BOOST_TEST(status == 200, where << ": " << body);
            int cores = 0, queues = 0, scopes = 0;
            for (const auto& core : grid.cores())
                cores += core.source_id == id ? 1 : 0;
            for (const auto& queue : grid.queues())
                queues += queue.scope_slug == scope ? 1 : 0;
            for (const auto& slug : grid.scopes())
                scopes += slug == scope ? 1 : 0;
            BOOST_TEST(cores == 1, where);
            BOOST_TEST(queues == 1, where);
            BOOST_TEST(scopes == 1, where);
            BOOST_TEST(
                db.value("SELECT string_agg(status || ' ' || attempt, ',') FROM scaiflow.flow_deployments "
                         "WHERE flow_id = '" +
                         id + "'") == "succeeded 2",
                where);
            BOOST_TEST(
                db.value("SELECT string_agg(s.step || ' ' || coalesce(s.outcome, 'open') || ' ' || "
                         "s.attempt, ', ' ORDER BY s.ordinal) FROM scaiflow.flow_deployment_steps s JOIN "
                         "scaiflow.flow_deployments d ON d.id = s.deployment_id WHERE d.flow_id = '" +
                         id + "'") == expected(stage, applied),
                where);
        }
    BOOST_TEST(grid.cores().size() == static_cast<std::size_t>(flows)); // no Core of nobody's
}

BOOST_AUTO_TEST_SUITE_END()
