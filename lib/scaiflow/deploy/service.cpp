// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/deploy/service.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/log/log.hpp"
#include "lib/scaiflow/app/context.hpp"
#include "lib/scaiflow/deploy/store.hpp"
#include "lib/scaiflow/flows/store.hpp"
#include "lib/scaiflow/flows/store_versions.hpp"

namespace scaiflow::deploy {

using flows::Head;
using flows::Level;
using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::Status;
using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;

namespace {

std::int64_t lock_of(const std::string& tenant_id, const std::string& flow_id) {
    return scai::db::lock_key("scaiflow deployment " + tenant_id + "/" + flow_id);
}

Error not_found(std::string code, std::string message) {
    return Error{.kind = ErrorKind::not_found, .code = std::move(code), .message = std::move(message)};
}

Error running_error(const std::optional<std::string>& id, const std::string& flow_id) {
    Error out{.kind = ErrorKind::conflict,
              .code = "deployment_running",
              .message = "this flow is being deployed",
              .fix = "wait for it: GET /v1/flows/" + flow_id + "/deployments/" + id.value_or("..."),
              .retry_after_seconds = 2};
    out.details = Value::object({{"deployment_id", id}}).dump();
    return out;
}

/// What is deployed: the flow, the version and its content.
struct Subject {
    Head head;
    std::string version, content;
    std::optional<bool> publish;
};

Result<Subject> subject_of(Context& context, const Wish& wish) {
    auto reader = context.pool.read(flows::scope_of(wish.caller));
    SCAI_TRY(auto head, flows::open_flow(reader, wish.caller, wish.flow_id, Level::deploy));
    Subject out{.head = std::move(head), .version = {}, .content = {}, .publish = wish.publish};
    if (!wish.rollback_of) {
        out.version = out.head.version;
        out.content = flows::store::content(reader, out.head);
        return out;
    }
    const auto target = store::find_target(reader, out.head.tenant_id, out.head.id, *wish.rollback_of);
    if (!target)
        return not_found("deployment_not_found", "the flow has no such deployment");
    if (target->status != "succeeded")
        return Error{.kind = ErrorKind::conflict,
                     .code = "deployment_not_succeeded",
                     .message = "that deployment is " + target->status + ": there is nothing to go back to",
                     .fix = "choose one that succeeded"};
    auto version = flows::store::version(reader, out.head, target->version);
    if (!version)
        return not_found("version_not_found", "the version of that deployment is gone");
    out.version = target->version;
    out.content = std::move(version->content);
    if (!out.publish)
        out.publish = target->publish;
    return out;
}

/// The records of one attempt. What ends is written with what begins next: one transaction a step.
class Records final : public Journal {
public:
    Records(scai::db::Pool& pool, scai::db::AdvisoryLock& lock, std::string tenant_id, std::string id,
            int attempt)
        : pool_(pool), lock_(lock), tenant_id_(std::move(tenant_id)), id_(std::move(id)), attempt_(attempt) {}

    Status begin(std::string_view step, const Value& detail) override {
        if (!lock_.still_held())
            return lost();
        const bool mine =
            write([&](Tx& tx) { return store::step_begins(tx, tenant_id_, id_, attempt_, step, detail); });
        if (!mine)
            return lost();
        return scai::Done{};
    }
    void end(Outcome outcome, const Value& detail) override {
        ended_ = Ended{.outcome = outcome == Outcome::ok       ? "ok"
                                  : outcome == Outcome::failed ? "failed"
                                                               : "unknown",
                       .detail = detail};
    }
    void core(const std::string& core_id) override { core_ = core_id; }

    /// Everything that is not written yet, and `more` with it.
    template<class More>
    bool write(More more) {
        return scai::db::in_tx(pool_, Scope::tenant(tenant_id_),
                               [&](Tx& tx) {
                                   if (core_ && !store::set_core(tx, tenant_id_, id_, attempt_, *core_))
                                       return false;
                                   if (ended_)
                                       store::step_ends(tx, tenant_id_, id_, attempt_, ended_->outcome,
                                                        ended_->detail);
                                   return more(tx);
                               }) &&
               (core_.reset(), ended_.reset(), true);
    }

private:
    struct Ended {
        std::string outcome;
        Value detail;
    };
    /// Another process believes us gone and goes on: nothing more is done here.
    static Error lost() {
        return Error{.kind = ErrorKind::unavailable,
                     .code = "deployment_interrupted",
                     .message = "the database connection that holds the deployment broke",
                     .fix = "deploy again: what was made is found and used"};
    }

    scai::db::Pool& pool_;
    scai::db::AdvisoryLock& lock_;
    std::string tenant_id_, id_;
    int attempt_;
    std::optional<Ended> ended_;
    std::optional<std::string> core_;
};

struct Started {
    std::string id;
    int attempt = 1;
    Known known;
    bool replay = false; ///< done by an earlier request with the key
};

Result<Started> start(Tx& tx, const store::Work& work, const store::By& by) {
    const auto keyed = by.key ? store::find_key(tx, work.tenant_id, by.subject, *by.key) : std::nullopt;
    if (keyed && keyed->request_sha256 != by.request_sha256)
        return Error{.kind = ErrorKind::unprocessable,
                     .code = "idempotency_key_reused",
                     .message = "this Idempotency-Key belongs to another request",
                     .fix = "take a new key for a new request"};
    if (keyed && keyed->status == "succeeded")
        return Started{.id = keyed->id, .attempt = 0, .known = {}, .replay = true};
    Started out;
    const auto running = store::find_running(tx, work); // we hold the lock: its process is gone
    if (running && running->same_work) {
        out.id = running->id;
        out.attempt = store::take_over(tx, work.tenant_id, running->id, by);
    } else {
        if (running)
            store::abandon(tx, work.tenant_id, running->id);
        out.id = "dep_" + scai::crypto::random_id(24);
        store::insert(tx, out.id, work, by);
    }
    out.known = store::known(tx, work);
    return out;
}

/// What is kept of an error: what the client sees of it.
Value record_of(const Error& error) {
    auto out = Value::object({{"error", error.code}, {"message", error.message}});
    if (!error.fix.empty())
        out.set("fix", error.fix);
    for (const auto& [key, value] : error.extra)
        out.set(key, value);
    if (const auto more = scai::json::parse(error.details))
        more->each_member([&](std::string_view key, const Value& value) { out.set(key, value); });
    return out;
}

Error with_deployment(Error error, const std::string& id) {
    auto more = Value::object({{"deployment_id", id}});
    if (const auto details = scai::json::parse(error.details))
        details->each_member([&](std::string_view key, const Value& value) { more.set(key, value); });
    error.details = more.dump();
    return error;
}

Result<flows::Deployment> row_of(Context& context, const Head& head, const std::string& id) {
    auto reader = context.pool.read(Scope::tenant(head.tenant_id));
    auto row = flows::find_deployment(reader, head.tenant_id, head.id, id);
    if (!row)
        return not_found("deployment_not_found", "the flow has no such deployment");
    return std::move(*row);
}

Result<flows::Deployment> work_on(Context& context, const Wish& wish, const Head& head,
                                  const Started& started, const Artefact& artefact,
                                  const grid::Credential& credential, scai::db::AdvisoryLock& lock) {
    Records records(context.pool, lock, head.tenant_id, started.id, started.attempt);
    grid::Client grid(*context.http, credential, wish.caller.request_id);
    const auto outcome =
        run(grid, artefact, started.known, records, std::chrono::steady_clock::now() + deploy_limit);
    if (!outcome && outcome.error().code == "deployment_interrupted")
        return with_deployment(outcome.error(), started.id);
    const auto error = outcome ? Value() : record_of(outcome.error());
    const auto slug = outcome ? outcome->published_slug : std::nullopt;
    const bool mine = records.write([&](Tx& tx) {
        if (!store::finish(tx, head.tenant_id, started.id, started.attempt, slug, error))
            return false;
        flows::store::audit(
            tx, wish.caller, head, outcome ? "flow.deployed" : "flow.deploy_failed", {},
            Value::object({{"deployment_id", started.id},
                           {"core_id", outcome ? Value(outcome->core_id) : Value(nullptr)},
                           {"error", outcome ? Value(nullptr) : Value(outcome.error().code)}}));
        return true;
    });
    if (!outcome)
        return with_deployment(outcome.error(), started.id);
    if (!mine)
        scai::log::warn("deployment_taken_over", {{"deployment", started.id}});
    return row_of(context, head, started.id);
}

} // namespace

Result<Finished> deploy(Context& context, const Wish& wish, const Credentials& credentials) {
    SCAI_TRY(const auto subject, subject_of(context, wish));
    const auto& head = subject.head;
    SCAI_TRY(const auto content, scai::json::parse(subject.content));
    SCAI_TRY(const auto artefact, compile(content, subject.publish));
    SCAI_TRY(const auto credential, credentials(head.tenant_id));
    const auto lock =
        scai::db::AdvisoryLock::try_acquire(context.pool.settings(), lock_of(head.tenant_id, head.id));
    if (!lock) {
        auto reader = context.pool.read(Scope::tenant(head.tenant_id));
        return running_error(store::running_id(reader, head.tenant_id, head.id), head.id);
    }
    const store::Work work{.tenant_id = head.tenant_id,
                           .flow_id = head.id,
                           .version = subject.version,
                           .kind = wish.rollback_of ? "rollback" : "deploy",
                           .rollback_of = wish.rollback_of,
                           .publish = artefact.publish,
                           .grid_url = credential.base_url};
    store::By by{.subject = wish.caller.subject,
                 .credential_kind = std::string(grid::name_of(credential.kind)),
                 .request_id = wish.caller.request_id,
                 .key = {},
                 .request_sha256 = {}};
    if (wish.key) {
        by.key = wish.key->key;
        by.request_sha256 = wish.key->request_sha256;
    }
    auto started = scai::db::in_tx(context.pool, Scope::tenant(head.tenant_id),
                                   [&](Tx& tx) { return start(tx, work, by); });
    if (!started)
        return started.error();
    if (started->replay) {
        SCAI_TRY(auto row, row_of(context, head, started->id));
        return Finished{.deployment = std::move(row), .replayed = true};
    }
    SCAI_TRY(auto row, work_on(context, wish, head, *started, artefact, credential, *lock));
    return Finished{.deployment = std::move(row), .replayed = false};
}

std::int64_t settle_abandoned(scai::db::Pool& pool) {
    std::int64_t settled = 0;
    const auto all = [&] {
        auto reader = pool.read(Scope::all_tenants());
        return store::left_running(reader);
    }();
    for (const auto& left : all) {
        const auto lock =
            scai::db::AdvisoryLock::try_acquire(pool.settings(), lock_of(left.tenant_id, left.flow_id));
        if (!lock)
            continue; // somebody works on it
        scai::db::in_tx(pool, Scope::tenant(left.tenant_id),
                        [&](Tx& tx) { store::abandon(tx, left.tenant_id, left.id); });
        ++settled;
    }
    return settled;
}

} // namespace scaiflow::deploy
