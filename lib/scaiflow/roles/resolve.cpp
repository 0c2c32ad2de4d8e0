// What the entries of SCAIFLOW_SUPER_ADMIN_GROUPS stand for. A name counts only in the home tenant: whoever
// may create a group in some tenant would otherwise make himself super_admin of all. SPDX-License-Identifier:
// Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/scaiflow/roles/roles.hpp"

#include <algorithm>
#include <map>

namespace scaiflow::roles {

namespace {

constexpr auto list_tenants =
    "SELECT id, coalesce(slug, '') FROM scaiflow.tenants WHERE deleted_at IS NULL ORDER BY id";

// Rank: living id, living name, deleted id, deleted name. Names only in the one tenant given.
constexpr auto find_groups = R"(
WITH entry AS (SELECT DISTINCT e FROM unnest(:p1::text[]) AS t(e)),
match AS (
  SELECT e, g.tenant_id, g.id, g.name, CASE WHEN g.deleted_at IS NULL THEN 1 ELSE 3 END AS rank
    FROM entry JOIN scaiflow.groups g ON g.id = e
   UNION ALL
  SELECT e, g.tenant_id, g.id, g.name, CASE WHEN g.deleted_at IS NULL THEN 2 ELSE 4 END
    FROM entry JOIN scaiflow.groups g ON g.name = e AND g.tenant_id = :p2 AND g.id <> e),
best AS (SELECT e, min(rank) AS rank FROM match GROUP BY e)
SELECT m.e, m.tenant_id, m.id, m.name, m.rank
  FROM match m
  JOIN best b ON b.e = m.e AND b.rank = m.rank
 ORDER BY m.e, m.tenant_id, m.id)";

struct Home {
    std::string tenant;      ///< "" = names do not resolve
    bool required = false;   ///< several tenants and none named
    std::string explanation; ///< why names do not resolve
};

Home find_home(scai::db::Reader& reader, const std::string& wanted) {
    const auto tenants = reader.all<std::string, std::string>(list_tenants);
    Home home;
    if (wanted.empty()) {
        if (tenants.size() == 1)
            home.tenant = std::get<0>(tenants.front());
        else if (tenants.size() > 1) {
            home.required = true;
            home.explanation =
                "names are looked up only in SCAIFLOW_HOME_TENANT, which must be set because " +
                std::to_string(tenants.size()) + " tenants are mirrored; a group id works without it";
        } else
            home.explanation = "no tenant is mirrored yet";
        return home;
    }
    std::vector<std::string> by_slug;
    for (const auto& [id, slug] : tenants) {
        if (id == wanted) {
            home.tenant = id;
            return home;
        }
        if (slug == wanted)
            by_slug.push_back(id);
    }
    if (by_slug.size() == 1)
        home.tenant = by_slug.front();
    else
        home.explanation =
            by_slug.empty()
                ? "the tenant of SCAIFLOW_HOME_TENANT (" + wanted + ") is not mirrored"
                : "several tenants have the slug " + wanted + " of SCAIFLOW_HOME_TENANT: use the tenant's id";
    return home;
}

struct Match {
    std::string tenant_id, group_id, name;
    int rank;
};

void judge(Resolved& out, const std::vector<Match>& matches, const Home& home) {
    const std::string prefix = "SCAIFLOW_SUPER_ADMIN_GROUPS entry \"" + out.entry + "\": ";
    if (matches.empty()) {
        out.problem = home.required ? "home_tenant_required" : "unknown";
        out.text = prefix + "no group has this id" +
                   (home.explanation.empty() ? " or, in the home tenant " + home.tenant +
                                                   ", this name (names in other tenants do not count)"
                                             : "; " + home.explanation);
        return;
    }
    if (matches.size() > 1 && matches.front().rank <= 2) {
        std::vector<std::string> ids;
        ids.reserve(matches.size());
        for (const Match& match : matches)
            ids.push_back(match.tenant_id + "/" + match.group_id);
        out.problem = "ambiguous";
        out.text = prefix + "stands for several groups (" + scai::join(ids, ", ") +
                   "): list the id of the one you mean";
        return;
    }
    out.tenant_id = matches.back().tenant_id;
    out.group_id = matches.back().group_id;
    const std::string group =
        "group " + out.group_id + " (" + matches.back().name + ") of tenant " + out.tenant_id;
    if (matches.front().rank > 2) {
        out.problem = "deleted";
        out.text = prefix + group + " was deleted in ScaiKey; nobody is super_admin through it";
        return;
    }
    out.text = prefix + group;
}

} // namespace

std::vector<Resolved> resolve(scai::db::Reader& reader, const SuperAdminGroups& groups) {
    if (groups.entries.empty())
        return {};
    const Home home = find_home(reader, groups.home_tenant);
    std::map<std::string, std::vector<Match>> matches;
    for (auto& [entry, tenant, group, name, rank] :
         reader.all<std::string, std::string, std::string, std::string, int>(find_groups, groups.entries,
                                                                             home.tenant))
        matches[entry].push_back({tenant, group, name, rank});
    std::vector<Resolved> out;
    for (const std::string& entry : groups.entries) {
        if (std::any_of(out.begin(), out.end(), [&](const Resolved& r) { return r.entry == entry; }))
            continue; // listed twice
        Resolved resolved;
        resolved.entry = entry;
        judge(resolved, matches[entry], home);
        out.push_back(std::move(resolved));
    }
    return out;
}

} // namespace scaiflow::roles
