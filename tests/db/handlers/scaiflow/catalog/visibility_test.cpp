// Who sees which package: random packages, groups and people; the SQL against the rule written once more,
// plainly. SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaiflow/catalog/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <set>

namespace {

struct Person {
    std::string tenant, id, role;
    std::set<std::string> groups; ///< live memberships
};
struct Package {
    std::string tenant, id, author, visibility;
    std::set<std::string> groups;
    bool deleted;
};

/// contract scaiflow-api.md 2.6; tenant_admin sees what he may change.
bool sees(const Person& person, const Package& package) {
    if (package.deleted)
        return false;
    if (person.role == "super_admin")
        return true;
    if (person.tenant != package.tenant)
        return false;
    if (person.role == "tenant_admin" || person.id == package.author || package.visibility == "tenant")
        return true;
    return std::any_of(package.groups.begin(), package.groups.end(),
                       [&](const std::string& group) { return person.groups.contains(group); });
}

std::string quoted(const std::string& text) {
    return "'" + text + "'";
}

struct World : test::CatalogFixture {
    std::vector<Person> people;
    std::vector<Package> packages;
    std::minstd_rand random{20260601};

    std::size_t below(std::size_t limit) { return random() % limit; }

    void fill() {
        db.sql("DELETE FROM scaiflow.memberships; DELETE FROM scaiflow.users");
        // The same ids in both tenants: nothing may match across.
        const char* roles[] = {"", "", "", "", "tenant_admin", "super_admin"};
        for (const std::string tenant : {"t1", "t2"})
            for (std::size_t i = 0; i < 12; ++i)
                add_person({tenant, "u" + std::to_string(i), roles[below(6)], {}});
        for (std::size_t i = 0; i < 150; ++i)
            add_package(i);
    }
    void add_person(Person person) {
        db.sql("INSERT INTO scaiflow.users (tenant_id, id, seen_by) VALUES (" + quoted(person.tenant) + ", " +
               quoted(person.id) + ", 'webhook')");
        for (const std::string group : {"a", "b", "c", "d"}) {
            const auto chance = below(6);
            if (chance > 2)
                continue;
            db.sql("INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id, deleted_at) VALUES (" +
                   quoted(person.tenant) + ", " + quoted(group) + ", " + quoted(person.id) + ", " +
                   (chance == 2 ? "now()" : "NULL") + ")");
            if (chance < 2)
                person.groups.insert(group);
        }
        people.push_back(std::move(person));
    }
    void add_package(std::size_t number) {
        Package package{.tenant = below(2) == 0 ? "t1" : "t2",
                        .id = "p" + std::to_string(number),
                        .author = "u" + std::to_string(below(12)),
                        .visibility = below(3) == 0 ? "tenant" : "groups",
                        .groups = {},
                        .deleted = below(8) == 0};
        std::string array;
        for (const std::string group : {"a", "b", "c", "d"})
            if (below(3) == 0) { // also of packages for the tenant: then they must not matter
                package.groups.insert(group);
                array += (array.empty() ? "" : ",") + group;
            }
        db.sql("INSERT INTO scaiflow.catalog_packages (tenant_id, package_id, name, version, author_id, "
               "visibility, "
               "visibility_group_ids, deleted_at) VALUES (" +
               quoted(package.tenant) + ", " + quoted(package.id) + ", 'n', '1.0.0', " +
               quoted(package.author) + ", " + quoted(package.visibility) + ", '{" + array + "}', " +
               (package.deleted ? "now()" : "NULL") + ")");
        packages.push_back(std::move(package));
    }
    scai::web::Principal principal(const Person& person) const {
        auto out = this->person("nobody");
        out.subject = person.id;
        out.tenant_id = person.tenant;
        out.admin_role = person.role;
        return out;
    }
    std::set<std::string> listed(const std::string& query = "") {
        std::set<std::string> out;
        std::string cursor;
        do {
            const auto answer =
                call("GET", "/v1/catalog?limit=7" + query + (cursor.empty() ? "" : "&cursor=" + cursor));
            BOOST_REQUIRE(answer.status == 200);
            answer.json.each_item(
                [&](const scai::json::Value& item) { out.insert(item.member("package_id")); });
            cursor = answer.headers.contains("X-Next-Cursor") ? answer.headers.at("X-Next-Cursor") : "";
        } while (!cursor.empty());
        return out;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(handlers_scaiflow_catalog_visibility, World)

BOOST_AUTO_TEST_CASE(sql_agrees_with_the_rule_for_everybody_and_everything) {
    fill();
    std::size_t seen = 0;
    for (const auto& person : people) {
        who = principal(person);
        std::set<std::string> expected;
        for (const auto& package : packages)
            if (sees(person, package))
                expected.insert(package.id);
        BOOST_TEST_CONTEXT(person.tenant << "/" << person.id << " " << person.role) {
            BOOST_TEST(listed() == expected, boost::test_tools::per_element());
        }
        seen += expected.size();
        // One package at a time goes by the same decision: versions answers without a stored version.
        for (std::size_t i = below(5); i < packages.size(); i += 5) {
            const auto status = call("GET", "/v1/catalog/" + packages[i].id + "/versions").status;
            BOOST_TEST(status == (sees(person, packages[i]) ? 200 : 404),
                       person.tenant << "/" << person.id << " " << person.role << " " << packages[i].id);
        }
    }
    BOOST_TEST(seen > people.size() * 10);
    BOOST_TEST(seen < people.size() * packages.size() / 2);
}

BOOST_AUTO_TEST_CASE(a_service_sees_what_its_tenant_sees_and_is_in_no_group) {
    fill();
    who = principal(people.front());
    who.admin_role.clear();
    who.service = true;
    std::set<std::string> expected;
    for (const auto& package : packages)
        if (!package.deleted && package.tenant == who.tenant_id &&
            (package.visibility == "tenant" || package.author == who.subject))
            expected.insert(package.id);
    BOOST_TEST(listed() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
