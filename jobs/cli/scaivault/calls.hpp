// Commands that are one request to the API and a table of what came back: a row says the words, the request,
// what may be given and which columns people see.
//   {.name = "get", .help = "one policy", .path = "/v1/rotation/policies/{id}",
//    .inputs = {{.name = "id", .help = "rot_...", .in = Input::In::path}}}
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/cli/scaivault/connection.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::cli {

/// Something the user may give.
struct Input {
    enum class In { path, query, body };
    enum class Kind {
        text,
        clearable, ///< text; an empty one is sent as null
        number,
        flag,        ///< true when it is there
        yes_no,      ///< true or false, as written
        list,        ///< may be repeated, or separated by commas
        secret_path, ///< of a secret
        secret,      ///< the name of a file, - for standard input; asked for when it is not given
        object,      ///< the name of a file with a JSON value, - for standard input
    };
    std::string name; ///< "id" stands by itself, "--status" is an option
    std::string help;
    In in = In::query;
    Kind kind = Kind::text;
    bool required = false;   ///< what stands by itself always is
    std::string member = {}; ///< in the request; default: the name, - as _; "filters.tags": in an object
    std::vector<std::string> one_of = {};
};

struct Column {
    std::string title, member;
};

struct Call {
    enum class Pages { none, cursors, numbered };
    std::string name, help;
    std::string method = "GET", path;
    std::vector<Input> inputs = {};
    std::string rows = {}; ///< the answer's member with the rows; "" = the answer is one object, or a list
    std::vector<Column> columns = {}; ///< of rows
    Pages pages = Pages::none;
    int limit = 0;            ///< rows without --limit; 0 = all
    bool some_change = false; ///< at least one input has to be in the body
    bool judged = false;      ///< exit status 1 when an answer or row has the status "failed"
    std::string done = {};    ///< said to people when the answer is empty; {id} stands for the input
    std::string body = {};    ///< sent when no input is in the body
    /// Puts members into the path that no input gives.
    void (*complete)(std::map<std::string, std::string>& path_members) = nullptr;
};

/// A subcommand each. `parent` is asked for one of them.
void add_calls(CLI::App& parent, Command& run, const std::vector<Call>& calls);
/// A word with commands below it, told of the exit codes.
CLI::App* add_group(CLI::App& parent, const std::string& name, const std::string& help);

/// One cell of a table.
std::string cell(const scai::json::Value& value);
/// The answer as it is with --json, else its members in two columns.
int show_object(const ConnectionOptions& options, const scai::json::Value& answer);

} // namespace scaivault::cli
