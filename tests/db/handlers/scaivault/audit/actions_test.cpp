// What the trail may be asked for is what its rows are called. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/audit/handlers.hpp"
#include "handlers/scaivault/auth/handlers.hpp"
#include "handlers/scaivault/identity/handlers.hpp"
#include "handlers/scaivault/policies/handlers.hpp"
#include "handlers/scaivault/rotation/handlers.hpp"
#include "handlers/scaivault/secrets/handlers.hpp"
#include "handlers/scaivault/subscriptions/handlers.hpp"
#include "handlers/scaivault/system/handlers.hpp"
#include "handlers/scaivault/webhooks/handlers.hpp"
#include "lib/scaivault/audit/actions.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <regex>

using namespace scaivault;

namespace {

bool known(std::string_view action) {
    return std::find(audit::known_actions.begin(), audit::known_actions.end(), action) !=
           audit::known_actions.end();
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaivault_audit_actions)

BOOST_AUTO_TEST_CASE(the_action_of_every_route_is_listed) {
    for (const auto routes : {audit_api::routes, auth_api::routes, identity_api::routes, policies_api::routes,
                              rotation_api::routes, secrets_api::routes, subscriptions_api::routes,
                              system_api::routes, webhooks_api::routes})
        for (const auto& row : routes())
            BOOST_TEST((row.action.empty() || known(row.action)), row.route.pattern << ": " << row.action);
    BOOST_TEST(std::is_sorted(audit::known_actions.begin(), audit::known_actions.end()));
}

BOOST_AUTO_TEST_CASE(the_actions_written_elsewhere_are_listed) {
    const std::regex assigned(R"re(\baction = "([a-z_]+)"|change_of\(\w+, "([a-z_]+)")re");
    int found = 0;
    for (const char* folder : {"lib/scaivault", "handlers/scaivault", "jobs/scaivault", "jobs/cli/scaivault"})
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
            if (entry.path().extension() != ".cpp")
                continue;
            std::ifstream in(entry.path());
            const std::string text(std::istreambuf_iterator<char>(in), {});
            for (std::sregex_iterator at(text.begin(), text.end(), assigned), end; at != end; ++at, ++found) {
                const auto action = (*at)[1].matched ? (*at)[1].str() : (*at)[2].str();
                BOOST_TEST(known(action), entry.path() << ": " << action);
            }
        }
    BOOST_TEST(found >= 8); // or the expression has gone blind
}

BOOST_AUTO_TEST_SUITE_END()
