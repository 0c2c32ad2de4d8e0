// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/cores/service.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/cores/environment.hpp"
#include "lib/scaigrid/cores/modules.hpp"
#include "lib/scaigrid/cores/store.hpp"
#include "lib/scir/ir.hpp"

namespace scaigrid::cores {

using scai::Result;
using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;
using scai::web::Principal;

namespace {

constexpr auto what = "Core";

/// What a draft says, over what there was.
scai::Status apply(const Draft& draft, const Sealer& sealer, Core& core) {
    const auto take = [](const auto& from, auto& to) {
        if (from)
            to = *from;
    };
    take(draft.name, core.name);
    take(draft.runtime_mode, core.runtime_mode);
    take(draft.concurrency_mode, core.concurrency_mode);
    take(draft.privilege_level, core.privilege_level);
    take(draft.checkpoint_mode, core.checkpoint_mode);
    if (draft.entity_key_field)
        core.entity_key_field = draft.entity_key_field;
    if (core.concurrency_mode == "entity" && core.entity_key_field.value_or("").empty())
        return bad_field("body.entity_key_field", "is required with concurrency_mode entity");
    const auto take_value = [](const Value& from, Value& to) {
        if (from.present())
            to = from;
    };
    if (draft.source.present()) {
        core.source = draft.source;
        core.module = draft.module;
    }
    take_value(draft.plugins, core.plugins);
    take_value(draft.resource_limits, core.resource_limits);
    take_value(draft.metadata, core.metadata);
    if (draft.environment.present()) {
        SCAI_TRY(core.environment, sealer.seal(draft.environment, core.environment, core.tenant_id, core.id));
    }
    take(draft.avatar, core.avatar);
    take(draft.avatar_content_type, core.avatar_content_type);
    return scai::Done{};
}

template<class Work>
auto in_tenant(Context& context, const Principal& caller, Work work) {
    return scai::db::in_tx(context.pool, Scope::tenant(caller.tenant_id), std::move(work));
}

/// Runs `change` on the locked row and reads what became of it.
template<class Change>
Result<Core> changed(Context& context, const Principal& caller, const std::string& id, Change change) {
    return in_tenant(context, caller, [&](Tx& tx) -> Result<Core> {
        auto core = store::find_for_update(tx, caller.tenant_id, id);
        if (!core)
            return not_found(what);
        if (auto done = change(tx, *core); !done)
            return std::move(done).error();
        return std::move(*store::find(tx, caller.tenant_id, id));
    });
}

/// What start looks at (contract scaigrid.md 3.2); the error that sends a Core to `error`.
std::optional<scai::Error> start_problem(const Sealer& sealer, const Core& core) {
    if (const auto opened = sealer.open(core.environment, core.tenant_id, core.id); !opened)
        return opened.error();
    if (!core.module.present())
        return refusal(scai::ErrorKind::unprocessable, "INVALID_SOURCE_IR", "the Core has no source to run");
    const auto findings = scai::scir::verify(core.module);
    if (!findings.empty())
        return refusal(scai::ErrorKind::unprocessable, "INVALID_SOURCE_IR",
                       "verifier error: " + findings.front().path + ": " + findings.front().message);
    return std::nullopt;
}

std::string description_of(const Core& core) {
    auto text = core.metadata.member("description");
    if (text.empty())
        text = core.source.get("identity").member("persona");
    return text.empty() ? core.source.get("core").get("identity").member("persona") : text;
}

scai::Error already(const char* message) {
    return refusal(scai::ErrorKind::bad_request, "VALIDATION_ERROR", message);
}

} // namespace

Result<Core> create(Context& context, const Principal& caller, const Draft& draft) {
    Core core;
    core.tenant_id = caller.tenant_id;
    core.id = "core_" + scai::crypto::random_id(20);
    if (!draft.name)
        return bad_field("body.name", "is required");
    SCAI_TRY([[maybe_unused]] const auto applied, apply(draft, *context.sealer, core));
    core.slug = slug_of(core.name);
    return in_tenant(context, caller, [&](Tx& tx) -> Result<Core> {
        if (!store::insert(tx, core, caller.subject))
            return refusal(scai::ErrorKind::conflict, "SLUG_CONFLICT",
                           "the tenant has a Core with the slug '" + core.slug + "'");
        return std::move(*store::find(tx, caller.tenant_id, core.id));
    });
}

Result<Core> replace(Context& context, const Principal& caller, const std::string& id, const Draft& draft) {
    return changed(context, caller, id, [&](Tx& tx, Core& core) -> scai::Status {
        const auto before = core.module.present() ? core.module.dump() : "";
        SCAI_TRY([[maybe_unused]] const auto applied, apply(draft, *context.sealer, core));
        if ((core.module.present() ? core.module.dump() : "") != before)
            ++core.revision;
        store::update(tx, core);
        return scai::Done{};
    });
}

scai::Status remove(Context& context, const Principal& caller, const std::string& id) {
    return in_tenant(context, caller, [&](Tx& tx) -> scai::Status {
        const auto core = store::find_for_update(tx, caller.tenant_id, id);
        if (!core)
            return not_found(what);
        if (!store::remove(tx, caller.tenant_id, id, deletable_states()))
            return wrong_state("delete", core->status, deletable_states());
        return scai::Done{};
    });
}

Result<Core> get(Context& context, const Principal& caller, const std::string& id) {
    auto reader = context.pool.read(Scope::tenant(caller.tenant_id));
    auto core = store::find(reader, caller.tenant_id, id);
    if (!core)
        return not_found(what);
    return std::move(*core);
}

Result<Core> act(Context& context, const Principal& caller, const std::string& id, Action action) {
    const auto& allowed = states_for(action);
    std::optional<scai::Error> problem;
    auto core = changed(context, caller, id, [&](Tx& tx, Core& found) -> scai::Status {
        problem.reset(); // the work may be replayed
        const bool starts = action == Action::start || action == Action::restart;
        if (std::find(allowed.begin(), allowed.end(), found.status) == allowed.end())
            return wrong_state(name_of(action), found.status, allowed);
        if (starts)
            problem = start_problem(*context.sealer, found);
        store::move(tx, caller.tenant_id, id, allowed, problem ? "error" : state_after(action),
                    problem ? problem->message : "");
        return scai::Done{};
    });
    if (core && problem)
        return std::move(*problem);
    return core;
}

Result<Core> publish(Context& context, const Principal& caller, const std::string& id,
                     const std::vector<std::string>& group_ids) {
    return changed(context, caller, id, [&](Tx& tx, Core& core) -> scai::Status {
        auto tenant = caller.claims.member("tenant_slug");
        const Publication publication{.core_id = core.id,
                                      .model_id = "fm_" + scai::crypto::random_id(20),
                                      .backend_id = "be_" + scai::crypto::random_id(20),
                                      .slug = "scaicore/" + (tenant.empty() ? caller.tenant_id : tenant) +
                                              "/" + core.slug,
                                      .display_name = core.name,
                                      .description = description_of(core),
                                      .group_ids = group_ids};
        if (!store::publish(tx, caller.tenant_id, publication, caller.subject))
            return already(
                "the Core is published already; POST .../publish/sync brings the model up to date");
        return scai::Done{};
    });
}

Result<Core> sync_publication(Context& context, const Principal& caller, const std::string& id,
                              const std::optional<std::vector<std::string>>& group_ids) {
    return changed(context, caller, id, [&](Tx& tx, Core& core) -> scai::Status {
        if (!core.publication)
            return already("the Core is not published");
        auto publication = *core.publication;
        publication.display_name = core.name;
        publication.description = description_of(core);
        if (group_ids)
            publication.group_ids = *group_ids;
        store::update_publication(tx, caller.tenant_id, publication);
        return scai::Done{};
    });
}

Result<Core> unpublish(Context& context, const Principal& caller, const std::string& id) {
    return changed(context, caller, id, [&](Tx& tx, Core& core) -> scai::Status {
        if (!store::unpublish(tx, caller.tenant_id, core.id))
            return already("the Core is not published");
        return scai::Done{};
    });
}

std::optional<Runnable> find_runnable(Context& context, std::string_view tenant_id, std::string_view id) {
    auto reader = context.pool.read(Scope::tenant(tenant_id));
    const auto head = store::find_head(reader, tenant_id, id);
    if (!head)
        return std::nullopt;
    Runnable out{.id = std::string(id),
                 .name = head->name,
                 .slug = head->slug,
                 .status = head->status,
                 .concurrency_mode = head->concurrency_mode,
                 .entity_key_field = head->entity_key_field,
                 .checkpoint_mode = head->checkpoint_mode,
                 .revision = head->revision,
                 .module = context.modules->find(out.id, head->revision)};
    if (out.module)
        return out;
    const auto text = store::find_module(reader, tenant_id, id);
    if (!text)
        return std::nullopt;
    out.revision = text->revision;
    const auto parsed = scai::json::parse(text->json);
    if (!parsed || parsed->size() == 0)
        return out; // a Core without a source
    out.module = std::make_shared<const Value>(*parsed);
    context.modules->keep(out.id, out.revision, out.module);
    return out;
}

std::optional<Published> find_published(Context& context, std::string_view tenant_id, std::string_view slug) {
    auto reader = context.pool.read(Scope::tenant(tenant_id));
    auto found = store::publication_by_slug(reader, tenant_id, slug);
    if (!found)
        return std::nullopt;
    return Published{.core_id = std::move(found->core_id),
                     .slug = std::move(found->slug),
                     .group_ids = std::move(found->group_ids)};
}

} // namespace scaigrid::cores
