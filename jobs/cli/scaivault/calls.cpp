// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/calls.hpp"

#include "lib/base/strings.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

namespace scaivault::cli {

using scai::json::Value;

namespace {

using In = Input::In;
using Kind = Input::Kind;

constexpr int page_size_at_most = 1000;

/// What the parser filled in, one for each input, in order.
struct Given {
    ConnectionOptions connection;
    std::vector<std::string> texts;
    std::vector<std::vector<std::string>> lists;
    std::vector<char> flags;
    std::vector<const CLI::Option*> options;
    std::string cursor;
    int limit = 0;

    bool has(std::size_t index) const { return options[index]->count() > 0; }
};

std::string member_of(const Input& input) {
    if (!input.member.empty())
        return input.member;
    auto out = input.name.substr(input.name.starts_with("--") ? 2 : 0);
    std::replace(out.begin(), out.end(), '-', '_');
    return out;
}

std::string joined_list(const std::vector<std::string>& items) {
    std::string out;
    for (const auto& item : items)
        out += (out.empty() ? "" : ",") + item;
    return out;
}

Value value_of(const Input& input, const Given& given, std::size_t index) {
    const auto& text = given.texts[index];
    switch (input.kind) {
    case Kind::clearable:
        return text.empty() ? Value(nullptr) : Value(text);
    case Kind::number:
        return Value(scai::parse_int(text).value_or(0));
    case Kind::flag:
        return Value(true);
    case Kind::yes_no:
        return Value(text == "true");
    case Kind::list:
        return Value::array_of(given.lists[index]);
    case Kind::secret: {
        const auto secret = read_secret_input(text, member_of(input));
        return Value(scai::trim(secret.reveal()));
    }
    case Kind::object: {
        const auto document = read_secret_input(text, "the JSON of " + member_of(input));
        auto parsed = scai::json::parse(document.reveal());
        if (!parsed)
            throw Stop(exit_validation, input.name + ": " + (text == "-" ? "standard input" : text) +
                                            " holds no JSON: " + parsed.error().message);
        return std::move(*parsed);
    }
    case Kind::text:
    case Kind::secret_path:
        return Value(text);
    }
    return {};
}

/// "filters.tags" goes into an object of its own; "" makes the value the whole body.
void put(Value& body, const std::string& member, Value value) {
    const auto dot = member.find('.');
    if (dot == std::string::npos) {
        body.set(member, std::move(value));
        return;
    }
    const auto outer = member.substr(0, dot);
    auto object = body.get(outer);
    if (!object.present()) {
        object = Value::object();
        body.set(outer, object);
    }
    object.set(member.substr(dot + 1), std::move(value));
}

/// A body without members is sent as the call's own.
std::string body_of(const Call& call, const Given& given) {
    auto body = Value::object();
    std::string names;
    for (std::size_t i = 0; i < call.inputs.size(); ++i) {
        const auto& input = call.inputs[i];
        if (input.in != In::body)
            continue;
        if (input.name.starts_with("--"))
            names += (names.empty() ? "" : ", ") + input.name;
        if (given.has(i) || (input.kind == Kind::secret && input.required))
            put(body, member_of(input), value_of(input, given, i));
    }
    if (call.some_change && body.size() == 0)
        throw Stop(exit_validation, "nothing to change: give " + names);
    return body.size() == 0 ? call.body : body.dump();
}

std::string path_of(const Call& call, const std::map<std::string, std::string>& members) {
    std::string out;
    std::string_view rest = call.path;
    while (!rest.empty()) {
        const auto open = rest.find('{');
        out += rest.substr(0, open);
        if (open == std::string_view::npos)
            break;
        const auto close = rest.find('}', open);
        out += members.at(std::string(rest.substr(open + 1, close - open - 1)));
        rest.remove_prefix(close + 1);
    }
    return out;
}

/// The members of the path, ready for a URL.
std::map<std::string, std::string> path_members_of(const Call& call, const Given& given) {
    std::map<std::string, std::string> out;
    for (std::size_t i = 0; i < call.inputs.size(); ++i)
        if (const auto& input = call.inputs[i]; input.in == In::path) {
            if (given.texts[i].empty())
                throw Stop(exit_validation, input.name + " is empty");
            out[member_of(input)] = given.texts[i];
        }
    if (call.complete != nullptr)
        call.complete(out);
    for (std::size_t i = 0; i < call.inputs.size(); ++i)
        if (const auto& input = call.inputs[i]; input.in == In::path && input.kind == Kind::secret_path)
            out[member_of(input)] = path_segment(given.texts[i]);
    for (auto& [name, text] : out)
        if (name != "secret_path")
            text = scai::percent_encode(text);
    return out;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs query_of(const Call& call, const Given& given) {
    Pairs out;
    for (std::size_t i = 0; i < call.inputs.size(); ++i)
        if (const auto& input = call.inputs[i]; input.in == In::query && given.has(i))
            out.emplace_back(member_of(input), input.kind == Kind::list   ? joined_list(given.lists[i])
                                               : input.kind == Kind::flag ? "true"
                                                                          : given.texts[i]);
    return out;
}

/// Every page up to the limit; what comes after it is told by cursor and has_more.
Value all_pages(Api& api, const Call& call, const Given& given, const std::string& path) {
    auto rows = Value::array();
    auto out = Value::object({{call.rows.c_str(), rows}});
    auto cursor = given.cursor;
    for (std::int64_t number = 1;; ++number) {
        const int wanted = given.limit == 0
                               ? page_size_at_most
                               : std::min(given.limit - static_cast<int>(rows.size()), page_size_at_most);
        auto pairs = query_of(call, given);
        const bool numbered = call.pages == Call::Pages::numbered;
        pairs.emplace_back(numbered ? "page_size" : "limit",
                           std::to_string(numbered && given.limit > 0
                                              ? std::min(given.limit, page_size_at_most)
                                              : wanted)); // pages of one size, or they overlap
        pairs.emplace_back(numbered ? "page" : "cursor", numbered ? std::to_string(number) : cursor);
        const auto answer = api.call("GET", path + query(pairs)).json;
        const auto before = rows.size();
        answer.get(call.rows).each_item([&](const Value& row) {
            if (given.limit == 0 || rows.size() < static_cast<std::size_t>(given.limit))
                rows.push(row);
        });
        const bool full = given.limit > 0 && rows.size() >= static_cast<std::size_t>(given.limit);
        if (numbered) {
            const auto total = answer.get("total").integer().value_or(0);
            out.set("total", total);
            if (full || rows.size() == before || static_cast<std::int64_t>(rows.size()) >= total)
                return out;
            continue;
        }
        cursor = answer.get("has_more").boolean().value_or(false) ? answer.member("cursor") : "";
        out.set("cursor", cursor.empty() ? Value(nullptr) : Value(cursor));
        out.set("has_more", !cursor.empty());
        if (full || cursor.empty())
            return out;
    }
}

void show_rows(const Call& call, const Value& rows) {
    std::vector<std::vector<std::string>> table(1);
    for (const auto& column : call.columns)
        table.front().push_back(column.title);
    rows.each_item([&](const Value& row) {
        auto& cells = table.emplace_back();
        for (const auto& column : call.columns)
            cells.push_back(cell(row.get(column.member)));
    });
    print_table(table);
}

/// An answer the server gave with 200 may still say that what was asked for did not come about.
int verdict(const Call& call, const Value& answer, const Value& rows) {
    bool failed = answer.member("status") == "failed";
    rows.each_item([&](const Value& row) { failed = failed || row.member("status") == "failed"; });
    return call.judged && failed ? exit_general : exit_ok;
}

std::string done_text(const Call& call, const std::map<std::string, std::string>& members) {
    Call text;
    text.path = call.done;
    return path_of(text, members) + "\n";
}

int run_call(const Call& call, const Given& given) {
    const auto members = path_members_of(call, given);
    const auto path = path_of(call, members);
    auto body = body_of(call, given);
    Api api(given.connection);
    const auto answer = call.pages == Call::Pages::none
                            ? api.call(call.method, path + query(query_of(call, given)), body).json
                            : all_pages(api, call, given, path);
    explicit_bzero(body.data(), body.size());
    const auto rows = call.rows.empty() ? (answer.is_array() ? answer : Value()) : answer.get(call.rows);
    if (!answer.present()) {
        if (!given.connection.json && !call.done.empty())
            print(done_text(call, members));
    } else if (given.connection.json) {
        print(answer.dump_pretty() + "\n");
    } else if (rows.present()) {
        show_rows(call, rows);
        if (const auto cursor = answer.member("cursor"); !cursor.empty())
            std::fprintf(stderr, "there is more: --cursor %s\n", cursor.c_str());
    } else {
        show_object(given.connection, answer);
    }
    return verdict(call, answer, rows);
}

/// Decimal digits only, small enough for every member there is.
std::string number_problem(std::string& text) {
    const auto number = scai::parse_int(text);
    return number && *number >= 0 ? "" : "\"" + text + "\" is no number";
}

const CLI::Option* add_input(CLI::App& command, const Input& input, Given& given, std::size_t index) {
    auto& text = given.texts[index];
    if (input.kind == Kind::flag)
        return command.add_flag_callback(
            input.name, [&given, index] { given.flags[index] = 1; }, input.help);
    if (input.kind == Kind::list) {
        auto* option = command.add_option(input.name, given.lists[index], input.help)->delimiter(',');
        if (!input.one_of.empty())
            option->check(CLI::IsMember(input.one_of));
        return option->required(input.required || !input.name.starts_with("--"));
    }
    auto* option = command.add_option(input.name, text, input.help);
    if (input.kind == Kind::yes_no)
        option->check(CLI::IsMember({"true", "false"}));
    else if (input.kind == Kind::number)
        option->check(CLI::Validator(number_problem, "NUMBER"));
    else if (!input.one_of.empty())
        option->check(CLI::IsMember(input.one_of));
    // A secret without a file is asked for, or standard input is missing and said to be.
    return option->required((input.required && input.kind != Kind::secret) || !input.name.starts_with("--"));
}

void add_call(CLI::App& parent, Command& run, const Call& call) {
    auto* command = parent.add_subcommand(call.name, call.help);
    command->footer(exit_help);
    const auto given = std::make_shared<Given>();
    add_connection_options(*command, given->connection);
    given->texts.resize(call.inputs.size());
    given->lists.resize(call.inputs.size());
    given->flags.resize(call.inputs.size());
    for (std::size_t i = 0; i < call.inputs.size(); ++i)
        given->options.push_back(add_input(*command, call.inputs[i], *given, i));
    given->limit = call.limit;
    if (call.pages != Call::Pages::none)
        command
            ->add_option("--limit", given->limit,
                         "at most so many; default " +
                             (call.limit == 0 ? std::string("all") : std::to_string(call.limit)))
            ->check(CLI::Range(1, 1000000));
    if (call.pages == Call::Pages::cursors)
        command->add_option("--cursor", given->cursor, "go on where an earlier answer ended");
    command->callback([&run, given, call] { run = [given, call] { return run_call(call, *given); }; });
}

} // namespace

void add_calls(CLI::App& parent, Command& run, const std::vector<Call>& calls) {
    for (const auto& call : calls)
        add_call(parent, run, call);
}

CLI::App* add_group(CLI::App& parent, const std::string& name, const std::string& help) {
    auto* group = parent.add_subcommand(name, help);
    group->require_subcommand(1);
    group->footer(exit_help);
    return group;
}

std::string cell(const Value& value) {
    if (!value.present() || value.is_null())
        return {};
    if (const auto flag = value.boolean())
        return *flag ? "yes" : "no";
    if (!value.is_array())
        return value.text().value_or(value.dump());
    std::string out;
    value.each_item(
        [&](const Value& item) { out += (out.empty() ? "" : ",") + item.text().value_or(item.dump()); });
    return out;
}

int show_object(const ConnectionOptions& options, const Value& answer) {
    if (options.json) {
        print(answer.dump_pretty() + "\n");
        return exit_ok;
    }
    std::vector<std::vector<std::string>> rows;
    answer.each_member([&](std::string_view key, const Value& value) {
        rows.push_back({std::string(key), cell(value)});
    });
    print_table(rows);
    return exit_ok;
}

} // namespace scaivault::cli
