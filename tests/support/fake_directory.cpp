// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_directory.hpp"

#include "lib/base/strings.hpp"

#include <algorithm>

namespace scai::test {

namespace {

std::string joined(const FakeDirectory::Rows& rows, std::size_t from, std::size_t count) {
    std::string out;
    for (std::size_t i = from; i < std::min(rows.size(), from + count); ++i)
        out += (out.empty() ? "" : ",") + rows[i];
    return "[" + out + "]";
}

std::string text(std::size_t value) {
    return std::to_string(value);
}

} // namespace

HttpReply refusal(int status, const std::string& detail) {
    return {.status = status, .body = R"({"detail":")" + detail + "\"}"};
}

HttpReply FakeDirectory::list(const HttpRequest& request, const Rows& rows) const {
    HttpReply reply = page(request, rows);
    reply.delay = delay;
    return reply;
}

HttpReply FakeDirectory::page(const HttpRequest& request, const Rows& rows) const {
    const auto asked_size = static_cast<std::size_t>(parse_int(request.query("per_page")).value_or(20));
    if (refuse_above != 0 && asked_size > refuse_above)
        return {.status = 422, .body = R"({"detail":[{"loc":["query","per_page"],"msg":"too large"}]})"};
    const std::size_t size = std::min(asked_size, page_limit);
    auto page = static_cast<std::size_t>(parse_int(request.query("page")).value_or(1));
    if (shape == Shape::cursor)
        page = static_cast<std::size_t>(parse_int(request.query("cursor")).value_or(1));
    if (pages_ignored)
        page = 1;
    const std::size_t from = (page - 1) * size;
    const std::string array = joined(rows, from, size);
    const bool more = from + size < rows.size();
    const std::string more_text = more ? "true" : "false";
    const std::size_t pages = (rows.size() + size - 1) / size;
    switch (shape) {
    case Shape::data_pagination:
        return {.body = R"({"data":)" + array + R"(,"pagination":{"page":)" + text(page) + R"(,"per_page":)" +
                        text(size) + R"(,"total":)" + text(rows.size()) + R"(,"total_pages":)" + text(pages) +
                        R"(},"meta":{}})"};
    case Shape::items_total:
        return {.body = R"({"items":)" + array + R"(,"total":)" + text(rows.size()) + "}"};
    case Shape::data_items:
        return {.body = R"({"data":{"items":)" + array + R"(,"total":)" + text(rows.size()) + "}}"};
    case Shape::bare:
        return {.body = array};
    case Shape::has_more:
        return {.body = R"({"results":)" + array + R"(,"has_more":)" + more_text + "}"};
    case Shape::has_next:
        return {.body = R"({"data":)" + array + R"(,"meta":{"has_next":)" + more_text + "}}"};
    case Shape::cursor:
        return {.body = R"({"items":)" + array + R"(,"next_cursor":)" +
                        (more ? "\"" + text(page + 1) + "\"" : "null") + "}"};
    }
    return {.status = 500};
}

HttpReply FakeDirectory::answer(const HttpRequest& request) {
    if (request.path.ends_with("openid-configuration"))
        return {.status = 404};
    if (request.path.ends_with("/oauth/token"))
        return {.body = R"({"access_token":"token-)" + std::to_string(++tokens) +
                        R"(","token_type":"Bearer","expires_in":3600})",
                .delay = token_delay};
    const int nth = ++asked[request.target];
    if (fault)
        if (auto reply = fault(request, nth))
            return *reply;
    const auto parts = split_list(request.path, '/'); // api v1 ...
    if (request.path == "/api/v1/admin/tenants/")
        return list(request, tenants);
    if (request.path == "/api/v1/admin/groups/") {
        Rows mine;
        const std::string wanted = "\"tenant_id\":\"" + request.query("tenant_id") + "\"";
        for (const std::string& group : groups)
            if (request.query("tenant_id").empty() || group.find(wanted) != std::string::npos)
                mine.push_back(group);
        return list(request, mine);
    }
    if (request.path.ends_with("/effective-users"))
        return list(request, users);
    const bool tenant_path = request.path.starts_with("/api/v1/tenants/");
    if (request.path.ends_with("/members") && parts.size() >= 5 && tenant_path == tenant_member_path) {
        const auto found = members.find(parts[parts.size() - 2]);
        if (found != members.end())
            return list(request, found->second);
    }
    if (parts.size() == 5 && parts[3] == "tenants")
        for (const std::string& tenant : tenants)
            if (tenant.find("\"" + parts[4] + "\"") != std::string::npos)
                return {.body = tenant};
    return refusal(404, "Not Found");
}

std::size_t FakeDirectory::calls() const {
    std::size_t count = 0;
    for (const auto& [target, times] : asked)
        count += static_cast<std::size_t>(times);
    return count;
}

std::vector<std::string> FakeDirectory::repeated() const {
    std::vector<std::string> out;
    for (const auto& [target, times] : asked)
        if (times > 1)
            out.push_back(target);
    return out;
}

std::string small_user(const std::string& id) {
    return R"({"id":")" + id + R"(","tenant_id":"tnt_t1","email":")" + id +
           R"(@t.test","display_name":"N","status":"ACTIVE"})";
}

void fill_small(FakeDirectory& upstream) {
    upstream.tenants = {R"({"id":"tnt_t1","name":"T","slug":"t","status":"ACTIVE"})"};
    for (int i = 0; i < 8; ++i)
        upstream.users.push_back(small_user("usr_" + std::to_string(i)));
    for (const char* id : {"grp_adm", "grp_all"})
        upstream.groups.push_back(R"({"id":")" + std::string(id) +
                                  R"(","tenant_id":"tnt_t1","name":"G","status":"ACTIVE"})");
    upstream.members["grp_adm"] = {upstream.users[0]};
    upstream.members["grp_all"] = upstream.users;
}

} // namespace scai::test
