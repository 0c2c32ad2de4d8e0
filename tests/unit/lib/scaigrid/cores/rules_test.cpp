// Slugs and the life cycle. SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/cores/rules.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

using namespace scaigrid::cores;

BOOST_AUTO_TEST_SUITE(lib_scaigrid_cores_rules)

BOOST_AUTO_TEST_CASE(a_slug_is_lower_case_with_single_dashes) {
    BOOST_TEST(slug_of("Invoice Bot") == "invoice-bot");
    BOOST_TEST(slug_of("  __Invoice -- Bot!!  2 ") == "invoice-bot-2");
    BOOST_TEST(slug_of("refund-desk") == "refund-desk");
    BOOST_TEST(slug_of("Größe") == "gr-e");
    BOOST_TEST(slug_of("😀") == "core");
    BOOST_TEST(slug_of("") == "core");
    BOOST_TEST(slug_of(std::string(500, 'x')).size() == 100u);
    BOOST_TEST(!slug_of(std::string(99, 'x') + " y").ends_with('-'));
}

BOOST_AUTO_TEST_CASE(no_action_leads_from_the_state_it_leads_to_but_a_restart) {
    for (const auto action : {Action::start, Action::stop, Action::pause, Action::resume}) {
        const auto& from = states_for(action);
        BOOST_TEST((std::find(from.begin(), from.end(), state_after(action)) == from.end()));
    }
    for (const auto& state : deletable_states())
        BOOST_TEST(state != "error");
    const auto refused = wrong_state("pause", "stopped", states_for(Action::pause));
    BOOST_TEST(refused.code == "CORE_STATE_CONFLICT");
    BOOST_TEST(refused.message == "cannot pause a Core that is stopped; it must be running");
}

BOOST_AUTO_TEST_SUITE_END()
