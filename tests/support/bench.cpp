// SPDX-License-Identifier: Apache-2.0
#include "tests/support/bench.hpp"

#include "tests/support/process.hpp"
#include "tests/support/stack.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>
#include <signal.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace test {

void figure(const std::string& name, const std::string& value, const std::string& unit,
            const std::string& goal) {
    std::cout << name << '\t' << value << '\t' << unit << '\t' << goal << std::endl;
}

std::string fixed(double value, int digits) {
    std::ostringstream out;
    out.setf(std::ios::fixed);
    out.precision(digits);
    out << value;
    return out.str();
}

double number_in(const std::string& text, const std::string& pattern) {
    std::smatch match;
    if (!std::regex_search(text, match, std::regex(pattern)))
        throw std::runtime_error("no \"" + pattern + "\" in:\n" + text);
    return std::stod(match[1]);
}

void stop_cron(const Stack& stack) {
    for (const auto& entry : std::filesystem::directory_iterator(stack.folder() + "/var/sv")) {
        const auto name = entry.path().filename().string();
        if (name.starts_with("cron-") && stack.service("down", name).status != 0)
            throw std::runtime_error(name + " does not stop");
    }
}

Background::Background(const std::vector<std::string>& arguments) : pid_(fork()) {
    if (pid_ == 0) {
        std::vector<char*> argv;
        for (const auto& argument : arguments)
            argv.push_back(const_cast<char*>(argument.c_str())); // execvp does not write
        argv.push_back(nullptr);
        execvp(argv[0], argv.data());
        _exit(127);
    }
}

Background::~Background() {
    kill(pid_, SIGTERM);
    for (int i = 0; i < 100 && waitpid(pid_, nullptr, WNOHANG) == 0; ++i) {
        usleep(20000);
        if (i == 50)
            kill(pid_, SIGKILL);
    }
}

Rate load(const std::string& url, const std::vector<std::string>& headers, int seconds, int connections,
          const std::string& script) {
    std::vector<std::string> command{"wrk", "-t2", "-c" + std::to_string(connections),
                                     "-d" + std::to_string(seconds) + "s", "--latency"};
    if (!script.empty())
        command.insert(command.end(), {"-s", script});
    for (const auto& header : headers) {
        command.emplace_back("-H");
        command.push_back(header);
    }
    command.push_back(url);
    const Finished run = test::run(command, test::clean_environment());
    if (run.status != 0 || run.out.find("Non-2xx") != std::string::npos ||
        run.out.find("Socket errors") != std::string::npos)
        throw std::runtime_error("wrk " + url + ":\n" + run.all());
    const auto percentile = [&](const char* pattern) {
        std::smatch match;
        std::regex_search(run.out, match, std::regex(pattern));
        return match[1].str();
    };
    return {number_in(run.out, "Requests/sec:\\s+([0-9.]+)"), percentile("\\n\\s+50%\\s+(\\S+)"),
            percentile("\\n\\s+99%\\s+(\\S+)")};
}

Ceilings::Ceilings(const std::string& folder, const std::string& objects) : port_(test::free_port()) {
    const std::string plain = folder + "/plain.sock";
    const std::string parked = folder + "/parked.sock";
    servers_.push_back(
        std::make_unique<Background>(std::vector<std::string>{objects + "/bench/hello_plain", plain, "8"}));
    servers_.push_back(
        std::make_unique<Background>(std::vector<std::string>{objects + "/bench/hello_parked", parked, "8"}));
    const std::string conf = folder + "/bench-nginx.conf";
    char cwd[4096];
    const std::string root = getcwd(cwd, sizeof cwd);
    std::ofstream out(conf);
    out << (geteuid() == 0 ? "user root;\n" : "") << "daemon off;\npid " << folder
        << "/bench-nginx.pid;\nworker_processes auto;\nerror_log stderr warn;\n"
           "events { worker_connections 4096; }\nhttp {\naccess_log off;\nkeepalive_requests 1000000;\n";
    for (const char* kind : {"client_body", "fastcgi", "proxy", "scgi", "uwsgi"})
        out << kind << "_temp_path " << folder << "/bench-" << kind << ";\n";
    out << "map $http_x_request_id $scai_request_id { default $request_id; }\n"
        << "upstream plain { server unix:" << plain << "; }\nupstream parked { server unix:" << parked
        << "; keepalive 32; keepalive_requests 100000; }\nserver { listen 127.0.0.1:" << port_
        << " backlog=1024;\nlocation /constant { return 200 hello; }\nlocation /plain/ { include " << root
        << "/nginx/snippets/fastcgi.conf; fastcgi_pass plain; }\nlocation /parked/ { include " << root
        << "/nginx/snippets/fastcgi.conf; fastcgi_keep_conn on; fastcgi_pass parked; }\n}\n}\n";
    out.close();
    servers_.push_back(std::make_unique<Background>(std::vector<std::string>{"/usr/sbin/nginx", "-c", conf}));
    for (int i = 0; i < 100; ++i) {
        const Finished probe =
            test::run({"curl", "-sf", "--noproxy", "*", url("/parked/x")}, test::clean_environment());
        if (probe.status == 0)
            return;
        usleep(50000);
    }
    throw std::runtime_error("the hello programs did not come up");
}

std::string Ceilings::url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
}

} // namespace test
