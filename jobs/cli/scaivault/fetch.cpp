// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/fetch.hpp"

namespace scaivault::cli {

using scai::json::Value;

namespace {

constexpr std::size_t paths_per_call = 100; // contract scaivault.md 2.6

int exit_code_for(const std::string& code) {
    if (code == "secret_not_found" || code == "version_not_found")
        return exit_not_found;
    if (code == "invalid_path")
        return exit_validation;
    return exit_denied;
}

} // namespace

std::map<std::string, Value> fetch_all(Api& api, const std::set<std::string>& paths) {
    std::map<std::string, Value> out;
    std::string problems;
    int code = exit_ok;
    for (auto next = paths.begin(); next != paths.end();) {
        auto list = Value::array();
        for (std::size_t i = 0; i < paths_per_call && next != paths.end(); ++i, ++next)
            list.push(path_segment(*next));
        const auto answer = api.call("POST", "/v1/secrets/batch", Value::object({{"paths", list}}).dump());
        answer.json.get("secrets").each_member(
            [&](std::string_view path, const Value& secret) { out.emplace(path, secret.get("data")); });
        answer.json.get("errors").each_member([&](std::string_view path, const Value& error) {
            problems +=
                "\n  " + std::string(path) + ": " + error.member("code") + ": " + error.member("message");
            code = exit_code_for(error.member("code"));
        });
    }
    if (code != exit_ok)
        throw Stop(code, "not every secret could be read:" + problems);
    return out;
}

} // namespace scaivault::cli
