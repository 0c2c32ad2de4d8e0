// Shared by the tests of this folder: a fake directory, a sink that remembers, a walk in one line.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/directory/directory.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace scai::directory::test {

struct Memory final : Sink {
    std::map<std::string, User> users;
    std::map<std::string, Group> groups;
    std::set<std::string> members; ///< "grp usr", nested ones "grp > grp"
    int user_rows = 0;

    void user(const User& user) override {
        ++user_rows;
        users[user.id] = user;
    }
    void group(const Group& group) override { groups[group.id] = group; }
    void member(const Member& member) override {
        members.insert(member.group_id + (member.is_group ? " > " : " ") + member.member_id);
    }
};

struct Fixture {
    scai::test::FakeDirectory upstream;
    scai::test::FakeClock clock;
    scai::http::CurlClient client;
    scai::oidc::Provider provider{provider_settings(upstream.server.url()), client, clock};
    scai::oidc::ServiceToken token{provider, clock, ""};
    DirectorySettings settings;
    Memory sink;
    bool stop = false;
    std::vector<Progress> progress;

    Fixture() {
        settings.base_url = upstream.server.url();
        settings.timeout = std::chrono::milliseconds(400);
        settings.retries = 0;
        settings.parallel = 4;
        upstream.tenants = {tenant("tnt_t1")};
    }

    static scai::oidc::ProviderSettings provider_settings(const std::string& base) {
        scai::oidc::ProviderSettings out;
        out.base_url = base;
        out.client_id = "cid1";
        out.client_secret = "secret";
        return out;
    }

    static std::string tenant(const std::string& id, const std::string& status = "ACTIVE") {
        return R"({"id":")" + id + R"(","name":"Acme","slug":"acme","status":")" + status + "\"}";
    }
    static std::string user(const std::string& id) {
        return R"({"id":")" + id + R"(","tenant_id":"tnt_t1","email":")" + id +
               R"(@acme.test","display_name":"Bo Berg","status":"ACTIVE","updated_at":"2026-05-01T09:00:00Z"})";
    }
    static std::string group(const std::string& id, const std::string& tenant_id = "tnt_t1") {
        return R"({"id":")" + id + R"(","tenant_id":")" + tenant_id + R"(","name":"Name of )" + id +
               R"(","status":"ACTIVE","member_count":0})";
    }
    static std::string member(const std::string& id) {
        return R"({"user_id":")" + id + R"(","email":")" + id +
               R"(@acme.test","display_name":"Bo Berg","membership_type":"DIRECT"})";
    }
    static std::string nested(const std::string& id) {
        return R"({"id":")" + id + R"(","type":"group","name":"Nested"})";
    }
    static std::string id(const std::string& prefix, int number) {
        return prefix + std::to_string(1000 + number);
    }

    void fill(int users, int groups, int members_each) {
        for (int i = 0; i < users; ++i)
            upstream.users.push_back(user(id("usr_", i)));
        for (int g = 0; g < groups; ++g) {
            const std::string name = id("grp_", g);
            upstream.groups.push_back(group(name));
            auto& rows = upstream.members[name];
            for (int m = 0; m < members_each; ++m)
                rows.push_back(member(id("usr_", (g + m) % std::max(users, 1))));
        }
    }

    Directory directory() {
        return Directory(
            settings, token, [this](const Progress& what) { progress.push_back(what); },
            [this] { return stop; });
    }
    Report walk() {
        auto one = directory();
        return one.walk({"tnt_t1", "acme", "Acme", "ACTIVE"}, sink);
    }

    static bool says(const std::vector<Message>& messages, const std::string& code) {
        return std::any_of(messages.begin(), messages.end(),
                           [&](const Message& m) { return m.code == code; });
    }
    static std::string text(const std::vector<Message>& messages, const std::string& code) {
        for (const Message& message : messages)
            if (message.code == code)
                return message.text;
        return {};
    }
    static bool is_users(const scai::test::HttpRequest& r) { return r.path.ends_with("/effective-users"); }
    static bool is_groups(const scai::test::HttpRequest& r) { return r.path == "/api/v1/admin/groups/"; }
    static bool is_members(const scai::test::HttpRequest& r) { return r.path.ends_with("/members"); }
};

} // namespace scai::directory::test
