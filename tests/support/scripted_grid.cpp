// SPDX-License-Identifier: Apache-2.0
#include "tests/support/scripted_grid.hpp"

#include "lib/yaml/yaml.hpp"

#include <algorithm>

namespace scai::test {

using json::Value;

namespace {

constexpr std::string_view modules = "/v1/modules/";
constexpr auto forever = std::chrono::minutes(10);

HttpReply ok(const Value& data, int status = 200) {
    return {.status = status,
            .body =
                Value::object(
                    {{"status", "ok"}, {"data", data}, {"meta", Value::object({{"request_id", "req_up"}})}})
                    .dump()};
}

HttpReply error(int status, const std::string& code, const std::string& message) {
    return {.status = status,
            .body = Value::object({{"status", "error"},
                                   {"error", Value::object({{"code", code}, {"message", message}})},
                                   {"meta", Value::object({{"request_id", "req_up"}})}})
                        .dump()};
}

bool fits(const std::string& pattern, const std::string& call) {
    return pattern.ends_with('*') ? call.starts_with(pattern.substr(0, pattern.size() - 1)) : call == pattern;
}

} // namespace

ScriptedGrid::ScriptedGrid() : server_([this](const HttpRequest& request) { return answer(request); }) {}

std::vector<ScriptedGrid::Core> ScriptedGrid::cores() const {
    const std::lock_guard lock(mutex_);
    return cores_;
}
std::vector<std::string> ScriptedGrid::scopes() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const auto& [id, slug] : scopes_)
        out.push_back(slug);
    return out;
}
std::vector<ScriptedGrid::Queue> ScriptedGrid::queues() const {
    const std::lock_guard lock(mutex_);
    return queues_;
}
std::vector<std::string> ScriptedGrid::bearers() const {
    const std::lock_guard lock(mutex_);
    return bearers_;
}
std::vector<std::string> ScriptedGrid::calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
}
std::string ScriptedGrid::last_group_ids() const {
    const std::lock_guard lock(mutex_);
    return group_ids_;
}
void ScriptedGrid::add_scope(const std::string& slug) {
    const std::lock_guard lock(mutex_);
    scopes_.emplace_back("sc_" + std::to_string(++number_), slug);
}
void ScriptedGrid::add_queue(const std::string& scope, const Value& body) {
    const std::lock_guard lock(mutex_);
    queues_.push_back({.scope_slug = scope, .slug = body.member("slug"), .body = body});
}
void ScriptedGrid::add_core(const std::string& slug, const std::string& source_id) {
    const std::lock_guard lock(mutex_);
    cores_.push_back(
        {.id = "core_" + std::to_string(++number_), .slug = slug, .source_id = source_id, .manifest = {}});
}
void ScriptedGrid::drop_cores() {
    const std::lock_guard lock(mutex_);
    cores_.clear();
}
void ScriptedGrid::fail(const std::string& call, Fail what) {
    const std::lock_guard lock(mutex_);
    fails_.emplace_back(call, std::move(what));
}
void ScriptedGrid::hold(int nth, bool applied) {
    const std::lock_guard lock(mutex_);
    hold_in_ = nth;
    hold_applied_ = applied;
}
int ScriptedGrid::held() const {
    const std::lock_guard lock(mutex_);
    return held_;
}
void ScriptedGrid::release() {
    const std::lock_guard lock(mutex_);
    hold_in_ = 0;
}
void ScriptedGrid::hide_sources(bool hide) {
    const std::lock_guard lock(mutex_);
    hide_sources_ = hide;
}
void ScriptedGrid::page_size(std::size_t rows) {
    const std::lock_guard lock(mutex_);
    page_size_ = rows;
}
void ScriptedGrid::refuse_tokens(std::set<std::string> tokens) {
    const std::lock_guard lock(mutex_);
    refused_ = std::move(tokens);
}
void ScriptedGrid::only_token(std::string token) {
    const std::lock_guard lock(mutex_);
    only_token_ = std::move(token);
}

HttpReply ScriptedGrid::answer(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    const auto call = request.method + " " + request.path;
    calls_.push_back(call);
    auto bearer = request.header("authorization");
    bearer = bearer.starts_with("Bearer ") ? bearer.substr(7) : "";
    if (std::find(bearers_.begin(), bearers_.end(), bearer) == bearers_.end())
        bearers_.push_back(bearer);
    if (bearer.empty())
        return error(401, "AUTH_TOKEN_MISSING", "no Authorization header");
    if (refused_.contains(bearer) || (!only_token_.empty() && bearer != only_token_))
        return error(401, "AUTH_TOKEN_INVALID", "bad credential");
    if (hold_in_ > 0 && --hold_in_ == 0) {
        auto reply = hold_applied_ ? route(request) : error(500, "HELD", "held");
        ++held_;
        reply.delay = forever;
        return reply;
    }
    for (auto at = fails_.begin(); at != fails_.end(); ++at)
        if (fits(at->first, call)) {
            const auto what = at->second;
            if (--at->second.times <= 0)
                fails_.erase(at);
            if (what.applied)
                route(request);
            return {.status = what.status, .body = what.body, .fault = what.fault, .delay = what.delay};
        }
    return route(request);
}

HttpReply ScriptedGrid::route(const HttpRequest& request) {
    const auto& path = request.path;
    if (path == "/v1/me")
        return ok(Value::object({{"id", "usr_grid"},
                                 {"email", "grid@x.test"},
                                 {"tenant_id", "t1"},
                                 {"permissions", Value::array({"scaicore:manage"})}}));
    const std::string cores = std::string(modules) + "scaicore/cores",
                      scopes = std::string(modules) + "scaiqueue/scopes";
    if (path == cores && request.method == "POST")
        return create_core(request);
    if (path == cores) {
        std::vector<Value> rows;
        for (const auto& core : cores_)
            rows.push_back(view(core, true));
        return list(request, rows);
    }
    if (path.starts_with(cores + "/")) {
        auto id = path.substr(cores.size() + 1);
        const bool publishes = id.ends_with("/publish");
        if (publishes)
            id.resize(id.size() - 8);
        auto* core = find(id);
        if (core == nullptr)
            return error(404, "NOT_FOUND", "no such Core");
        if (publishes)
            return publish(request, *core);
        return request.method == "PUT" ? change_core(request, *core) : ok(view(*core, false));
    }
    if (path == scopes && request.method == "POST")
        return create_scope(request);
    if (path == scopes) {
        std::vector<Value> rows;
        for (const auto& [id, slug] : scopes_)
            rows.push_back(Value::object({{"id", id}, {"slug", slug}, {"display_name", slug}}));
        return list(request, rows);
    }
    if (path.starts_with(scopes + "/") && path.ends_with("/queues"))
        return queues_of(request, path.substr(scopes.size() + 1, path.size() - scopes.size() - 8));
    return error(404, "NOT_FOUND", "no such route: " + path);
}

HttpReply ScriptedGrid::create_core(const HttpRequest& request) {
    const auto parsed = yaml::parse(request.body);
    if (!parsed)
        return error(422, "VALIDATION_ERROR", "no YAML");
    const auto core = parsed->get("core");
    const auto slug = core.member("name");
    for (const auto& other : cores_)
        if (other.slug == slug)
            return error(409, "SLUG_CONFLICT", "slug '" + slug + "' is taken");
    cores_.push_back({.id = "core_" + std::to_string(++number_),
                      .slug = slug,
                      .source_id = core.get("scaiflow_meta").member("source_id"),
                      .manifest = request.body});
    return ok(view(cores_.back(), false), 201);
}

HttpReply ScriptedGrid::change_core(const HttpRequest& request, Core& core) {
    const auto parsed = yaml::parse(request.body);
    if (!parsed)
        return error(422, "VALIDATION_ERROR", "no YAML");
    core.manifest = request.body;
    core.source_id = parsed->get("core").get("scaiflow_meta").member("source_id");
    core.slug = parsed->get("core").member("name");
    ++core.puts;
    return ok(view(core, false));
}

HttpReply ScriptedGrid::publish(const HttpRequest& request, Core& core) {
    const auto body = json::parse(request.body);
    group_ids_ = body ? body->get("group_ids").dump() : "";
    if (core.published)
        return error(400, "VALIDATION_ERROR", "already published; use sync");
    core.published = true;
    return ok(view(core, false));
}

HttpReply ScriptedGrid::create_scope(const HttpRequest& request) {
    const auto body = json::parse(request.body);
    const auto slug = body ? body->member("slug") : "";
    for (const auto& [id, other] : scopes_)
        if (other == slug)
            return error(409, "SLUG_CONFLICT", "slug taken");
    scopes_.emplace_back("sc_" + std::to_string(++number_), slug);
    return ok(Value::object({{"id", scopes_.back().first}, {"slug", slug}}), 201);
}

HttpReply ScriptedGrid::queues_of(const HttpRequest& request, const std::string& scope_id) {
    std::string scope;
    for (const auto& [id, slug] : scopes_)
        if (id == scope_id)
            scope = slug;
    if (scope.empty())
        return error(404, "NOT_FOUND", "no such scope");
    std::vector<Value> rows;
    for (const auto& queue : queues_)
        if (queue.scope_slug == scope)
            rows.push_back(queue.body);
    if (request.method == "GET")
        return list(request, rows);
    auto body = json::parse(request.body);
    if (!body)
        return error(422, "VALIDATION_ERROR", "no JSON");
    for (const auto& row : rows)
        if (row.member("slug") == body->member("slug"))
            return error(409, "SLUG_CONFLICT", "slug taken");
    body->set("id", "q_" + std::to_string(++number_));
    queues_.push_back({.scope_slug = scope, .slug = body->member("slug"), .body = *body});
    return ok(*body, 201);
}

HttpReply ScriptedGrid::list(const HttpRequest& request, const std::vector<Value>& rows) const {
    const auto cursor = request.query("cursor");
    const std::size_t from = cursor.empty() ? 0 : std::stoul(cursor);
    auto page = Value::array();
    for (std::size_t i = from; i < std::min(rows.size(), from + page_size_); ++i)
        page.push(rows[i]);
    const bool more = from + page_size_ < rows.size();
    return {.body = Value::object(
                        {{"status", "ok"},
                         {"data", page},
                         {"has_more", more},
                         {"next_cursor", more ? Value(std::to_string(from + page_size_)) : Value(nullptr)}})
                        .dump()};
}

Value ScriptedGrid::view(const Core& core, bool in_list) const {
    auto metadata = Value::object();
    if (core.published)
        metadata.set("published", true).set("published_slug", "scaicore/acme/" + core.slug);
    auto out =
        Value::object({{"id", core.id}, {"slug", core.slug}, {"status", "created"}, {"metadata", metadata}});
    if (!in_list || !hide_sources_)
        out.set("source",
                Value::object({{"core", Value::object({{"scaiflow_meta",
                                                        Value::object({{"source_id", core.source_id}})}})}}));
    return out;
}

ScriptedGrid::Core* ScriptedGrid::find(const std::string& id) {
    for (auto& core : cores_)
        if (core.id == id)
            return &core;
    return nullptr;
}

} // namespace scai::test
