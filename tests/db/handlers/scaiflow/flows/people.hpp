// A tenant with one flow and people who hold every level on it in every way, and a second tenant beside it.
//   People api;                                         // the group `flows` over a scratch database
//   auto answer = api.as("ed", "GET", "/v1/flows/f1");  // ed of t1, with both permissions
// Of t1: ann owns f1; vic, ed, dep and adm have user rows view, edit, deploy, admin; gview, gedit, gdeploy
// and gadmin are members of groups with such rows, nview ... nadmin members of groups inside them; boss is
// tenant_admin, off disabled, gone deleted (both with a user row admin), bo nobody. Of t2: boss2
// tenant_admin, root super_admin, stan nobody, ann another ann. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handlers/scaiflow/flows/handlers.hpp"
#include "tests/support/flow_api.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace test {

std::string people_sql(); ///< the tenants, their users, groups and memberships
/// A flow of t1 with one version and all those rows; row ids are acl_<principal>_<flow>.
std::string flow_sql(const std::string& id = "f1", const std::string& owner = "ann");

struct People : FlowApi {
    explicit People(FlowApi::Settings settings = {})
        : FlowApi("flows", scaiflow::flows_api::routes(), std::move(settings)) {
        db.sql(people_sql() + flow_sql());
    }
    /// A user id of t1, or "t2/boss2".
    FlowAnswer as(const std::string& person, const std::string& method, const std::string& target,
                  const std::string& body = "", FlowApi::Headers headers = {}) {
        const auto slash = person.find('/');
        const auto user = slash == std::string::npos ? person : person.substr(slash + 1);
        const auto tenant = slash == std::string::npos ? "t1" : person.substr(0, slash);
        headers["authorization"] = "Bearer " + token(user, tenant, {"scaicore:view", "scaicore:manage"});
        return call(method, target, body, headers);
    }
};

/// "query.limit" of the only field error of a 400 or 422.
inline std::string field_of(const FlowAnswer& answer) {
    std::string out;
    answer.json.get("detail").at(0).get("loc").each_item(
        [&](const scai::json::Value& part) { out += (out.empty() ? "" : ".") + part.text_or("#"); });
    return out;
}

} // namespace test
