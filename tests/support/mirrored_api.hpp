// A route group whose callers are people of the mirror. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/app/permissions.hpp"
#include "tests/support/flow_api.hpp"

#include <string>

namespace test {

struct MirroredApi : FlowApi {
    using FlowApi::FlowApi;

    /// The principal the gate would make of this user of scaiflow.users, with both permissions.
    scai::web::Principal person(const std::string& id) const {
        scai::web::Principal out;
        out.subject = id;
        out.tenant_id = db.value("SELECT tenant_id FROM scaiflow.users WHERE id = '" + id + "'");
        out.email = id + "@x.test";
        out.admin_role = db.value("SELECT admin_role FROM scaiflow.users WHERE id = '" + id + "'");
        out.permissions = {std::string(scaiflow::permission_view), std::string(scaiflow::permission_manage)};
        out.mirrored = true;
        return out;
    }
    FlowAnswer as(const std::string& id, const std::string& method, const std::string& target,
                  const std::string& body = "", const Headers& headers = {}) {
        who = person(id);
        return call(method, target, body, headers);
    }
};

} // namespace test
