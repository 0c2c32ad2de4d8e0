// Directory: which tenants there are, and one walk per tenant. SPDX-License-Identifier: Apache-2.0
#include "lib/directory/directory.hpp"

#include "lib/base/strings.hpp"
#include "lib/directory/rows.hpp"
#include "lib/directory/walk.hpp"

#include <map>

namespace scai::directory {

namespace {

constexpr const char* tenants_path = "/api/v1/admin/tenants/";
constexpr const char* partners_path = "/api/v1/admin/partners/";
constexpr const char* groups_path = "/api/v1/admin/groups/";

/// A single resource: itself, or in `data` when the root has no id (contract scaikey.md 10.3).
std::optional<Tenant> read_tenant(const std::string& body) {
    simdjson::dom::parser parser;
    simdjson::dom::element root, data;
    if (parser.parse(body).get(root) != simdjson::SUCCESS)
        return std::nullopt;
    auto mapped = map_tenant(root);
    if (mapped.id.empty() && root["data"].get(data) == simdjson::SUCCESS)
        mapped = map_tenant(data);
    if (mapped.id.empty())
        return std::nullopt;
    return mapped.value;
}

scai::Error stopped() {
    scai::Error error;
    error.kind = scai::ErrorKind::unavailable;
    error.code = "stopped";
    error.message = "the walk was stopped before its end";
    return error;
}

} // namespace

struct Directory::Impl {
    DirectorySettings settings;
    scai::oidc::ServiceToken& token;
    std::function<void(const Progress&)> progress;
    std::function<bool()> should_stop;
    Learnt learnt;
    std::map<std::string, KnownGroups> known_groups; ///< by tenant, read by tenants() and used up by walk()

    Impl(DirectorySettings s, scai::oidc::ServiceToken& t, std::function<void(const Progress&)> p,
         std::function<bool()> stop)
        : settings(std::move(s)), token(t), progress(std::move(p)), should_stop(std::move(stop)) {
        settings.parallel = std::max(1, settings.parallel);
        settings.per_page = std::max(1, settings.per_page);
        while (settings.base_url.ends_with('/'))
            settings.base_url.pop_back();
        learnt.per_page = settings.per_page;
        learnt.members_path = settings.members_path;
    }

    scai::Result<Tenants> pinned() {
        Tenants out;
        Tenant tenant;
        tenant.id = settings.pinned_tenant;
        tenant.status = ""; // not known; the walk tells whether it can be read
        Calls calls(settings, learnt, token, should_stop);
        calls.get(tenants_path + scai::percent_encode(tenant.id),
                  [&](const std::optional<Failure>& failure, const std::string& body) {
                      // Only for name and slug: credentials that may not read it can still sweep.
                      if (const auto found = failure ? std::nullopt : read_tenant(body);
                          found && found->id == tenant.id)
                          tenant = *found;
                  });
        calls.run();
        if (calls.stopped())
            return stopped();
        out.tenants.push_back(std::move(tenant));
        return out;
    }

    scai::Result<Tenants> listed() {
        Tenants out;
        Outcome outcome;
        Calls calls(settings, learnt, token, should_stop);
        Listing::Spec spec;
        spec.kind = "tenants";
        spec.path = tenants_path;
        spec.row = [&](simdjson::dom::element row) {
            auto mapped = map_tenant(row);
            if (!mapped.id.empty() && !mapped.deleted)
                out.tenants.push_back(mapped.value);
            return mapped.id;
        };
        spec.page = [&](const Cursor& cursor) {
            if (progress)
                progress(
                    {"", "tenants", cursor.rows(), static_cast<std::uint64_t>(cursor.total().value_or(0))});
        };
        spec.done = [&](const Outcome& what) { outcome = what; };
        Listing::start(calls, std::move(spec));
        calls.run();
        if (calls.stopped())
            return stopped();
        out.complete = outcome.complete;
        if (outcome.failure && outcome.first_failed) {
            if (outcome.failure->status == 403 || outcome.failure->absent())
                return from_groups(*outcome.failure);
            return as_error(*outcome.failure, "the list of tenants");
        }
        if (!outcome.complete)
            out.messages.push_back(tenants_unread(outcome));
        return out;
    }

    /// The tenants of the groups the credentials see. The rows are kept for the walks.
    scai::Result<Tenants> from_groups(const Failure& refusal) {
        Tenants out;
        Outcome outcome;
        known_groups.clear();
        Calls calls(settings, learnt, token, should_stop);
        Listing::Spec spec;
        spec.kind = "groups";
        spec.path = groups_path;
        spec.row = [&](simdjson::dom::element row) {
            auto mapped = map_group(row);
            if (!mapped.id.empty() && !mapped.deleted && !mapped.value.tenant_id.empty())
                known_groups[mapped.value.tenant_id].groups.push_back(mapped.value);
            return mapped.id;
        };
        spec.done = [&](const Outcome& what) { outcome = what; };
        Listing::start(calls, std::move(spec));
        calls.run();
        if (calls.stopped())
            return stopped();
        if (outcome.failure && outcome.first_failed) {
            scai::Error error = as_error(*outcome.failure, "tenants and groups");
            if (!outcome.failure->token)
                error.fix =
                    "Set SCAIKEY_TENANT_ID to the tenant to mirror, or add groups:read or admin:read to the "
                    "credentials.";
            return error;
        }
        out.messages.push_back(tenants_refused(refusal));
        if (!outcome.complete)
            out.messages.push_back(groups_unread("(all)", outcome));
        if (known_groups.empty())
            out.messages.push_back(no_groups("(all)", outcome.pages));
        for (auto& [id, known] : known_groups) {
            known.outcome = outcome;
            Tenant tenant;
            tenant.id = id;
            out.tenants.push_back(std::move(tenant));
        }
        return out;
    }
};

Directory::Directory(DirectorySettings settings, scai::oidc::ServiceToken& token,
                     std::function<void(const Progress&)> progress, std::function<bool()> should_stop)
    : impl_(std::make_unique<Impl>(std::move(settings), token, std::move(progress), std::move(should_stop))) {
}

Directory::~Directory() = default;
Directory::Directory(Directory&&) noexcept = default;

scai::Result<Directory::Tenants> Directory::tenants() {
    return impl_->settings.pinned_tenant.empty() ? impl_->listed() : impl_->pinned();
}

std::vector<Partner> Directory::partners() {
    std::vector<Partner> out;
    Calls calls(impl_->settings, impl_->learnt, impl_->token, impl_->should_stop);
    Listing::Spec spec;
    spec.kind = "partners";
    spec.path = partners_path;
    spec.row = [&](simdjson::dom::element row) {
        auto mapped = map_tenant(row);
        if (!mapped.id.empty() && !mapped.deleted)
            out.push_back({mapped.value.id, mapped.value.slug, mapped.value.name, mapped.value.status});
        return mapped.id;
    };
    spec.done = [](const Outcome&) {};
    Listing::start(calls, std::move(spec));
    calls.run();
    return out;
}

Report Directory::walk(const Tenant& tenant, Sink& sink) {
    std::optional<KnownGroups> known;
    if (auto node = impl_->known_groups.extract(tenant.id))
        known = std::move(node.mapped());
    Calls calls(impl_->settings, impl_->learnt, impl_->token, impl_->should_stop);
    return Walk(calls, tenant, sink, impl_->progress).run(std::move(known));
}

} // namespace scai::directory
