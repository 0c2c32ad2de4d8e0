// Somebody of the demo directory at the API, through nginx. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/stack.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <string>

namespace test {

/// Signed in once a process: a sign-in costs a password hash.
inline const std::string& token_of(const Person& person) {
    static std::map<std::string, std::string> tokens;
    auto& token = tokens[person.email];
    if (token.empty())
        token = stack().sign_in(person.email, person.password).access_token;
    return token;
}

class Caller {
public:
    explicit Caller(const Person& person) : token_(token_of(person)) {}

    Stack::Response get(const std::string& path, Stack::Headers headers = {}) const {
        return text("GET", path, "", std::move(headers));
    }
    Stack::Response send(const std::string& method, const std::string& path,
                         const scai::json::Value& body = {}, Stack::Headers headers = {}) const {
        return text(method, path, body.present() ? body.dump() : "", std::move(headers));
    }
    Stack::Response text(const std::string& method, const std::string& path, const std::string& body,
                         Stack::Headers headers = {}) const {
        headers.push_back(bearer(token_));
        if (!body.empty())
            headers.emplace_back("Content-Type", "application/json");
        return stack().send(method, path, body, std::move(headers));
    }

private:
    std::string token_;
};

inline Caller member() {
    return Caller(demo_member());
}
/// Same tenant, nobody's colleague in any group of the member.
inline Caller stranger() {
    return Caller({"dag@acme.test", "demo-user-1"});
}
inline Caller administrator() {
    return Caller(demo_admin());
}

/// Fails the test when the body is none.
inline scai::json::Value json_of(const Stack::Response& response) {
    auto body = scai::json::parse(response.body);
    BOOST_TEST_REQUIRE(static_cast<bool>(body), "no JSON: " << response.status << " " << response.body);
    return *body;
}

/// One of the flows nginx serves as examples.
inline scai::json::Value example(const std::string& id) {
    return json_of(stack().get("/examples/" + id + ".flow.json"));
}

} // namespace test
