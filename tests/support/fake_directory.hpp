// A scripted ScaiKey directory on loopback, for tests of the walk: tenants, users, groups and members in any
// paging shape, with faults. The data may be changed between requests. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/http_server.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scai::test {

enum class Shape {
    data_pagination, ///< {data, pagination: {page, per_page, total, total_pages}}
    items_total,     ///< {items, total}
    data_items,      ///< {data: {items, total, has_more}}
    bare,            ///< [..]
    has_more,        ///< {results, has_more}
    has_next,        ///< {users|groups.., meta: {has_next}} under "data"
    cursor,          ///< {items, next_cursor}, the page number is ignored
};

struct FakeDirectory {
    using Rows = std::vector<std::string>; ///< JSON texts
    Rows tenants, users, groups;           ///< of every tenant; the tenant filter is applied to groups only
    std::map<std::string, Rows> members;   ///< by group
    Shape shape = Shape::data_pagination;
    std::size_t page_limit = 1000;      ///< larger per_page is cut silently
    std::size_t refuse_above = 0;       ///< larger per_page is answered with 422; 0 = never
    std::chrono::milliseconds delay{0}; ///< of every list
    bool pages_ignored = false;         ///< every page is the first one
    bool tenant_member_path = false;    ///< members live below /api/v1/tenants/..., the admin path is 404
    /// Asked first; an answer ends the request. Second argument: how often this target was asked, from 1.
    std::function<std::optional<HttpReply>(const HttpRequest&, int nth)> fault;

    std::chrono::milliseconds token_delay{0}; ///< `fault` is not asked about tokens

    std::map<std::string, int> asked; ///< by target
    int tokens = 0;
    HttpServer server{[this](const HttpRequest& request) { return answer(request); }};

    HttpReply answer(const HttpRequest& request);
    HttpReply list(const HttpRequest& request, const Rows& rows) const;
    HttpReply page(const HttpRequest& request, const Rows& rows) const;
    /// Calls to the REST API, without discovery and token endpoint.
    std::size_t calls() const;
    /// Targets that were asked more than once.
    std::vector<std::string> repeated() const;
};

/// {"detail": text} with that status.
HttpReply refusal(int status, const std::string& detail);

/// JSON of an active user of tnt_t1.
std::string small_user(const std::string& id);
/// Tenant tnt_t1 with usr_0 to usr_7: all of them are members of grp_all, the first one of grp_adm.
void fill_small(FakeDirectory& upstream);

} // namespace scai::test
