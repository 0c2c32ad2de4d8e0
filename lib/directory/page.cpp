// SPDX-License-Identifier: Apache-2.0
#include "lib/directory/page.hpp"

#include "lib/base/strings.hpp"

namespace scai::directory {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

std::optional<element> member(object from, std::string_view key) {
    element found;
    if (from.at_key(key).get(found) != simdjson::SUCCESS)
        return std::nullopt;
    return found;
}

std::optional<simdjson::dom::array> array_member(object from, std::string_view key) {
    simdjson::dom::array rows;
    const auto found = member(from, key);
    if (!found || found->get(rows) != simdjson::SUCCESS)
        return std::nullopt;
    return rows;
}

std::optional<object> object_member(object from, std::string_view key) {
    object inner;
    const auto found = member(from, key);
    if (!found || found->get(inner) != simdjson::SUCCESS)
        return std::nullopt;
    return inner;
}

std::optional<std::int64_t> count(element value) {
    std::int64_t number = 0;
    std::string_view text;
    if (value.get(number) == simdjson::SUCCESS)
        return number >= 0 ? std::optional(number) : std::nullopt;
    if (value.get(text) == simdjson::SUCCESS) {
        const auto parsed = scai::parse_int(text);
        return parsed && *parsed >= 0 ? parsed : std::nullopt;
    }
    return std::nullopt;
}

void first_count(object from, std::initializer_list<std::string_view> keys,
                 std::optional<std::int64_t>& into) {
    for (const auto key : keys) {
        const auto found = into ? std::nullopt : member(from, key);
        if (found)
            into = count(*found);
    }
}

/// Paging facts in one object; what an earlier object said stays.
void collect(object from, PageFacts& facts) {
    first_count(from, {"total_pages", "pages", "totalPages", "page_count", "last_page"}, facts.total_pages);
    first_count(from, {"total", "total_count", "totalCount", "total_items", "total_results"}, facts.total);
    for (const std::string_view key : {"has_more", "has_next", "hasMore", "hasNext"}) {
        bool more = false;
        const auto found = member(from, key);
        if (!facts.has_more && found && found->get(more) == simdjson::SUCCESS)
            facts.has_more = more;
    }
    for (const auto& [key, parameter] : {std::pair<const char*, const char*>{"next_cursor", "cursor"},
                                         {"nextCursor", "cursor"},
                                         {"next_page_token", "page_token"}}) {
        std::string_view cursor;
        const auto found = member(from, key);
        if (!found || !facts.cursor_name.empty())
            continue;
        facts.cursor_name = parameter;
        if (found->get(cursor) == simdjson::SUCCESS)
            facts.cursor = cursor;
        if (!facts.has_more) // present but empty or null: this was the last page
            facts.has_more = !facts.cursor.empty();
    }
    // {count, next, previous, results}: `count` is the total only in this company.
    if (const auto next = member(from, "next"); next && member(from, "results")) {
        if (!facts.has_more)
            facts.has_more = !next->is_null();
        first_count(from, {"count"}, facts.total);
    }
}

std::optional<simdjson::dom::array> find_rows(object root) {
    if (auto rows = array_member(root, "data"))
        return rows;
    const auto data = object_member(root, "data");
    for (const auto& place : {data, std::optional(root)})
        for (const std::string_view key :
             {"items", "results", "users", "groups", "members", "tenants", "data"})
            if (place)
                if (auto rows = array_member(*place, key))
                    return rows;
    return std::nullopt;
}

} // namespace

std::optional<Page> PageReader::read(std::string& body) {
    const std::size_t length = body.size();
    body.resize(length + simdjson::SIMDJSON_PADDING);
    element root;
    const auto failure = parser_.parse(body.data(), length, false).get(root);
    body.resize(length);
    if (failure != simdjson::SUCCESS)
        return std::nullopt;
    Page page;
    if (root.get(page.rows) == simdjson::SUCCESS) {
        page.facts.rows = page.rows.size();
        return page;
    }
    object top;
    if (root.get(top) != simdjson::SUCCESS)
        return std::nullopt;
    const auto rows = find_rows(top);
    if (!rows)
        return std::nullopt;
    page.rows = *rows;
    page.facts.rows = page.rows.size();
    for (const std::string_view key : {"pagination", "meta", "page_info", "paging"})
        if (const auto inner = object_member(top, key))
            collect(*inner, page.facts);
    if (const auto data = object_member(top, "data")) {
        if (const auto inner = object_member(*data, "pagination"))
            collect(*inner, page.facts);
        collect(*data, page.facts);
    }
    collect(top, page.facts);
    return page;
}

} // namespace scai::directory
