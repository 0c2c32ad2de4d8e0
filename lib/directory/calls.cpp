// SPDX-License-Identifier: Apache-2.0
#include "lib/directory/calls.hpp"

#include "lib/directory/messages.hpp"
#include "lib/json/value.hpp"

namespace scai::directory {

namespace {

constexpr std::size_t max_page = 32U << 20U;
constexpr std::size_t max_words = 300;

/// contract scaikey.md 10.1: detail may be text, list or object.
std::string detail_of(const std::string& body) {
    const auto parsed = scai::json::parse(body);
    if (!parsed)
        return {};
    const auto detail = parsed->get("detail");
    std::string words = detail.is_string() ? detail.text_or("")
                        : detail.present() ? detail.dump()
                                           : std::string();
    if (words.empty())
        words = parsed->member("error_description");
    if (words.empty())
        words = parsed->member("message");
    return words.size() <= max_words ? words : words.substr(0, max_words);
}

std::string toggled(const std::string& path) {
    return path.ends_with('/') ? path.substr(0, path.size() - 1) : path + "/";
}

} // namespace

std::string Failure::words() const {
    if (status == 0)
        return detail;
    return std::to_string(status) + (detail.empty() ? "" : " \"" + detail + "\"");
}

struct Calls::Job {
    std::string kind, path, query;
    Body done;
    std::string bearer{}; ///< the token used, to see whether a 401 is about the current one
    bool renewed = false; ///< already tried with a new token
    bool reread = false;  ///< already tried again after a page that was no JSON
    bool wants_page = false;
    PageDone page_done{};
};

Calls::Calls(const DirectorySettings& s, Learnt& l, scai::oidc::ServiceToken& token,
             std::function<bool()> should_stop)
    : settings(s), learnt(l), token_(token), should_stop_(std::move(should_stop)),
      fleet_(scai::http::make_curl_fleet(s.parallel)) {
    fleet_->watch([this] { return ask_stop(); });
}

bool Calls::ask_stop() {
    if (!stopped_ && should_stop_ && should_stop_()) {
        stopped_ = true;
        fleet_->stop();
    }
    return stopped_;
}

void Calls::run() {
    if (!ask_stop())
        fleet_->run();
}

void Calls::get(const std::string& path, Body done) {
    auto job = std::make_shared<Job>();
    job->path = path;
    job->done = std::move(done);
    send(std::move(job));
}

void Calls::page(const std::string& kind, const std::string& path, const std::string& query, PageDone done) {
    auto job = std::make_shared<Job>();
    job->kind = kind;
    job->path = path;
    job->query = query;
    job->wants_page = true;
    job->page_done = std::move(done);
    send(std::move(job));
}

void Calls::send(std::shared_ptr<Job> job) { // shared: the completion outlives this call
    auto token = token_.get();
    if (!token) {
        Failure failure;
        failure.code = "token";
        failure.detail = token.error().message;
        failure.token = no_token(settings.base_url, token.error());
        if (job->wants_page)
            job->page_done(std::move(failure), std::nullopt);
        else
            job->done(std::move(failure), {});
        return;
    }
    job->bearer = "Bearer " + std::string(token->reveal());
    scai::http::Request request;
    const bool toggle = learnt.toggle_slash[job->kind];
    request.url = settings.base_url + (toggle ? toggled(job->path) : job->path) +
                  (job->query.empty() ? "" : "?" + job->query);
    request.headers = {{"Authorization", job->bearer}, {"Accept", "application/json"}};
    request.timeout = settings.timeout;
    request.connect_timeout = std::min(request.connect_timeout, settings.timeout);
    request.max_body = max_page;
    request.retries = settings.retries;
    request.follow_same_origin = true;
    fleet_->add(std::move(request), [this, job](scai::Result<scai::http::Response> outcome) {
        if (!ask_stop())
            arrived(job, std::move(outcome));
    });
}

void Calls::arrived(const std::shared_ptr<Job>& job, scai::Result<scai::http::Response> outcome) {
    std::optional<Failure> failure;
    std::optional<Page> page;
    if (!outcome) {
        failure = Failure{0, outcome.error().code, outcome.error().message, {}};
    } else if (outcome->status == 401 && !job->renewed) {
        job->renewed = true;
        const auto current = token_.get();
        if (current && job->bearer == "Bearer " + std::string(current->reveal()))
            token_.drop(); // nobody else has renewed it meanwhile
        send(job);
        return;
    } else if (outcome->status != 200) {
        failure = Failure{outcome->status, "status", detail_of(outcome->body), {}};
    } else if (job->wants_page) {
        page = reader_.read(outcome->body);
        if (!page && !job->reread) {
            job->reread = true;
            send(job);
            return;
        }
        if (!page)
            failure = Failure{0, "not_json", "the answer is no list in JSON, or was cut off", {}};
    }
    if (outcome && !outcome->redirected_to.empty() && !job->kind.empty()) {
        const std::string asked = settings.base_url + toggled(job->path);
        if (outcome->redirected_to.substr(0, outcome->redirected_to.find('?')) == asked)
            learnt.toggle_slash[job->kind] = true; // the next ones need no detour
    }
    if (job->wants_page)
        job->page_done(std::move(failure), std::move(page));
    else
        job->done(std::move(failure), outcome ? std::move(outcome->body) : std::string());
}

} // namespace scai::directory
