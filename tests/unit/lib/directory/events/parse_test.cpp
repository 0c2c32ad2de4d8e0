// SPDX-License-Identifier: Apache-2.0
#include "lib/directory/events/rules.hpp"

#include <boost/test/unit_test.hpp>

using namespace scai::directory::events;

namespace {

Event read(std::string_view text, std::string_view id_header = "", std::string_view type_header = "") {
    const auto body = scai::json::parse(text);
    BOOST_REQUIRE(body);
    auto event = parse_event(*body, text, id_header, type_header);
    BOOST_REQUIRE(event);
    return *event;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_directory_events_parse)

BOOST_AUTO_TEST_CASE(envelope_of_scaiflow_is_read) {
    const Event event = read(
        R"({"type":"group_membership.added","id":"evt_42","created_at":"2026-05-06T07:00:00Z","data":{"user_id":"usr_7k","group_id":"grp_fin","tenant_id":"tnt_acme"}})");
    BOOST_TEST((event.kind == Kind::member));
    BOOST_TEST(event.id == "evt_42");
    BOOST_TEST(event.tenant_id == "tnt_acme");
    BOOST_TEST(event.object_id == "grp_fin");
    BOOST_TEST(event.user_id == "usr_7k");
    BOOST_TEST(event.patch.deleted.value() == false);
    BOOST_TEST(scai::to_iso8601(event.at.value()) == "2026-05-06T07:00:00Z");
    BOOST_TEST(event.identified);
}

BOOST_AUTO_TEST_CASE(envelope_of_scaikey_is_read) {
    const Event event = read(
        R"({"event_id":"evt_A1","event_type":"user.created","timestamp":"2026-05-20T08:00:00Z","resource":{"type":"user","id":"usr_bo1"},"actor":{"id":null,"type":"scim"},"data":{"id":"usr_bo1","email":"bo@acme.test","first_name":"Bo","last_name":"Berg","status":"ACTIVE","tenant":{"id":"tnt_t1","name":"Acme","slug":"acme"}},"tenant_id":"tnt_t1","partner_id":"prt_p1"})");
    BOOST_TEST((event.kind == Kind::user));
    BOOST_TEST(event.id == "evt_A1");
    BOOST_TEST(event.tenant_id == "tnt_t1");
    BOOST_TEST(event.object_id == "usr_bo1");
    BOOST_TEST(event.patch.email.value() == "bo@acme.test");
    BOOST_TEST(event.patch.name.value() == "Bo Berg");
    BOOST_TEST(event.patch.status.value() == "ACTIVE");
    BOOST_TEST(event.patch.deleted.value() == false);
}

BOOST_AUTO_TEST_CASE(tenant_is_found_in_every_documented_place) {
    for (const auto* text :
         {R"({"type":"user.updated","id":"e","tenant_id":"t1","data":{"id":"u"}})",
          R"({"type":"user.updated","id":"e","data":{"id":"u","tenant_id":"t1"}})",
          R"({"type":"user.updated","id":"e","data":{"id":"u","tenant":{"id":"t1"}}})",
          R"({"type":"user.updated","id":"e","data":{"user":{"id":"u","tenant_id":"t1"}}})"})
        BOOST_TEST(read(text).tenant_id == "t1");
    BOOST_TEST(read(R"({"type":"user.updated","id":"e","data":{"id":"u"}})").tenant_id == "");
}

BOOST_AUTO_TEST_CASE(user_id_is_found_in_every_documented_place) {
    for (const auto* text :
         {R"({"type":"user.deleted","id":"e","data":{"user_id":"u1"}})",
          R"({"type":"user.deleted","id":"e","data":{"id":"u1"}})",
          R"({"type":"user.deleted","id":"e","data":{"user":{"id":"u1"}}})",
          R"({"type":"user.deleted","id":"e","data":{},"resource":{"type":"user","id":"u1"}})",
          R"({"type":"user.deleted","id":"e","resource":{"type":"USER","id":"u1"}})"}) {
        BOOST_TEST(read(text).object_id == "u1");
        BOOST_TEST(read(text).patch.deleted.value());
    }
}

BOOST_AUTO_TEST_CASE(id_of_the_wrong_resource_is_not_taken) {
    const Event event = read(R"({"type":"user.deleted","id":"e","resource":{"type":"group","id":"g1"}})");
    BOOST_TEST(!event.identified);
    // data.id of a membership event is nobody's id
    BOOST_TEST(
        !read(R"({"type":"group.member_added","id":"e","data":{"id":"x","group_id":"g"}})").identified);
    BOOST_TEST(!read(R"({"type":"group.member_added","id":"e","data":{"id":"x","user_id":"u"}})").identified);
}

BOOST_AUTO_TEST_CASE(group_of_a_membership_may_come_from_the_resource) {
    const Event event = read(
        R"({"event_type":"group.member_removed","event_id":"e","data":{"user":{"id":"u"}},"resource":{"type":"group","id":"g"}})");
    BOOST_TEST(event.object_id == "g");
    BOOST_TEST(event.user_id == "u");
    BOOST_TEST(event.patch.deleted.value());
    BOOST_TEST(event.identified);
}

BOOST_AUTO_TEST_CASE(both_spellings_of_memberships_mean_the_same) {
    for (const auto* type : {"group_membership.added", "group.member_added", "GROUP.Member_Added"}) {
        const Event event =
            read(std::string(R"({"id":"e","data":{"group_id":"g","user_id":"u"},"type":")") + type + "\"}");
        BOOST_TEST((event.kind == Kind::member));
        BOOST_TEST(!event.patch.deleted.value());
    }
    for (const auto* type : {"group_membership.removed", "group.member_removed"}) {
        const Event event =
            read(std::string(R"({"id":"e","data":{"group_id":"g","user_id":"u"},"type":")") + type + "\"}");
        BOOST_TEST(event.patch.deleted.value());
    }
}

BOOST_AUTO_TEST_CASE(nested_group_member_is_recognised) {
    for (
        const auto* text :
        {R"({"type":"group.member_added","id":"e","data":{"group_id":"g","member_id":"g2","member_type":"GROUP"}})",
         R"({"type":"group.member_added","id":"e","data":{"group_id":"g","child_group_id":"g2"}})",
         R"({"type":"group.member_added","id":"e","data":{"group_id":"g","member":{"id":"g2","type":"group"}}})"}) {
        BOOST_TEST(read(text).nested);
        BOOST_TEST(read(text).identified);
    }
    BOOST_TEST(
        !read(
             R"({"type":"group.member_added","id":"e","data":{"group_id":"g","member_id":"u","member_type":"user"}})")
             .nested);
}

BOOST_AUTO_TEST_CASE(type_says_the_status_where_the_data_do_not) {
    BOOST_TEST(read(R"({"type":"user.suspended","id":"e","data":{"id":"u"}})").patch.status.value() ==
               "SUSPENDED");
    BOOST_TEST(read(R"({"type":"user.activated","id":"e","data":{"id":"u"}})").patch.status.value() ==
               "ACTIVE");
    BOOST_TEST(read(R"({"type":"user.suspended","id":"e","data":{"id":"u","status":"LOCKED"}})")
                   .patch.status.value() == "LOCKED");
    BOOST_TEST(read(R"({"type":"user.suspended","id":"e","data":{"id":"u","status":"ACTIVE"}})")
                   .patch.status.value() == "SUSPENDED"); // the state before the change
    BOOST_TEST(!read(R"({"type":"user.suspended","id":"e","data":{"id":"u"}})").patch.deleted.has_value());
}

BOOST_AUTO_TEST_CASE(row_that_says_it_is_deleted_is_gone_whatever_the_type) {
    BOOST_TEST(
        read(R"({"type":"user.updated","id":"e","data":{"id":"u","deleted_at":"2026-01-01T00:00:00Z"}})")
            .patch.deleted.value());
    const Event event = read(R"({"type":"group.updated","id":"e","data":{"id":"g","status":"deleted"}})");
    BOOST_TEST(event.patch.deleted.value());
    BOOST_TEST(!event.patch.status.has_value());
    BOOST_TEST(!read(R"({"type":"user.updated","id":"e","data":{"id":"u","deleted_at":null}})")
                    .patch.deleted.value());
}

BOOST_AUTO_TEST_CASE(absent_and_null_members_stay_as_they_are) {
    const Event event =
        read(R"({"type":"user.updated","id":"e","data":{"id":"u","email":null,"first_name":"Bo"}})");
    BOOST_TEST(!event.patch.email.has_value());
    BOOST_TEST(!event.patch.name.has_value()); // half a name is none
    BOOST_TEST(!event.patch.status.has_value());
}

BOOST_AUTO_TEST_CASE(members_of_a_wrong_type_are_absent) {
    const Event event = read(
        R"({"event_type":"user.updated","event_id":7,"timestamp":[],"tenant_id":{},"resource":"user","data":{"id":9,"email":["x"],"user":3}})");
    BOOST_TEST(event.id.starts_with("sha256:"));
    BOOST_TEST(!event.identified);
    BOOST_TEST(!event.at.has_value());
    BOOST_TEST(event.tenant_id == "");
    BOOST_TEST(!read(R"({"type":"user.updated","id":"e","data":"x"})").identified);
}

BOOST_AUTO_TEST_CASE(tenant_event_names_its_tenant) {
    const Event event = read(
        R"({"event_type":"tenant.updated","event_id":"e","tenant_id":"t1","data":{"id":"t1","name":"Acme","slug":"acme","status":"SUSPENDED"}})");
    BOOST_TEST((event.kind == Kind::tenant));
    BOOST_TEST(event.object_id == "t1");
    BOOST_TEST(event.tenant_id == "t1");
    BOOST_TEST(event.patch.status.value() == "SUSPENDED");
    BOOST_TEST(event.patch.slug.value() == "acme");
    BOOST_TEST(read(R"({"type":"tenant.deleted","id":"e","data":{"tenant":{"id":"t2"}}})").object_id == "t2");
}

BOOST_AUTO_TEST_CASE(unknown_types_are_events_too) {
    for (const auto* type : {"user.password_changed", "user.mfa_enabled", "partner.created",
                             "session.revoked", "application.created", "", "user"}) {
        const Event event = read(std::string(R"({"event_id":"e","event_type":")") + type + "\"}");
        BOOST_TEST((event.kind == Kind::unknown));
        BOOST_TEST(event.id == "e");
    }
    BOOST_TEST((read("{}").kind == Kind::unknown));
}

BOOST_AUTO_TEST_CASE(headers_serve_only_where_the_body_is_silent) {
    BOOST_TEST(read(R"({"data":{"id":"u"}})", "evt_h", "user.deleted").id == "evt_h");
    BOOST_TEST((read(R"({"data":{"id":"u"}})", "evt_h", "user.deleted").kind == Kind::user));
    const Event event = read(R"({"event_id":"evt_b","event_type":"group.deleted","data":{"id":"g"}})",
                             "evt_h", "user.deleted");
    BOOST_TEST(event.id == "evt_b");
    BOOST_TEST((event.kind == Kind::group));
}

BOOST_AUTO_TEST_CASE(event_without_an_id_is_known_by_its_bytes) {
    const std::string text = R"({"type":"user.deleted","data":{"id":"u"}})";
    BOOST_TEST(read(text).id == read(text).id);
    BOOST_TEST(read(text).id != read(text + " ").id);
    BOOST_TEST(read(R"({"id":")" + std::string(300, 'x') + "\"}").id.starts_with("sha256:"));
}

BOOST_AUTO_TEST_CASE(oversized_ids_do_not_identify) {
    const std::string longest(255, 'u');
    BOOST_TEST(read(R"({"type":"user.deleted","id":"e","data":{"id":")" + longest + "\"}}").identified);
    BOOST_TEST(!read(R"({"type":"user.deleted","id":"e","data":{"id":")" + longest + "u\"}}").identified);
}

BOOST_AUTO_TEST_CASE(times_are_read_tolerantly) {
    const auto at = [](const std::string& time) {
        const auto event = read(R"({"type":"user.deleted","id":"e","timestamp":)" + time + "}");
        return event.at ? scai::to_iso8601(*event.at) : "";
    };
    BOOST_TEST(at(R"("2026-05-20T08:00:00Z")") == "2026-05-20T08:00:00Z");
    BOOST_TEST(at(R"("2026-05-20T10:00:00+02:00")") == "2026-05-20T08:00:00Z");
    BOOST_TEST(at(R"("2026-05-20T08:00:00.5")") == "2026-05-20T08:00:00.500000Z");
    BOOST_TEST(at(R"("2026-05-20 08:00:00")") == "2026-05-20T08:00:00Z");
    BOOST_TEST(at("1779264000") == "2026-05-20T08:00:00Z");
    for (const auto* bad :
         {R"("yesterday")", R"("")", "null", "-5", "1e300", "true", R"("2026-02-30T00:00:00Z")"})
        BOOST_TEST(at(bad) == "");
}

BOOST_AUTO_TEST_CASE(body_that_is_no_object_is_refused) {
    const auto body = scai::json::parse("[1]");
    BOOST_REQUIRE(body);
    const auto event = parse_event(*body, "[1]", "", "");
    BOOST_REQUIRE(!event);
    BOOST_TEST((event.error().kind == scai::ErrorKind::bad_request));
}

BOOST_AUTO_TEST_SUITE_END()
