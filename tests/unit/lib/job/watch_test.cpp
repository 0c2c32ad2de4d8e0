// SPDX-License-Identifier: Apache-2.0
#include "lib/job/watch.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

namespace job = scai::job;

namespace {

class ScriptedRun : public job::Run {
public:
    const std::string& id() const override { return id_; }
    bool must_stop() override { return stopped; }
    bool stopped = false;

private:
    std::string id_ = "run_1";
};

} // namespace

BOOST_AUTO_TEST_SUITE(lib_job_watch)

BOOST_AUTO_TEST_CASE(without_watch_it_is_looked_once) {
    ScriptedRun run;
    int looks = 0;
    job::repeat({}, run, [&](const job::Over& over) {
        ++looks;
        BOOST_TEST(!over());
    });
    BOOST_TEST(looks == 1);
}

BOOST_AUTO_TEST_CASE(with_watch_it_is_looked_again_until_told_to_stop) {
    ScriptedRun run;
    int looks = 0;
    const auto began = std::chrono::steady_clock::now();
    job::repeat({.every_seconds = 1, .for_seconds = 0}, run, [&](const job::Over& over) {
        run.stopped = ++looks == 2;
        BOOST_TEST(over() == run.stopped);
    });
    BOOST_TEST(looks == 2);
    BOOST_TEST((std::chrono::steady_clock::now() - began >= std::chrono::seconds(1)));
}

BOOST_AUTO_TEST_CASE(it_ends_when_its_time_is_over_in_the_middle_of_a_pause) {
    ScriptedRun run;
    int looks = 0;
    const auto began = std::chrono::steady_clock::now();
    job::repeat({.every_seconds = 3600, .for_seconds = 1}, run, [&](const job::Over&) { ++looks; });
    BOOST_TEST(looks == 1);
    BOOST_TEST((std::chrono::steady_clock::now() - began < std::chrono::seconds(60)));
}

BOOST_AUTO_TEST_SUITE_END()
