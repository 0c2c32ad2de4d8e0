// SPDX-License-Identifier: Apache-2.0
#include "lib/directory/listing.hpp"

#include "lib/base/strings.hpp"

namespace scai::directory {

namespace {

constexpr int smaller_page = 50;

} // namespace

Listing::Listing(Calls& calls, Spec spec)
    : calls_(calls), spec_(std::move(spec)), per_page_(calls.learnt.per_page),
      cursor_(per_page_, calls.learnt.largest) {}

void Listing::start(Calls& calls, Spec spec) {
    std::shared_ptr<Listing>(new Listing(calls, std::move(spec)))->ask_more();
}

void Listing::ask_more() {
    // The rest waits here, not in the queue: memory stays bounded by what is in flight.
    for (const Ask& what :
         cursor_.next(static_cast<std::size_t>(calls_.settings.parallel) - cursor_.in_flight()))
        ask(what);
}

void Listing::ask(const Ask& what) {
    std::string query = "page=" + std::to_string(what.page) + "&per_page=" + std::to_string(per_page_);
    if (!what.cursor.empty())
        query += "&" + what.cursor_name + "=" + scai::percent_encode(what.cursor);
    if (!spec_.filter.empty())
        query += "&" + spec_.filter;
    calls_.page(spec_.kind, spec_.path, query,
                [self = shared_from_this(), number = what.page](std::optional<Failure> failure,
                                                                std::optional<Page> page) {
                    self->arrived(number, std::move(failure), std::move(page));
                });
}

void Listing::arrived(std::int64_t number, std::optional<Failure> failure, std::optional<Page> page) {
    if (finished_)
        return;
    if (failure) {
        if (!try_smaller_pages(number, *failure))
            finish(std::move(failure), number);
        return;
    }
    read(number, *page);
    if (spec_.page)
        spec_.page(cursor_);
    ask_more();
    if (cursor_.finished())
        finish(std::nullopt, number);
}

void Listing::read(std::int64_t number, const Page& page) {
    RowCounts counts;
    const std::int64_t here = cursor_.pages();
    for (const simdjson::dom::element row : page.rows) {
        const std::string id = spec_.row(row);
        if (id.empty()) {
            ++counts.unreadable;
            continue;
        }
        const auto [first, fresh] = seen_.try_emplace(std::hash<std::string>()(id), here);
        if (fresh)
            ++counts.fresh;
        else if (first->second != here) // twice on one page is a clumsy join, not a list that moved
            ++counts.repeated;
    }
    cursor_.read(number, page.facts, counts);
}

/// 422 that names per_page: the server wants less than was asked for (contract scaikey.md 10.3).
bool Listing::try_smaller_pages(std::int64_t number, const Failure& failure) {
    if (failure.status != 422 || number != 1 || per_page_ <= smaller_page ||
        failure.detail.find("per_page") == std::string::npos)
        return false;
    calls_.learnt.per_page = smaller_page;
    Spec spec = std::move(spec_);
    finished_ = true;
    start(calls_, std::move(spec));
    return true;
}

void Listing::finish(std::optional<Failure> failure, std::int64_t number) {
    finished_ = true;
    Outcome outcome;
    outcome.rows = cursor_.rows();
    outcome.pages = cursor_.pages();
    outcome.complete = !failure && cursor_.complete();
    if (failure) {
        outcome.first_failed = number == 1;
        outcome.trouble = "page " + std::to_string(number) + " did not come: " + failure->words();
        outcome.failure = std::move(failure);
    } else {
        outcome.trouble = cursor_.trouble();
    }
    spec_.done(outcome);
    spec_ = {}; // whoever the callbacks keep alive may go
}

} // namespace scai::directory
