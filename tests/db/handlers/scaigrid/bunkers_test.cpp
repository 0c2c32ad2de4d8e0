// ScaiBunker's records over the API. SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/queues/upkeep.hpp"
#include "tests/support/grid_api.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

#include <thread>
#include <vector>

namespace {

using scai::json::Value;
using test::GridAnswer;

const std::string base = "/v1/modules/scaibunker/bunkers";

struct Bunkers : test::GridApi {
    GridAnswer as_admin(const std::string& method, const std::string& target, const std::string& body = "") {
        return call_as(admin, method, target, body);
    }
    std::string made(const std::string& body = R"({"image":"python-3.12"})") {
        const auto answer = as_admin("POST", base, body);
        BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
        return answer.data().member("id");
    }
    std::string status(const std::string& id) {
        return as_admin("GET", base + "/" + id).data().member("status");
    }
    scaigrid::queues::UpkeepCounters upkeep() {
        scai::db::Pool jobs(db().settings("scaigrid_jobs", 1));
        return scaigrid::queues::upkeep(
            jobs, [](const auto&, const auto&, const auto& value, const auto&) { return value; },
            [] { return false; });
    }
    std::string admin = user_token("usr_ann", "tnt_a", "tenant_admin");
};

bool names(const GridAnswer& answer, const std::string& field) {
    bool found = false;
    answer.json.get("error").get("details").each_item(
        [&](const Value& item) { found = found || item.member("field") == field; });
    return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaigrid_bunkers)

BOOST_AUTO_TEST_CASE(a_bunker_has_the_defaults_of_the_contract) {
    Bunkers api;
    const auto bunker = api.as_admin(
        "GET", base + "/" + api.made(R"({"image":"python-3.12","env_vars":{"TOKEN":"s3cret"}})"));
    BOOST_TEST(bunker.data().member("lifecycle_mode") == "ephemeral");
    BOOST_TEST(bunker.data().member("network_profile") == "isolated");
    BOOST_TEST(bunker.data().member("session_type") == "standalone");
    BOOST_TEST(bunker.data().get("cpu_millicores").integer().value_or(0) == 1000);
    BOOST_TEST(bunker.data().get("memory_mb").integer().value_or(0) == 512);
    BOOST_TEST(bunker.data().get("disk_mb").integer().value_or(0) == 1024);
    BOOST_TEST(bunker.data().get("gpu_type").is_null());
    BOOST_TEST(bunker.data().get("worker").is_null());
    BOOST_TEST(bunker.body.find("s3cret") == std::string::npos);
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.bunkers WHERE env_vars::text LIKE '%s3cret%'") ==
               "0");
}

BOOST_AUTO_TEST_CASE(wrong_bodies_are_422_that_name_the_field) {
    Bunkers api;
    const auto check = [&](const std::string& members, const std::string& field) {
        const auto answer = api.as_admin("POST", base, R"({"image":"i")" + members + "}");
        BOOST_TEST(answer.status == 422, members);
        BOOST_TEST(names(answer, field), members << " -> " << answer.body);
    };
    BOOST_TEST(names(api.as_admin("POST", base, "{}"), "image"));
    BOOST_TEST(names(api.as_admin("POST", base, R"({"image":"a b"})"), "image"));
    check(R"(,"lifecycle_mode":"appliance")", "lifecycle_mode");
    check(R"(,"network_profile":"open")", "network_profile");
    check(R"(,"session_type":"x")", "session_type");
    check(R"(,"cpu_millicores":99)", "cpu_millicores");
    check(R"(,"memory_mb":"512")", "memory_mb");
    check(R"(,"disk_mb":0)", "disk_mb");
    check(R"(,"gpu_count":-1)", "gpu_count");
    check(R"(,"gpu_type":"a100")", "gpu_type");
    check(R"(,"bandwidth_mbit":10001)", "bandwidth_mbit");
    check(R"(,"max_lifetime_s":0)", "max_lifetime_s");
    check(R"(,"label_set":{"a":1})", "label_set.a");
    check(R"(,"env_vars":{"1A":"x"})", "env_vars.1A");
    check(R"(,"network_profile":"allowlisted")", "network_allowlist");
    check(R"(,"network_allowlist":["a.example"])", "network_allowlist");
    for (const auto* bad : {"https://a.example", "a.example/x", "**.example", "a*.example", "*.", "*",
                            "a..example", "-a.example", "a_b.example", "a.example:443"})
        check(R"(,"network_profile":"allowlisted","network_allowlist":["ok.example",")" + std::string(bad) +
                  "\"]",
              "network_allowlist[1]");
    auto answer = api.as_admin("POST", base, R"({"image":"i","interfaces":["eth1"]})");
    BOOST_TEST(answer.status == 422);
    BOOST_TEST(answer.code() == "INTERFACES_NOT_ALLOWED");
    answer = api.as_admin("POST", base, R"({"image":"i","network_profile":"transit"})");
    BOOST_TEST(answer.status == 422);
    BOOST_TEST(answer.code() == "TRANSIT_MISSING_INTERFACES");
    api.made(
        R"({"image":"i","network_profile":"allowlisted","network_allowlist":["*.a.example","b.example"]})");
    api.made(R"({"image":"i","network_profile":"transit","interfaces":["eth1"],"bandwidth_mbit":100})");
}

BOOST_AUTO_TEST_CASE(modes_and_networks_need_permissions_of_their_own) {
    Bunkers api;
    const auto bob = api.user_token("usr_bob", "tnt_a", "tenant_user");
    BOOST_TEST(api.call_as(bob, "GET", base).status == 403);
    api.call_as(bob, "GET", "/v1/me");
    api.db().sql("INSERT INTO scaigrid.users (tenant_id, id, module_permissions) VALUES ('tnt_a', 'usr_bob', "
                 "'{scaibunker:create}') ON CONFLICT (tenant_id, id) DO UPDATE SET module_permissions = "
                 "excluded.module_permissions");
    const auto create = [&](const std::string& members) {
        return api.call_as(bob, "POST", base, R"({"image":"i")" + members + "}");
    };
    BOOST_TEST(create("").status == 201);
    for (const auto* mode : {"session", "persistent"}) {
        const auto answer = create(R"(,"lifecycle_mode":")" + std::string(mode) + "\"");
        BOOST_TEST(answer.status == 403);
        BOOST_TEST(answer.code() == "LIFECYCLE_MODE_DENIED");
    }
    for (const auto* profile : {"registry", "unrestricted"}) {
        const auto answer = create(R"(,"network_profile":")" + std::string(profile) + "\"");
        BOOST_TEST(answer.status == 403);
        BOOST_TEST(answer.code() == "NETWORK_PROFILE_DENIED");
    }
    BOOST_TEST(api.call_as(bob, "GET", base + "?all_tenants=true").status == 403);
}

BOOST_AUTO_TEST_CASE(the_quota_holds_when_many_ask_at_once_and_deleting_gives_it_back) {
    Bunkers api;
    std::vector<std::thread> callers;
    std::vector<int> statuses(6);
    for (auto& status : statuses)
        callers.emplace_back(
            [&] { status = api.as_admin("POST", base, R"({"image":"i","memory_mb":16384})").status; });
    for (auto& caller : callers)
        caller.join();
    BOOST_TEST(std::count(statuses.begin(), statuses.end(), 201) == 4);
    BOOST_TEST(std::count(statuses.begin(), statuses.end(), 429) == 2);
    const auto usage = [&](const std::string& resource, const std::string& member) {
        std::int64_t out = -1;
        api.as_admin("GET", "/v1/modules/scaibunker/quota-profiles/usage")
            .data()
            .each_item([&](const Value& row) {
                if (row.member("resource") == resource)
                    out = row.get(member).integer().value_or(-1);
            });
        return out;
    };
    BOOST_TEST(usage("memory_mb", "usage") == 65536);
    BOOST_TEST(usage("memory_mb", "headroom") == 0);
    const auto refused = api.as_admin("POST", base, R"({"image":"i","memory_mb":64})");
    BOOST_TEST(refused.code() == "BUNKER_QUOTA_EXCEEDED");
    const auto id = api.as_admin("GET", base).data().at(0).member("id");
    // Pausing keeps the quota.
    BOOST_TEST(api.as_admin("POST", base + "/" + id + "/pause").data().member("status") == "paused");
    BOOST_TEST(usage("bunkers", "usage") == 4);
    BOOST_TEST(api.as_admin("DELETE", base + "/" + id + "?snapshot=true").status == 204);
    BOOST_TEST(usage("bunkers", "usage") == 3);
    BOOST_TEST(api.status(id) == "terminated");
    BOOST_TEST(api.as_admin("DELETE", base + "/" + id).status == 204);
    BOOST_TEST(api.as_admin("GET", base).data().size() == 3U);
    BOOST_TEST(api.as_admin("GET", base + "?status=terminated")
                   .data()
                   .at(0)
                   .get("snapshots")
                   .integer()
                   .value_or(0) == 1);
}

BOOST_AUTO_TEST_CASE(states_change_only_as_they_may) {
    Bunkers api;
    const auto id = api.made();
    const auto change = [&](const std::string& verb) {
        return api.as_admin("POST", base + "/" + id + "/" + verb);
    };
    BOOST_TEST(change("resume").status == 409);
    BOOST_TEST(change("pause").data().member("status") == "paused");
    BOOST_TEST(change("pause").code() == "BUNKER_STATE");
    BOOST_TEST(change("snapshot").data().get("snapshots").integer().value_or(0) == 1);
    BOOST_TEST(change("resume").data().member("status") == "running");
    api.as_admin("DELETE", base + "/" + id);
    for (const auto* verb : {"pause", "resume", "snapshot"})
        BOOST_TEST(change(verb).status == 409);
    BOOST_TEST(api.as_admin("POST", base + "/none/pause").status == 404);
}

BOOST_AUTO_TEST_CASE(what_needs_a_worker_says_that_there_is_none) {
    Bunkers api;
    const auto id = api.made();
    const auto exec = api.as_admin("POST", base + "/" + id + "/exec", R"({"command":["python","-V"]})");
    BOOST_TEST(exec.status == 503);
    BOOST_TEST(exec.code() == "WORKER_UNAVAILABLE");
    BOOST_TEST(api.as_admin("GET", base + "/" + id + "/files?path=/x").code() == "WORKER_UNAVAILABLE");
    BOOST_TEST(api.as_admin("DELETE", base + "/" + id + "/files?path=/x").code() == "WORKER_UNAVAILABLE");
    BOOST_TEST(api.as_admin("POST", base + "/none/exec", "{}").status == 404);
}

BOOST_AUTO_TEST_CASE(time_ends_bunkers) {
    Bunkers api;
    const auto brief = api.made(R"({"image":"i","max_lifetime_s":60})");
    const auto idle = api.made(R"({"image":"i","idle_timeout_s":60})");
    const auto kept = api.made(R"({"image":"i","lifecycle_mode":"persistent","idle_timeout_s":60})");
    const auto lasting = api.made(R"({"image":"i","lifecycle_mode":"persistent"})");
    BOOST_TEST(api.upkeep().bunkers_terminated == 0);
    api.db().sql("UPDATE scaigrid.bunkers SET due_at = due_at - interval '61 seconds', "
                 "created_at = created_at - interval '61 seconds'");
    const auto done = api.upkeep();
    BOOST_TEST(done.bunkers_terminated == 2);
    BOOST_TEST(done.bunkers_paused == 1);
    BOOST_TEST(api.status(brief) == "terminated");
    BOOST_TEST(api.status(idle) == "terminated");
    BOOST_TEST(api.status(kept) == "paused");
    BOOST_TEST(api.status(lasting) == "running");
}

BOOST_AUTO_TEST_CASE(another_tenant_sees_nothing_and_the_platform_asks_for_it) {
    Bunkers api;
    const auto id = api.made();
    const auto other = api.user_token("usr_zoe", "tnt_b", "tenant_admin");
    BOOST_TEST(api.call_as(other, "GET", base).data().size() == 0U);
    BOOST_TEST(api.call_as(other, "GET", base + "/" + id).status == 404);
    BOOST_TEST(api.call_as(other, "DELETE", base + "/" + id).status == 404);
    BOOST_TEST(api.call_as(other, "POST", base + "/" + id + "/exec", "{}").status == 404);
    BOOST_TEST(api.call_as(other, "GET", base + "?all_tenants=true").status == 403);
    const auto root = api.user_token("usr_root", "tnt_home", "super_admin");
    BOOST_TEST(api.call_as(root, "GET", base).data().size() == 0U);
    BOOST_TEST(api.call_as(root, "GET", base + "?all_tenants=true").data().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
