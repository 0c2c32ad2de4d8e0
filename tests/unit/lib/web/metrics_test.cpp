// Counters over threads, processes and restarts. SPDX-License-Identifier: Apache-2.0
#include "lib/web/metrics.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using scai::web::Metrics;

namespace {

struct Folder {
    Folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "scai-metrics-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string path;
};

bool has(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_web_metrics)

BOOST_FIXTURE_TEST_CASE(many_processes_with_threads_lose_no_count, Folder) {
    constexpr int processes = 4;
    constexpr int threads = 4;
    constexpr int rounds = 2000;
    Metrics before_fork(path, "prog"); // a mapping that survives fork must work as well as one made after it
    std::vector<pid_t> children;
    for (int p = 0; p < processes; ++p) {
        const pid_t child = ::fork();
        if (child == 0) {
            {
                Metrics own(path, "prog");
                Metrics& metrics = p % 2 == 0 ? own : before_fork;
                std::vector<std::thread> workers;
                for (int t = 0; t < threads; ++t)
                    workers.emplace_back([&metrics, t] {
                        for (int i = 0; i < rounds; ++i) {
                            metrics.add("hits_total", {{"thread", std::to_string(t)}});
                            metrics.add("all_total", {});
                            metrics.observe("took_seconds", {{"route", "/x"}}, 0.001);
                        }
                    });
                for (auto& worker : workers)
                    worker.join();
            }
            ::_exit(0);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 1;
        ::waitpid(child, &status, 0);
        BOOST_TEST(status == 0);
    }
    const auto text = Metrics(path, "other").render();
    for (int t = 0; t < threads; ++t)
        BOOST_TEST(has(text, "hits_total{binary=\"prog\",thread=\"" + std::to_string(t) + "\"} " +
                                 std::to_string(processes * rounds)));
    const auto total = std::to_string(processes * threads * rounds);
    BOOST_TEST(has(text, "all_total{binary=\"prog\"} " + total));
    BOOST_TEST(has(text, "took_seconds_count{binary=\"prog\",route=\"/x\"} " + total));
    BOOST_TEST(has(text, "# TYPE all_total counter"));
    BOOST_TEST(has(text, "# TYPE took_seconds histogram"));
}

BOOST_FIXTURE_TEST_CASE(buckets_are_cumulative_and_bounds_inclusive, Folder) {
    Metrics metrics(path, "prog");
    for (const double seconds : {0.0001, 0.0005, 0.0006, 0.3, 10.0, 11.0, -1.0})
        metrics.observe("d_seconds", {}, seconds);
    const auto text = metrics.render();
    BOOST_TEST(has(text, "d_seconds_bucket{binary=\"prog\",le=\"0.0005\"} 3"));
    BOOST_TEST(has(text, "d_seconds_bucket{binary=\"prog\",le=\"0.001\"} 4"));
    BOOST_TEST(has(text, "d_seconds_bucket{binary=\"prog\",le=\"0.25\"} 4"));
    BOOST_TEST(has(text, "d_seconds_bucket{binary=\"prog\",le=\"0.5\"} 5"));
    BOOST_TEST(has(text, "d_seconds_bucket{binary=\"prog\",le=\"10\"} 6"));
    BOOST_TEST(has(text, "d_seconds_bucket{binary=\"prog\",le=\"+Inf\"} 7"));
    BOOST_TEST(has(text, "d_seconds_count{binary=\"prog\"} 7"));
    BOOST_TEST(has(text, "d_seconds_sum{binary=\"prog\"} 21.3012"));
}

BOOST_FIXTURE_TEST_CASE(counters_survive_a_restart_and_gauges_keep_the_last_value, Folder) {
    {
        Metrics first(path, "prog");
        first.add("n_total", {{"a", "1"}}, 5);
        first.set("level", {}, 7);
    }
    Metrics second(path, "prog");
    second.add("n_total", {{"a", "1"}});
    second.set("level", {}, -3);
    const auto text = second.render();
    BOOST_TEST(has(text, "n_total{binary=\"prog\",a=\"1\"} 6"));
    BOOST_TEST(has(text, "level{binary=\"prog\"} -3"));
    BOOST_TEST(has(text, "# TYPE level gauge"));
}

BOOST_FIXTURE_TEST_CASE(label_values_are_escaped, Folder) {
    Metrics metrics(path, "prog");
    metrics.add("x_total", {{"l", "a\"b\\c\nd"}});
    BOOST_TEST(has(metrics.render(), "x_total{binary=\"prog\",l=\"a\\\"b\\\\c\\nd\"} 1"));
}

BOOST_FIXTURE_TEST_CASE(series_beyond_the_capacity_are_dropped_and_counted, Folder) {
    Metrics metrics(path, "prog");
    for (int i = 0; i < 1030; ++i)
        metrics.add("many_total", {{"i", std::to_string(i)}});
    metrics.add("long_total", {{"l", std::string(1000, 'x')}});
    const auto text = metrics.render();
    BOOST_TEST(has(text, "many_total{binary=\"prog\",i=\"0\"} 1"));
    BOOST_TEST(has(text, "metrics_series_dropped_total{binary=\"prog\"} 7"));
}

BOOST_FIXTURE_TEST_CASE(resident_memory_is_reported_for_living_processes_only, Folder) {
    const pid_t child = ::fork();
    if (child == 0) {
        { Metrics metrics(path, "prog"); }
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    const Metrics metrics(path, "prog");
    const auto text = metrics.render();
    BOOST_TEST(text.find("process_resident_memory_bytes{binary=\"prog\",pid=\"" + std::to_string(::getpid()) +
                         "\"} ") != std::string::npos);
    BOOST_TEST(text.find("pid=\"" + std::to_string(child) + "\"") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_foreign_file_is_left_alone_and_counting_goes_on_privately, Folder) {
    const auto file = path + "/prog.metrics1";
    std::ofstream(file) << "something else";
    Metrics metrics(path, "prog");
    metrics.add("x_total", {});
    BOOST_TEST(has(metrics.render(), "x_total{binary=\"prog\"} 1"));
    std::ifstream in(file);
    std::string content((std::istreambuf_iterator<char>(in)), {});
    BOOST_TEST(content == "something else");
}

BOOST_FIXTURE_TEST_CASE(a_file_that_root_makes_belongs_to_the_owner_of_the_folder, Folder) {
    if (::geteuid() != 0)
        return;
    BOOST_REQUIRE(::chown(path.c_str(), 65534, 65533) == 0);
    { Metrics metrics(path, "job"); }
    struct stat status {};
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
        BOOST_REQUIRE(::stat(entry.path().c_str(), &status) == 0);
        BOOST_TEST(status.st_uid == 65534U, entry.path());
        BOOST_TEST(status.st_gid == 65533U, entry.path());
    }
    BOOST_TEST(status.st_uid == 65534U);
}

BOOST_AUTO_TEST_CASE(without_a_folder_counters_are_private) {
    Metrics metrics("", "prog");
    metrics.add("x_total", {}, 2);
    BOOST_TEST(has(metrics.render(), "x_total{binary=\"prog\"} 2"));
}

BOOST_AUTO_TEST_SUITE_END()
