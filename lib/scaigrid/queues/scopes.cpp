// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/queues/scopes.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaigrid/app/parsed.hpp"
#include "lib/scaigrid/app/refusal.hpp"
#include "lib/scaigrid/queues/rules.hpp"
#include "lib/scaigrid/queues/store.hpp"

#include <array>
#include <functional>

namespace scaigrid::queues {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::db::Pool;
using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr std::size_t object_id_length = 16;
constexpr std::array<std::string_view, 5> system_queues{"_dead_letter", "_events", "_audit", "_integrity",
                                                        "_corrections"};

Error no_scope(std::string_view scope) {
    return refusal(ErrorKind::not_found, "NOT_FOUND", "there is no scope '" + std::string(scope) + "'");
}

Error no_queue(std::string_view queue) {
    return refusal(ErrorKind::not_found, "NOT_FOUND",
                   "there is no queue '" + std::string(queue) + "' in this scope");
}

Error slug_taken(const std::string& slug) {
    return refusal(ErrorKind::conflict, "SLUG_CONFLICT", "the slug '" + slug + "' is taken");
}

Error wrong_state(std::string_view what, std::string_view state, std::string_view verb) {
    return refusal(ErrorKind::conflict, "SCAIQUEUE_SCOPE_STATE",
                   "a " + std::string(what) + " that is " + std::string(state) + " cannot " +
                       std::string(verb));
}

/// One row more than asked for tells that there is a next page.
template<class Rows>
Listing listing_of(Rows rows, std::int64_t limit) {
    Listing out;
    for (const auto& [object, key] : rows) {
        if (static_cast<std::int64_t>(out.rows.size()) == limit)
            return out;
        out.rows.push_back(parsed(object));
        if constexpr (std::is_same_v<std::decay_t<decltype(key)>, std::string>)
            out.next = key;
        else
            out.next = std::to_string(key);
    }
    out.next.reset();
    return out;
}

void note(Tx& tx, const Caller& caller, std::string scope_id, std::optional<std::string> queue_id,
          std::string action, const Value& detail = Value::object()) {
    store::note(tx, caller.tenant_id,
                {std::move(scope_id), std::move(queue_id), std::nullopt, std::nullopt, std::move(action),
                 caller.actor.id, detail.dump()});
}

template<class Work>
auto in_tx(Pool& pool, const Caller& caller, Work work) {
    return scai::db::in_tx(pool, Scope::tenant(caller.tenant_id), work);
}

/// State after a verb; "" when the state does not take it.
std::string_view scope_after(std::string_view state, std::string_view verb) {
    if (verb == "archive")
        return "archived";
    if (verb == "unarchive")
        return state == "archived" ? "active" : "";
    if (state == "archived")
        return "";
    return verb == "pause" ? "paused" : "active";
}

} // namespace

Object create_scope(Pool& pool, const Caller& caller, const Value& body) {
    SCAI_TRY(const auto fields, decode_scope(body));
    return in_tx(pool, caller, [&](Tx& tx) -> Object {
        const std::string id = "qs_" + scai::crypto::random_id(object_id_length);
        const auto object = store::insert_scope(tx, caller.tenant_id, id, fields, caller.actor.id);
        if (!object)
            return slug_taken(fields.slug);
        for (const auto slug : system_queues) {
            QueueFields queue;
            queue.slug = slug;
            queue.display_name = slug;
            store::insert_queue(tx, caller.tenant_id, id, "q_" + scai::crypto::random_id(object_id_length),
                                queue, true, caller.actor.id);
        }
        note(tx, caller, id, std::nullopt, "scope.created", Value::object({{"slug", fields.slug}}));
        return parsed(*object);
    });
}

Object get_scope(Pool& pool, const Caller& caller, std::string_view scope) {
    auto db = pool.read(Scope::tenant(caller.tenant_id));
    const auto row = store::find_scope(db, caller.tenant_id, scope);
    if (!row)
        return no_scope(scope);
    return parsed(row->object);
}

Listing list_scopes(Pool& pool, const Caller& caller, std::string_view after, std::int64_t limit) {
    auto db = pool.read(Scope::tenant(caller.tenant_id));
    return listing_of(store::list_scopes(db, caller.tenant_id, after, limit + 1), limit);
}

Object update_scope(Pool& pool, const Caller& caller, std::string_view scope, const Value& body) {
    return in_tx(pool, caller, [&](Tx& tx) -> Object {
        const auto row = store::lock_scope(tx, caller.tenant_id, scope);
        if (!row)
            return no_scope(scope);
        SCAI_TRY(const auto fields, decode_scope_change(body, parsed(row->object)));
        note(tx, caller, row->id, std::nullopt, "scope.updated");
        return parsed(store::update_scope(tx, caller.tenant_id, row->id, fields));
    });
}

Object change_scope(Pool& pool, const Caller& caller, std::string_view scope, std::string_view verb) {
    return in_tx(pool, caller, [&](Tx& tx) -> Object {
        const auto row = store::lock_scope(tx, caller.tenant_id, scope);
        if (!row)
            return no_scope(scope);
        const auto after = scope_after(row->state, verb);
        if (after.empty())
            return wrong_state("scope", row->state, verb);
        if (after == row->state)
            return parsed(row->object);
        note(tx, caller, row->id, std::nullopt, "scope." + std::string(after));
        return parsed(store::set_scope_state(tx, caller.tenant_id, row->id, after));
    });
}

scai::Status delete_scope(Pool& pool, const Caller& caller, std::string_view scope) {
    return in_tx(pool, caller, [&](Tx& tx) -> scai::Status {
        const auto row = store::lock_scope(tx, caller.tenant_id, scope);
        if (!row)
            return no_scope(scope);
        if (row->state != "archived")
            return refusal(ErrorKind::conflict, "SCAIQUEUE_SCOPE_STATE", "archive the scope first");
        if (const auto open = store::open_messages_of_scope(tx, caller.tenant_id, row->id); open > 0)
            return refusal(ErrorKind::conflict, "SCAIQUEUE_NOT_EMPTY",
                           std::to_string(open) + " messages of the scope are pending or claimed");
        store::delete_scope(tx, caller.tenant_id, row->id);
        note(tx, caller, row->id, std::nullopt, "scope.deleted");
        return scai::Done{};
    });
}

Object create_queue(Pool& pool, const Caller& caller, std::string_view scope, const Value& body) {
    SCAI_TRY(const auto fields, decode_queue(body));
    return in_tx(pool, caller, [&](Tx& tx) -> Object {
        const auto row = store::find_scope(tx, caller.tenant_id, scope);
        if (!row)
            return no_scope(scope);
        if (row->state == "archived")
            return wrong_state("scope", row->state, "get queues");
        const std::string id = "q_" + scai::crypto::random_id(object_id_length);
        const auto object =
            store::insert_queue(tx, caller.tenant_id, row->id, id, fields, false, caller.actor.id);
        if (!object)
            return slug_taken(fields.slug);
        note(tx, caller, row->id, id, "queue.created", Value::object({{"slug", fields.slug}}));
        return parsed(*object);
    });
}

Object get_queue(Pool& pool, const Caller& caller, std::string_view scope, std::string_view queue) {
    auto db = pool.read(Scope::tenant(caller.tenant_id));
    const auto row = store::find_queue(db, caller.tenant_id, scope, queue);
    if (!row)
        return no_queue(queue);
    return parsed(row->object);
}

Result<Listing> list_queues(Pool& pool, const Caller& caller, std::string_view scope, std::string_view after,
                            std::int64_t limit) {
    auto db = pool.read(Scope::tenant(caller.tenant_id));
    const auto row = store::find_scope(db, caller.tenant_id, scope);
    if (!row)
        return no_scope(scope);
    return listing_of(store::list_queues(db, caller.tenant_id, row->id, after, limit + 1), limit);
}

Object update_queue(Pool& pool, const Caller& caller, std::string_view scope, std::string_view queue,
                    const Value& body) {
    return in_tx(pool, caller, [&](Tx& tx) -> Object {
        const auto row = store::lock_queue(tx, caller.tenant_id, scope, queue);
        if (!row)
            return no_queue(queue);
        SCAI_TRY(const auto fields, decode_queue_change(body, parsed(row->object)));
        note(tx, caller, row->scope_id, row->id, "queue.updated");
        return parsed(store::update_queue(tx, caller.tenant_id, row->id, fields));
    });
}

Object change_queue(Pool& pool, const Caller& caller, std::string_view scope, std::string_view queue,
                    std::string_view verb) {
    return in_tx(pool, caller, [&](Tx& tx) -> Object {
        const auto row = store::lock_queue(tx, caller.tenant_id, scope, queue);
        if (!row)
            return no_queue(queue);
        const std::string after = verb == "pause" ? "paused" : "active";
        if (after == row->state)
            return parsed(row->object);
        note(tx, caller, row->scope_id, row->id, "queue." + after);
        return parsed(store::set_queue_state(tx, caller.tenant_id, row->id, after));
    });
}

scai::Status delete_queue(Pool& pool, const Caller& caller, std::string_view scope, std::string_view queue) {
    return in_tx(pool, caller, [&](Tx& tx) -> scai::Status {
        const auto row = store::lock_queue(tx, caller.tenant_id, scope, queue);
        if (!row)
            return no_queue(queue);
        if (row->system)
            return refusal(ErrorKind::conflict, "SCAIQUEUE_SYSTEM_QUEUE",
                           "'" + row->slug + "' belongs to the scope and goes with it");
        if (const auto open = store::open_messages_of_queue(tx, caller.tenant_id, row->id); open > 0)
            return refusal(ErrorKind::conflict, "SCAIQUEUE_NOT_EMPTY",
                           std::to_string(open) + " messages of the queue are pending or claimed");
        store::delete_queue(tx, caller.tenant_id, row->id);
        note(tx, caller, row->scope_id, row->id, "queue.deleted", Value::object({{"slug", row->slug}}));
        return scai::Done{};
    });
}

Object create_pattern(Pool& pool, const Caller& caller, std::string_view scope, const Value& body) {
    scai::json::Fields fields(body, "");
    const std::string name = fields.text("name", {.max = 128});
    const auto version = fields.optional_integer("version", {1, 1'000'000}).value_or(0);
    const Value spec = fields.object("spec");
    if (auto error = fields.error())
        return *error;
    SCAI_TRY([[maybe_unused]] const auto fine, check_hitl_spec(spec, "spec", true));
    return in_tx(pool, caller, [&](Tx& tx) -> Object {
        const auto row = store::lock_scope(tx, caller.tenant_id, scope);
        if (!row)
            return no_scope(scope);
        const auto object = store::insert_pattern(tx, caller.tenant_id, row->id,
                                                  "hp_" + scai::crypto::random_id(object_id_length), name,
                                                  version, spec.dump(), caller.actor.id);
        if (!object)
            return refusal(ErrorKind::conflict, "SLUG_CONFLICT",
                           "version " + std::to_string(version) + " of '" + name + "' exists");
        note(tx, caller, row->id, std::nullopt, "pattern.created", Value::object({{"name", name}}));
        return parsed(*object);
    });
}

Result<Listing> list_patterns(Pool& pool, const Caller& caller, std::string_view scope) {
    auto db = pool.read(Scope::tenant(caller.tenant_id));
    const auto row = store::find_scope(db, caller.tenant_id, scope);
    if (!row)
        return no_scope(scope);
    Listing out;
    for (const auto& object : store::list_patterns(db, caller.tenant_id, row->id))
        out.rows.push_back(parsed(object));
    return out;
}

Object preview_pattern(Pool& pool, const Caller& caller, std::string_view scope, const Value& body) {
    scai::json::Fields fields(body, "");
    const auto name = fields.optional_text("name", {.max = 128});
    const auto version = fields.optional_integer("version", {1, 1'000'000}).value_or(0);
    Value spec = fields.optional_object("spec");
    const Value parameters = fields.optional_object("parameters");
    if (name.has_value() == spec.present())
        fields.reject("name", "give either the name of a pattern or a spec");
    if (auto error = fields.error())
        return *error;
    auto db = pool.read(Scope::tenant(caller.tenant_id));
    const auto row = store::find_scope(db, caller.tenant_id, scope);
    if (!row)
        return no_scope(scope);
    if (name) {
        const auto pattern = store::find_pattern(db, caller.tenant_id, row->id, *name, version);
        if (!pattern)
            return refusal(ErrorKind::not_found, "NOT_FOUND", "there is no such pattern in this scope");
        spec = parsed(*pattern).get("spec");
    }
    SCAI_TRY(Value form, fill_pattern(spec, parameters));
    SCAI_TRY([[maybe_unused]] const auto fine, check_hitl_spec(form, "spec"));
    return form;
}

Result<Listing> list_messages(Pool& pool, const Caller& caller, std::string_view scope,
                              std::string_view queue, std::string_view state, std::int64_t after,
                              std::int64_t limit) {
    auto db = pool.read(Scope::tenant(caller.tenant_id));
    const auto row = store::find_queue(db, caller.tenant_id, scope, queue);
    if (!row)
        return no_queue(queue);
    return listing_of(store::list_messages(db, caller.tenant_id, row->id, state, after, limit + 1), limit);
}

Object get_message(Pool& pool, const Caller& caller, std::string_view scope, std::string_view queue,
                   std::string_view message) {
    auto db = pool.read(Scope::tenant(caller.tenant_id));
    const auto object = store::find_message(db, caller.tenant_id, scope, queue, message);
    if (!object)
        return refusal(ErrorKind::not_found, "NOT_FOUND",
                       "there is no message '" + std::string(message) + "' in this queue");
    return parsed(*object);
}

Result<Listing> list_chain(Pool& pool, const Caller& caller, std::string_view scope,
                           std::string_view correlation_id, std::int64_t after, std::int64_t limit) {
    auto db = pool.read(Scope::tenant(caller.tenant_id));
    const auto row = store::find_scope(db, caller.tenant_id, scope);
    if (!row)
        return no_scope(scope);
    return listing_of(store::list_chain(db, caller.tenant_id, row->id, correlation_id, after, limit + 1),
                      limit);
}

Result<Listing> list_trail(Pool& pool, const Caller& caller, std::string_view scope,
                           std::string_view correlation_id, std::int64_t after, std::int64_t limit) {
    auto db = pool.read(Scope::tenant(caller.tenant_id));
    std::string id;
    if (!scope.empty()) {
        const auto row = store::find_scope(db, caller.tenant_id, scope);
        if (!row)
            return no_scope(scope);
        id = row->id;
    }
    return listing_of(store::list_trail(db, caller.tenant_id, id, correlation_id, after, limit + 1), limit);
}

} // namespace scaigrid::queues
