// SPDX-License-Identifier: Apache-2.0
#include "lib/directory/messages.hpp"

namespace scai::directory {

namespace {

constexpr const char* fix_scopes = "Re-issue the credentials with admin:read and admin:write (`scaiflow "
                                   "scaikey-register` does it in one shot)";
constexpr const char* kept = "Nothing is removed because of it.";

/// A listing that broke off: by a missing answer, or because what came does not add up.
const char* code_of(const Outcome& outcome) {
    return outcome.failure ? "upstream_unavailable" : "paging_incomplete";
}

} // namespace

Message users_forbidden(const std::string& tenant, const Failure& failure) {
    return {"warning", "admin_scope_missing",
            "tenant " + tenant + ": ScaiKey refused the list of effective users with " + failure.words() +
                ". Users are taken from the members of groups instead (users_method member_walk: slower, and "
                "only who is in at least one visible group appears). " +
                fix_scopes + " for the fast path."};
}

Message application_missing(const std::string& tenant, const std::string& application,
                            const Failure& failure) {
    return {"warning", "application_not_assigned",
            "tenant " + tenant + ": ScaiKey knows no effective users of application \"" + application +
                "\" here (" + failure.words() +
                "): it is not assigned in this tenant, or its id in the settings is wrong. Users "
                "are taken "
                "from the members of groups instead (users_method member_walk). Assign the application to "
                "users or groups of the tenant in ScaiKey."};
}

Message member_walk_in_use(const std::string& tenant) {
    return {"info", "member_walk",
            "tenant " + tenant +
                ": a member walk cannot prove that somebody outside every visible group is gone; users known "
                "from "
                "effective_users are kept."};
}

Message users_unread(const std::string& tenant, const Outcome& outcome) {
    return {"warning", code_of(outcome),
            "tenant " + tenant + ": the effective users were not read completely: " + outcome.trouble + ". " +
                kept + " Run the sync again; if it stays, report this line."};
}

Message nobody_assigned(const std::string& tenant) {
    return {"warning", "empty_upstream",
            "tenant " + tenant +
                ": nobody is assigned to the application in ScaiKey, so no user appears. Assign it "
                "to users "
                "or groups there."};
}

Message groups_refused(const std::string& tenant, const Failure& failure) {
    return {"error", "groups_read_missing",
            "tenant " + tenant + ": ScaiKey refused the list of groups with " + failure.words() +
                ": the credentials lack groups:read. Groups and memberships stay as they were. Add "
                "groups:read to the "
                "credentials and run the sync again."};
}

Message groups_unread(const std::string& tenant, const Outcome& outcome) {
    return {"warning", code_of(outcome),
            "tenant " + tenant + ": the list of groups was not read completely: " + outcome.trouble + ". " +
                kept + " Run the sync again; if it stays, report this line."};
}

Message no_groups(const std::string& tenant, std::int64_t pages) {
    return {"warning", "no_groups",
            "tenant " + tenant + ": no groups were listed (" + std::to_string(pages) +
                (pages == 1 ? " page" : " pages") +
                " read). Either the credentials lack groups:read, or the tenant really has none, or "
                "ScaiKey's paging "
                "does not complete. Add groups:read to the credentials and run the sync again."};
}

Message groups_unknown(const std::string& tenant, std::size_t unknown, std::size_t all,
                       const std::string& group, const std::string& why) {
    return {"warning", "group_unknown",
            "tenant " + tenant + ": the members of " + std::to_string(unknown) + " of " +
                std::to_string(all) +
                " groups could not be read completely; they stay as they were (first: group " + group + ", " +
                why + ")."};
}

Message too_deep(const std::string& tenant, const std::string& group) {
    return {"warning", "nested_too_deep",
            "tenant " + tenant + ": groups are nested more than 20 deep below what is listed; group " +
                group + " was not followed."};
}

Message tenants_refused(const Failure& failure) {
    return {"warning", "tenants_list_refused",
            "ScaiKey refused the list of tenants with " + failure.words() +
                ". The tenants of the visible groups are taken instead; a tenant without a visible group is "
                "not seen. "
                "Set SCAIKEY_TENANT_ID to pin one tenant, or use credentials with admin:read."};
}

Message tenants_unread(const Outcome& outcome) {
    return {"warning", code_of(outcome),
            "the list of tenants was not read completely: " + outcome.trouble +
                ". The tenants that were read are swept; no tenant is taken for gone."};
}

scai::Error no_token(const std::string& base_url, scai::Error error) {
    const bool refused = error.kind == scai::ErrorKind::bad_request;
    error.message =
        "ScaiKey at " + base_url +
        (refused ? " refused the service credentials: " + error.code + ": " : " gave no token: ") +
        error.message;
    error.fix = refused ? "Check the client id and the client secret in the settings, and that this is "
                          "ScaiKey's base URL."
                        : "Is ScaiKey up, and is its base URL in the settings right?";
    return error;
}

scai::Error as_error(const Failure& failure, const std::string& what) {
    if (failure.token)
        return *failure.token;
    scai::Error error;
    error.kind = scai::ErrorKind::upstream;
    error.code = failure.refused() ? "scaikey_refused" : "scaikey_unavailable";
    error.message = "ScaiKey " + std::string(failure.refused() ? "refused " : "did not give ") + what + ": " +
                    failure.words();
    if (failure.status == 401)
        error.fix = "Check the client id and the client secret in the settings.";
    else if (failure.status == 403)
        error.fix = fix_scopes;
    else if (failure.absent())
        error.fix = "Is that the tenant's id (not its slug) in ScaiKey, and is ScaiKey's base URL in the "
                    "settings right?";
    return error;
}

std::string sentence(const scai::Error& error) {
    return error.message + (error.fix.empty() ? "" : ". " + error.fix);
}

} // namespace scai::directory
