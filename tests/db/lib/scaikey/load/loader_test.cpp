// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/load/loader.hpp"

#include "lib/crypto/crypto.hpp"
#include "tests/support/scaikey_directory.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

using test::Directory;
namespace load = scaikey::load;

BOOST_AUTO_TEST_SUITE(lib_scaikey_load)

namespace {

/// A file below the scratch folder that goes with the object.
class File {
public:
    explicit File(const std::string& text) {
        std::string name = (std::filesystem::temp_directory_path() / "scai-load-XXXXXX").string();
        const int descriptor = mkstemp(name.data());
        if (descriptor < 0)
            throw std::runtime_error("mkstemp");
        close(descriptor);
        path = name;
        std::ofstream(path) << text;
    }
    ~File() { std::filesystem::remove(path); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    std::string path;
};

struct Stage {
    Directory d;
    scai::db::Pool pool{d.db.settings("scaikey_jobs")};

    std::string run(const load::Sources& sources, bool dry_run = false) {
        auto result = load::load(pool, sources, dry_run);
        return result ? result->dump() : "refused: " + result.error().message;
    }
    std::string json(const std::string& text, bool dry_run = false) {
        const File file(text);
        load::Sources sources;
        sources.json_file = file.path;
        auto out = run(sources, dry_run);
        if (const auto at = out.find(file.path); at != std::string::npos)
            out.replace(at, file.path.size(), "FILE");
        return out;
    }
    std::string count(const std::string& table) const {
        return d.db.value("SELECT count(*) FROM scaikey." + table);
    }
};

const std::string small = R"({"tenants":[{"slug":"acme","name":"Acme"}],
  "users":[{"tenant":"acme","email":"bo@acme.test","password":"correct-horse"},{"tenant":"acme","email":"al@acme.test"}],
  "groups":[{"tenant":"acme","name":"Ops"},{"tenant":"acme","name":"Duty"}],
  "memberships":[{"tenant":"acme","group":"Ops","user":"BO@acme.test"},{"tenant":"acme","group":"Ops","member_group":"Duty"}]})";

} // namespace

BOOST_AUTO_TEST_CASE(a_document_is_loaded_once_and_changes_nothing_the_second_time) {
    Stage s;
    const auto first = s.json(small);
    BOOST_TEST(first.find(R"("users":{"added":2,"updated":0})") != std::string::npos);
    BOOST_TEST(first.find(R"("memberships":{"added":2,"updated":0})") != std::string::npos);
    const auto second = s.json(small);
    BOOST_TEST(second.find(R"("added":1)") == std::string::npos);
    BOOST_TEST(second.find(R"("added":2)") == std::string::npos);
    BOOST_TEST(second.find(R"("updated":1)") == std::string::npos);
    const auto hash = s.d.db.value("SELECT password_hash FROM scaikey.users WHERE email = 'bo@acme.test'");
    BOOST_TEST(scai::crypto::verify_password("correct-horse", hash));
    BOOST_TEST(s.d.db.value("SELECT users || ' ' || groups FROM scaikey.tenant_stats") == "2 2");
    BOOST_TEST(s.d.db.value("SELECT member_count FROM scaikey.groups WHERE name = 'Ops'") == "2");
    BOOST_TEST(s.count("events") == "0");
}

BOOST_AUTO_TEST_CASE(a_second_load_updates_profiles_but_not_passwords) {
    Stage s;
    s.json(small);
    const auto before = s.d.db.value("SELECT password_hash FROM scaikey.users WHERE email = 'bo@acme.test'");
    const auto out = s.json(
        R"({"users":[{"tenant":"acme","email":"bo@acme.test","title":"Chief","password":"another-password"}]})");
    BOOST_TEST(out.find(R"("users":{"added":0,"updated":1})") != std::string::npos);
    BOOST_TEST(s.d.db.value("SELECT title FROM scaikey.users WHERE email = 'bo@acme.test'") == "Chief");
    BOOST_TEST(s.d.db.value("SELECT password_hash FROM scaikey.users WHERE email = 'bo@acme.test'") ==
               before);
}

BOOST_AUTO_TEST_CASE(what_was_deleted_by_hand_does_not_come_back) {
    Stage s;
    const std::string with_id =
        R"({"tenants":[{"slug":"acme","name":"Acme"}],"users":[{"id":"usr_fixed","tenant":"acme","email":"bo@acme.test"}]})";
    s.json(with_id);
    BOOST_TEST(s.d.remove("/v1/admin/users/usr_fixed").status == 204);
    BOOST_TEST(s.json(with_id).find(R"("users":{"added":0,"updated":0})") != std::string::npos);
    BOOST_TEST(s.d.get("/v1/admin/users/usr_fixed").status == 404);
}

BOOST_AUTO_TEST_CASE(bad_input_is_named_and_loads_nothing) {
    Stage s;
    const std::string tenant = R"("tenants":[{"slug":"acme","name":"Acme"}])";
    const std::pair<std::string, std::string> cases[] = {
        {R"({"users":[{"tenant":"nowhere","email":"a@b"}]})", "user a@b names the unknown tenant nowhere"},
        {R"({"users":[{"tenant":"acme"}]})", "users[0]: email is required"},
        {R"({"users":[{"tenant":"acme","email":"nonsense"}]})", "users[0]: email is no e-mail address"},
        {R"({"users":[{"tenant":"acme","email":"a@b","phone":"1"}]})", "users[0]: unknown member \"phone\""},
        {R"({"users":[{"tenant":"acme","email":1}]})", "users[0]: email must be a string"},
        {R"({"users":{}})", "users: must be an array"},
        {R"({"people":[]})", "unknown section \"people\""},
        {R"([1])", "FILE: a JSON object is required"},
        {"{" + tenant + R"(,"users":[{"tenant":"acme","email":"a@b","status":"GONE"}]})",
         "user a@b has the unknown status GONE"},
        {"{" + tenant +
             R"(,"groups":[{"tenant":"acme","name":"A"}],"memberships":[{"tenant":"acme","group":"A","user":"x@y"}]})",
         "membership 0 (group A, member x@y) names something that does not exist in tenant acme"},
        {"{" + tenant + R"(,"memberships":[{"tenant":"acme","group":"A","user":"x@y","member_group":"B"}]})",
         "memberships[0]: exactly one of user and member_group is required"},
        {"{" + tenant +
             R"(,"groups":[{"tenant":"acme","name":"A"},{"tenant":"acme","name":"B"}],"memberships":[
            {"tenant":"acme","group":"A","member_group":"B"},{"tenant":"acme","group":"B","member_group":"A"}]})",
         "group A would contain itself"},
        {R"({"applications":[{"client_id":"c","name":"n","application_type":"WEB"}]})",
         "applications[0].client_secret: is required for WEB and SERVICE"},
    };
    for (const auto& [text, message] : cases) {
        const auto out = s.json(text);
        // Which group of a circle is named depends on the generated ids.
        BOOST_TEST((out == "refused: " + message || out == "refused: group B would contain itself"), out);
    }
    BOOST_TEST(s.count("tenants") == "0");
    BOOST_TEST(s.count("users") == "0");
    load::Sources missing;
    missing.json_file = "/nonexistent/file.json";
    BOOST_TEST(s.run(missing) == "refused: /nonexistent/file.json: cannot be read");
    BOOST_TEST(s.run({}) == "refused: there is no file, no --generate and no --assign; --help lists them");
}

BOOST_AUTO_TEST_CASE(a_dry_run_counts_and_writes_nothing) {
    Stage s;
    const auto out = s.json(small, /*dry_run=*/true);
    BOOST_TEST(out.find(R"("users":{"added":2,"updated":0})") != std::string::npos);
    BOOST_TEST(out.find(R"("dry_run":true)") != std::string::npos);
    BOOST_TEST(s.count("tenants") == "0");
}

BOOST_AUTO_TEST_CASE(csv_files_load_the_same_directory) {
    Stage s;
    const File tenants("slug,name\nacme,Acme\n");
    const File users("email,tenant,display_name\nbo@acme.test,acme,\"Berg, Bo\"\n");
    const File groups("tenant,name\nacme,Ops\n");
    const File members("tenant,group,user,member_group\nacme,Ops,bo@acme.test,\n");
    load::Sources sources;
    sources.tenants_csv = tenants.path;
    sources.users_csv = users.path;
    sources.groups_csv = groups.path;
    sources.memberships_csv = members.path;
    BOOST_TEST(s.run(sources).find(R"("memberships":{"added":1,"updated":0})") != std::string::npos);
    BOOST_TEST(s.d.db.value("SELECT display_name FROM scaikey.users") == "Berg, Bo");
}

BOOST_AUTO_TEST_CASE(a_generated_directory_has_exactly_what_was_asked_for) {
    Stage s;
    load::Sources sources;
    sources.generate = *load::parse_generate("users=101,groups=10,memberships=500,tenants=2,nested=4");
    BOOST_TEST(
        s.run(sources).find(R"("generated":{"tenants":2,"users":101,"groups":10,"memberships":504})") !=
        std::string::npos);
    BOOST_TEST(s.count("users") == "101");
    BOOST_TEST(s.count("group_members") == "504");
    BOOST_TEST(s.d.db.value("SELECT sum(member_count) FROM scaikey.groups") == "504");
    BOOST_TEST(s.run(sources).find(R"("generated":{"tenants":0,"users":0,"groups":0,"memberships":0})") !=
               std::string::npos);
    // Every group of it can be assigned at once.
    const auto app =
        s.d.made("/v1/admin/applications/", R"({"name":"Flow","application_type":"SPA","scope":"GLOBAL"})");
    load::Sources assign;
    assign.assign = "Flow";
    BOOST_TEST(s.run(assign).find(R"("assigned_groups":10)") != std::string::npos);
    const auto tenant = s.d.get("/v1/admin/tenants/").row(0, "id");
    const auto effective = s.d.get("/v1/tenants/" + tenant + "/applications/" + app + "/effective-users");
    BOOST_TEST(effective.total() >= 50);
    assign.assign = "Nothing";
    BOOST_TEST(s.run(assign) == "refused: --assign: there is no such application");
}

BOOST_AUTO_TEST_CASE(the_demo_directory_loads) {
    Stage s;
    load::Sources sources;
    const char* folder = std::getenv("SCAI_SQL_DIR");
    sources.json_file = std::string(folder ? folder : "sql") + "/scaikey/demo.json";
    BOOST_TEST(s.run(sources).find(R"("users":{"added":12,"updated":0})") != std::string::npos);
    BOOST_TEST(s.d.get("/v1/admin/users/usr_demoadmin").body.member("admin_role") == "super_admin");
    BOOST_TEST(scai::crypto::verify_password(
        "demo-admin-1", s.d.db.value("SELECT password_hash FROM scaikey.users WHERE id = 'usr_demoadmin'")));
}

BOOST_AUTO_TEST_CASE(applications_of_a_document_are_registered_and_assigned) {
    Stage s;
    s.json(small);
    const std::string apps =
        R"({"applications":[{"client_id":"flow","client_secret":"a-long-secret","name":"Flow",
        "application_type":"WEB","redirect_uris":["https://flow.test/cb"],"allowed_scopes":["openid","admin:read"],
        "assign":[{"tenant":"acme","group":"Ops"},{"tenant":"acme","user":"al@acme.test"}]}]})";
    BOOST_TEST(s.json(apps).find(R"("assignments":{"added":2,"updated":0})") != std::string::npos);
    BOOST_TEST(s.json(apps).find(R"("assignments":{"added":0,"updated":0})") != std::string::npos);
    BOOST_TEST(s.d.db.value("SELECT client_secret_hash FROM scaikey.applications") ==
               scai::crypto::to_hex(scai::crypto::sha256("a-long-secret")));
}

BOOST_AUTO_TEST_SUITE_END()
