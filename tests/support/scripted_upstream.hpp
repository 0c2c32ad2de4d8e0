// A directory in memory that fills the sweep's sink directly, and lies on demand: for tests and benchmarks of
// the mirror without HTTP. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/directory/source.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace test {

struct ScriptedTenant {
    std::string status = "ACTIVE", partner_id = {};
    std::map<std::string, scai::directory::User> users;
    std::map<std::string, scai::directory::Group> groups;
    std::map<std::string, std::set<std::string>> members;  ///< group -> users
    std::map<std::string, std::set<std::string>> children; ///< group -> groups

    // What goes wrong.
    std::string users_method = "effective_users";
    bool users_complete = true, groups_complete = true;
    std::set<std::string> unreadable; ///< groups whose members cannot be read
    std::set<std::string> unlisted;   ///< users or groups the (then incomplete) listing leaves out
    std::set<std::string> hidden;     ///< groups that no list shows, but whose members are read
    bool bare_members = false;        ///< rows of the member walk have nothing but the id
    int copies = 1;                   ///< every row that often
    std::optional<scai::Error> failed;
    std::function<void()> during; ///< called after the groups, before everything else

    void add_user(const std::string& id, const std::string& email, const std::string& name = "") {
        users[id] = {id, "", email, name.empty() ? "Name of " + id : name, "ACTIVE", std::nullopt};
    }
    void add_group(const std::string& id, std::set<std::string> of, const std::string& name = "") {
        groups[id] = {id, "", name.empty() ? "Group " + id : name, "ACTIVE", std::nullopt};
        members[id] = std::move(of);
    }
    void remove_user(const std::string& id) {
        users.erase(id);
        for (auto& [group, list] : members)
            list.erase(id);
    }
    void remove_group(const std::string& id) {
        groups.erase(id);
        members.erase(id);
        children.erase(id);
        for (auto& [group, list] : children)
            list.erase(id);
    }
};

struct ScriptedUpstream {
    std::map<std::string, ScriptedTenant> tenants;
    bool list_complete = true;
    std::optional<scai::Error> failed;

    scai::directory::SourceFactory factory();
};

class ScriptedSource final : public scai::directory::Source {
public:
    ScriptedSource(ScriptedUpstream& upstream, std::string only)
        : upstream_(upstream), only_(std::move(only)) {}

    scai::Result<scai::directory::Directory::Tenants> tenants() override {
        if (upstream_.failed)
            return *upstream_.failed;
        scai::directory::Directory::Tenants out;
        out.complete = upstream_.list_complete && only_.empty();
        for (const auto& [id, tenant] : upstream_.tenants) {
            if (only_.empty() || only_ == id)
                out.tenants.push_back({id, "slug-" + id, "Tenant " + id, tenant.status, tenant.partner_id});
        }
        return out;
    }

    scai::directory::Report walk(const scai::directory::Tenant& which, scai::directory::Sink& sink) override {
        auto& tenant = upstream_.tenants.at(which.id);
        scai::directory::Report report;
        report.users_method = tenant.users_method;
        report.calls = 1;
        if (tenant.failed) {
            report.failed = tenant.failed;
            return report;
        }
        report.groups_complete = tenant.groups_complete;
        report.users_complete = tenant.users_complete && tenant.users_method == "effective_users";
        for (int copy = 0; copy < tenant.copies; ++copy)
            emit(tenant, sink, report);
        return report;
    }

private:
    static void emit(ScriptedTenant& tenant, scai::directory::Sink& sink, scai::directory::Report& report) {
        for (const auto& [id, group] : tenant.groups) {
            if (!tenant.unlisted.contains(id) && !tenant.hidden.contains(id))
                sink.group(group);
        }
        if (tenant.during)
            tenant.during();
        const bool effective = tenant.users_method == "effective_users";
        if (effective) {
            for (const auto& [id, user] : tenant.users) {
                if (!tenant.unlisted.contains(id))
                    sink.user(user);
            }
        }
        for (const auto& [id, group] : tenant.groups) {
            if (tenant.unlisted.contains(id))
                continue;
            if (tenant.unreadable.contains(id)) {
                report.unknown_groups.insert(id);
                continue;
            }
            for (const auto& user : tenant.members[id]) {
                if (!effective && tenant.users.contains(user))
                    sink.user(tenant.bare_members ? bare(user) : tenant.users.at(user));
                sink.member({id, user, false});
            }
            for (const auto& child : tenant.children[id])
                sink.member({id, child, true});
        }
    }
    static scai::directory::User bare(const std::string& id) { return {id, "", "", "", "", std::nullopt}; }

    ScriptedUpstream& upstream_;
    std::string only_;
};

inline scai::directory::SourceFactory ScriptedUpstream::factory() {
    return [this](const std::string& only, std::function<bool()>, auto) {
        return std::make_unique<ScriptedSource>(*this, only);
    };
}

} // namespace test
