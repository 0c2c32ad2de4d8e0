// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/deploy/pipeline.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scaiflow/deploy/rules.hpp"

#include <algorithm>
#include <functional>

namespace scaiflow::deploy {

using grid::Answer;
using grid::Call;
using scai::Done;
using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::Status;
using scai::json::Value;

namespace {

constexpr std::string_view cores = "/v1/modules/scaicore/cores";
constexpr std::string_view scopes = "/v1/modules/scaiqueue/scopes";
constexpr int most_pages = 500;
constexpr int page_size = 200;

using Outcome = Journal::Outcome;

/// How a step that failed is said: the upstream's words, the codes of the contract, what to do.
struct Failure {
    std::string code;
    std::string fix;
    std::vector<std::pair<std::string, std::string>> extra = {};
};

Error error_of(const Failure& failure, const Answer& answer) {
    Error out{.kind = ErrorKind::upstream,
              .code = failure.code,
              .message = answer.message,
              .fix = failure.fix,
              .extra = failure.extra};
    if (answer.status == 401)
        out.fix = "ScaiGrid does not accept the credential: sign in again, or set a valid key with POST "
                  "/v1/tenants/me/scaigrid_credentials";
    auto more = Value::object({{"status", answer.status}});
    if (!answer.code.empty())
        more.set("upstream_code", answer.code);
    if (!answer.upstream_request_id.empty())
        more.set("upstream_request_id", answer.upstream_request_id);
    if (answer.status == 403 && failure.code.starts_with("scaicore_"))
        out.fix = "a ScaiGrid administrator grants scaicore:manage";
    out.details = more.dump();
    if (const auto seconds = scai::parse_int(answer.retry_after); seconds && *seconds >= 0)
        out.retry_after_seconds = static_cast<int>(std::min<std::int64_t>(*seconds, 3600));
    return out;
}

Error error_of(const Failure& failure, const Error& transfer) {
    Error out{.kind = transfer.kind == ErrorKind::timeout ? ErrorKind::timeout : ErrorKind::upstream,
              .code = failure.code,
              .message = transfer.message,
              .fix = "deploy again: what was made is found and used",
              .extra = failure.extra};
    out.extra.emplace_back("upstream_code", transfer.code);
    return out;
}

Error error_of(const Failure& failure, std::string message) {
    return Error{.kind = ErrorKind::upstream,
                 .code = failure.code,
                 .message = std::move(message),
                 .fix = failure.fix,
                 .extra = failure.extra};
}

class Pipeline {
public:
    Pipeline(grid::Client& grid, const Artefact& artefact, const Known& known, Journal& journal,
             std::chrono::steady_clock::time_point deadline)
        : grid_(grid), artefact_(artefact), known_(known), journal_(journal), deadline_(deadline) {}

    Result<Deployed> run() {
        SCAI_TRY([[maybe_unused]] const auto queues, provision());
        Deployed out;
        SCAI_TRY(out.core_id, put_core());
        if (artefact_.publish) {
            SCAI_TRY(out.published_slug, publish(out.core_id));
        }
        return out;
    }

private:
    using Pick = std::function<Result<bool>(const Value&)>;

    Result<Answer> send(Call call) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline_ - std::chrono::steady_clock::now());
        if (left <= std::chrono::milliseconds(0))
            return Error{.kind = ErrorKind::timeout,
                         .code = "deploy_deadline",
                         .message = "ScaiGrid took too long over the steps before this one"};
        call.timeout = std::min<std::chrono::milliseconds>(call_limit, left);
        return grid_.send(call);
    }
    Result<Answer> get(const std::string& path, std::string query = {}) {
        return send({.path = path, .query = std::move(query), .retries = 2});
    }
    Result<Answer> write(std::string method, const std::string& path, std::string body,
                         std::string type = "application/json") {
        return send({.method = std::move(method),
                     .path = path,
                     .body = std::move(body),
                     .content_type = std::move(type)});
    }

    /// The first row that `pick` takes, over all pages; absent when there is none.
    Result<Value> find(const std::string& path, const Failure& failure, const Pick& pick) {
        std::string cursor;
        for (int page = 0; page < most_pages; ++page) {
            const auto answer =
                get(path, "limit=" + std::to_string(page_size) +
                              (cursor.empty() ? "" : "&cursor=" + scai::percent_encode(cursor)));
            if (!answer)
                return error_of(failure, answer.error());
            if (!answer->ok())
                return error_of(auth_or(failure, *answer), *answer);
            for (const auto& row : grid::rows_of(*answer)) {
                SCAI_TRY(const bool taken, pick(row));
                if (taken)
                    return row;
            }
            const auto next = grid::next_cursor(*answer);
            if (!next || *next == cursor)
                return Value();
            cursor = *next;
        }
        return error_of(failure, "the list at " + path + " does not end");
    }

    /// ScaiQueue's refusals of the credential have a code of their own.
    static Failure auth_or(const Failure& failure, const Answer& answer) {
        if (failure.code != "scaiqueue_provision_failed" || (answer.status != 401 && answer.status != 403))
            return failure;
        return {.code = "scaiqueue_auth",
                .fix = "a ScaiGrid administrator grants scaiqueue:view and scaiqueue:manage",
                .extra = failure.extra};
    }

    Error failed(const Error& error, Value detail) {
        // Nobody knows what became of a request whose answer did not come.
        const bool unknown = std::any_of(error.extra.begin(), error.extra.end(), [](const auto& pair) {
            return pair.first == "upstream_code" &&
                   (pair.second.starts_with("upstream_") || pair.second == "deploy_deadline");
        });
        detail.set("error", error.code).set("message", error.message);
        if (const auto more = scai::json::parse(error.details))
            more->each_member([&](std::string_view key, const Value& value) { detail.set(key, value); });
        const bool lost = unknown || detail.get("status").integer().value_or(0) >= 500;
        journal_.end(lost ? Outcome::unknown : Outcome::failed, detail);
        return error;
    }

    // --- queues ------------------------------------------------------------------------------------------
    Status provision() {
        const auto slug = artefact_.scaiqueue.member("scope");
        if (slug.empty())
            return Done{};
        const Failure failure{.code = "scaiqueue_provision_failed",
                              .fix = "look at the scope in ScaiQueue, then deploy again",
                              .extra = {{"scope", slug}}};
        auto detail = Value::object({{"scope", slug}});
        SCAI_TRY([[maybe_unused]] const auto begun, journal_.begin("scope", detail));
        bool made = false;
        const auto scope =
            find_or_create(std::string(scopes), slug, Value::object({{"slug", slug}, {"display_name", slug}}),
                           failure, made);
        if (!scope)
            return failed(scope.error(), detail);
        const auto id = id_of(*scope, "scope_id");
        if (id.empty())
            return failed(error_of(failure, "ScaiQueue's scope has no id"), detail);
        journal_.end(Outcome::ok, Value::object({{"scope", slug}, {"scope_id", id}, {"created", made}}));
        std::optional<Error> error;
        artefact_.scaiqueue.get("queues").each_item([&](const Value& queue) {
            if (error)
                return;
            if (const auto done = provision_queue(slug, id, queue); !done)
                error = done.error();
        });
        if (error)
            return *error;
        return Done{};
    }

    Status provision_queue(const std::string& scope, const std::string& scope_id, const Value& declared) {
        const auto slug = declared.member("slug");
        const Failure failure{.code = "scaiqueue_provision_failed",
                              .fix = "give the queue another slug in the flow, or change it in ScaiQueue",
                              .extra = {{"scope", scope}, {"queue", slug}}};
        auto detail = Value::object({{"scope", scope}, {"queue", slug}});
        SCAI_TRY([[maybe_unused]] const auto begun, journal_.begin("queue", detail));
        bool made = false;
        const auto queue = find_or_create(std::string(scopes) + "/" + grid::segment(scope_id) + "/queues",
                                          slug, queue_body(declared), failure, made);
        if (!queue)
            return failed(queue.error(), detail);
        if (const auto difference = queue_difference(*queue, declared); !made && !difference.empty())
            return failed(error_of(failure, "the queue '" + slug + "' exists with " + difference), detail);
        journal_.end(Outcome::ok, Value::object({{"scope", scope},
                                                 {"queue", slug},
                                                 {"queue_id", id_of(*queue, "queue_id")},
                                                 {"created", made}}));
        return Done{};
    }

    Result<Value> find_or_create(const std::string& path, const std::string& slug, const Value& body,
                                 const Failure& failure, bool& made) {
        const auto same = [&](const Value& row) -> Result<bool> { return row.member("slug") == slug; };
        SCAI_TRY(auto row, find(path, failure, same));
        if (row.present())
            return row;
        const auto answer = write("POST", path, body.dump());
        if (!answer)
            return error_of(failure, answer.error());
        if (answer->ok()) {
            made = true;
            return answer->data;
        }
        if (answer->status != 409)
            return error_of(auth_or(failure, *answer), *answer);
        SCAI_TRY(row, find(path, failure, same)); // somebody else was quicker
        if (row.present())
            return row;
        return error_of(failure, *answer);
    }

    // --- the Core ----------------------------------------------------------------------------------------
    Failure core_failure() const {
        return {.code = "scaicore_create_failed", .fix = "see the message; nothing was published"};
    }

    Result<std::string> put_core() {
        if (known_.core_id) {
            SCAI_TRY(const auto updated, update(*known_.core_id, /*must_exist=*/false));
            if (updated)
                return *known_.core_id;
        } else if (known_.search) {
            SCAI_TRY(const auto lost, find_own({}));
            if (!lost.empty())
                return adopt(lost);
        }
        return create();
    }

    /// False when there is no such Core any more.
    Result<bool> update(const std::string& id, bool must_exist) {
        auto detail = Value::object({{"core_id", id}});
        SCAI_TRY([[maybe_unused]] const auto begun, journal_.begin("core_update", detail));
        const auto answer = write("PUT", std::string(cores) + "/" + grid::segment(id), artefact_.manifest,
                                  "application/yaml");
        if (!answer)
            return failed(error_of(core_failure(), answer.error()), detail);
        if (answer->ok()) {
            journal_.core(id);
            journal_.end(Outcome::ok, detail);
            return true;
        }
        if (answer->status == 404 && !must_exist) {
            journal_.end(Outcome::ok, detail.set("gone", true));
            return false;
        }
        return failed(error_of(core_failure(), *answer), detail);
    }

    Result<std::string> adopt(const std::string& id) {
        SCAI_TRY([[maybe_unused]] const auto updated, update(id, /*must_exist=*/true));
        return id;
    }

    Result<std::string> create() {
        auto detail = Value::object({{"slug", artefact_.core_slug}});
        SCAI_TRY([[maybe_unused]] const auto begun, journal_.begin("core_create", detail));
        const auto answer = write("POST", std::string(cores), artefact_.manifest, "application/yaml");
        if (!answer)
            return failed(error_of(core_failure(), answer.error()), detail);
        if (answer->ok()) {
            const auto id = id_of(answer->data, "core_id");
            if (id.empty())
                return failed(error_of(core_failure(), "ScaiGrid made a Core and does not say its id"),
                              detail);
            journal_.core(id);
            journal_.end(Outcome::ok, detail.set("core_id", id));
            return id;
        }
        if (answer->status != 409)
            return failed(error_of(core_failure(), *answer), detail);
        // Taken: ours from a deployment nobody wrote the end of, or somebody else's.
        journal_.end(Outcome::ok, detail.set("taken", true));
        SCAI_TRY(const auto own, find_own(artefact_.core_slug));
        if (!own.empty())
            return adopt(own);
        auto failure = core_failure();
        failure.fix =
            "another Core has the slug '" + artefact_.core_slug + "': rename the flow, or that Core";
        return error_of(failure, *answer);
    }

    /// The Core made of this flow, "" when there is none. With a slug only the one of that name is looked at.
    Result<std::string> find_own(const std::string& slug) {
        auto detail = slug.empty() ? Value::object() : Value::object({{"slug", slug}});
        SCAI_TRY([[maybe_unused]] const auto begun, journal_.begin("core_find", detail));
        const auto mine = [&](const Value& row) -> Result<bool> {
            if (!slug.empty() && row.member("slug") != slug)
                return false;
            if (const auto source = source_of(row))
                return *source == artefact_.flow_id;
            // A list that leaves the source out: ask for the one that may be it.
            if (row.member("slug") != artefact_.core_slug)
                return false;
            const auto whole = get(std::string(cores) + "/" + grid::segment(id_of(row, "core_id")));
            if (!whole)
                return error_of(core_failure(), whole.error());
            return whole->ok() && source_of(whole->data).value_or("") == artefact_.flow_id;
        };
        const auto row = find(std::string(cores), core_failure(), mine);
        if (!row)
            return failed(row.error(), detail);
        const auto id = row->present() ? id_of(*row, "core_id") : std::string();
        journal_.end(Outcome::ok, detail.set("core_id", id.empty() ? Value(nullptr) : Value(id)));
        return id;
    }

    // --- the model ---------------------------------------------------------------------------------------
    Result<std::optional<std::string>> publish(const std::string& core_id) {
        const Failure failure{.code = "scaicore_publish_failed",
                              .fix = "the Core is there; deploy again to publish it",
                              .extra = {{"core_id", core_id}}};
        auto detail = Value::object({{"core_id", core_id}});
        SCAI_TRY([[maybe_unused]] const auto begun, journal_.begin("publish", detail));
        const auto path = std::string(cores) + "/" + grid::segment(core_id);
        auto body = Value::object();
        if (!artefact_.group_ids.empty())
            body.set("group_ids", Value::array_of(artefact_.group_ids));
        const auto answer = write("POST", path + "/publish", body.dump());
        if (!answer)
            return failed(error_of(failure, answer.error()), detail);
        Value core = answer->data;
        std::string slug;
        if (answer->ok()) {
            slug = published_slug(core, known_.tenant_slug);
        } else if (answer->status != 400 && answer->status != 409 && answer->status != 422) {
            return failed(error_of(failure, *answer), detail);
        }
        if (slug.empty()) { // published before, or an answer that does not say the name
            const auto whole = get(path);
            if (!whole)
                return failed(error_of(failure, whole.error()), detail);
            core = whole->data;
            if (!answer->ok() && (!whole->ok() || !is_published(core)))
                return failed(error_of(failure, *answer), detail);
            detail.set("already", !answer->ok());
            slug = published_slug(core, known_.tenant_slug);
        }
        journal_.end(Outcome::ok, detail.set("published_slug", slug.empty() ? Value(nullptr) : Value(slug)));
        return slug.empty() ? std::optional<std::string>{} : std::optional(slug);
    }

    grid::Client& grid_;
    const Artefact& artefact_;
    const Known& known_;
    Journal& journal_;
    std::chrono::steady_clock::time_point deadline_;
};

} // namespace

Result<Artefact> compile(const Value& content, std::optional<bool> publish) {
    const auto compiled = compiler::compile(content, compiler::Format::yaml);
    // What the verifier of the runtime would say is said before anything is sent.
    const auto verified = compiled.body ? compiler::compile(content, compiler::Format::ir) : compiled;
    if (!compiled.body || !verified.body) {
        const auto& diagnostics = compiled.body ? verified.diagnostics : compiled.diagnostics;
        auto errors = Value::array();
        for (const auto& diagnostic : diagnostics)
            if (diagnostic.severity == graph::Severity::error)
                errors.push(diagnostic.message);
        Error error{.kind = ErrorKind::bad_request,
                    .code = "compile_error",
                    .message = errors.at(0).text_or("the flow does not compile"),
                    .fix = "repair what `errors` names; POST /v1/flows/validate checks without deploying"};
        error.details =
            Value::object({{"errors", errors}, {"diagnostics", graph::to_json(diagnostics)}}).dump();
        return error;
    }
    const auto config = content.get("config");
    Artefact out{.flow_id = content.member("id"),
                 .core_slug = compiler::slug(content.member("name")),
                 .manifest = *compiled.body,
                 .scaiqueue = config.get("scaiqueue"),
                 .publish = publish.value_or(config.get("publish_as_model").boolean().value_or(false)),
                 .group_ids = {}};
    config.get("model_visibility_group_ids").each_item([&](const Value& id) {
        if (auto text = id.text())
            out.group_ids.push_back(std::move(*text));
    });
    return out;
}

Result<Deployed> run(grid::Client& grid, const Artefact& artefact, const Known& known, Journal& journal,
                     std::chrono::steady_clock::time_point deadline) {
    return Pipeline(grid, artefact, known, journal, deadline).run();
}

} // namespace scaiflow::deploy
