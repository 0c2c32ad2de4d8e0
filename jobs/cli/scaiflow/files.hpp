// What the commands read, write and say. Everything about the content of a file is one line on standard
// error, `file: error: message (path)`, as compilers do it. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"
#include "lib/scaiflow/graph/diagnostic.hpp"

#include <string>
#include <string_view>

namespace scaiflow::cli {

inline constexpr int exit_ok = 0;
inline constexpr int exit_problems = 1; ///< something is wrong with the content
inline constexpr int exit_usage = 2;    ///< bad arguments, or a file that cannot be read or written

/// What every command's --help ends with.
inline constexpr const char* exit_help =
    "Exit status: 0 fine, 1 problems found, 2 bad usage or a file that cannot be read or written.";

/// Colours for a stream that is a terminal, unless NO_COLOR is set or TERM is dumb.
class Paint {
public:
    explicit Paint(int descriptor);
    std::string red(std::string_view text) const { return with("31", text); }
    std::string green(std::string_view text) const { return with("32", text); }
    std::string yellow(std::string_view text) const { return with("33", text); }
    std::string bold(std::string_view text) const { return with("1", text); }

private:
    std::string with(const char* code, std::string_view text) const;
    bool on_;
};

/// Without line breaks, escapes and other control characters: names and messages come from the file.
std::string printable(std::string_view text);
/// "<standard input>" for "-".
std::string shown(const std::string& file);
/// `file: error: message (path)` on standard error.
void complain(const std::string& file, std::string_view message, std::string_view path = {});
void warn(const std::string& file, std::string_view message, std::string_view path = {});
/// All of them, in their order; true when there was an error.
bool complain(const std::string& file, const graph::Diagnostics& diagnostics);
/// Complains, one line for each field when there are any.
void complain(const std::string& file, const scai::Error& error);

/// The whole file, "-" for standard input; 16 MiB at most. Error: cannot be read, or too large.
scai::Result<std::string> read_file(const std::string& file);

/// A flow as it is in the file. Says itself what was wrong.
struct Flow {
    scai::json::Value content; ///< absent after a failure
    std::string text;
    int exit_code = exit_ok;
    std::string problem; ///< of a file that could be read, but holds no flow
};
enum class Quiet { no, yes }; ///< yes: what is wrong with the content is left in `problem`
Flow read_flow(const std::string& file, Quiet quiet = Quiet::no);

/// Writes to a file of its own beside the target and renames it, so that nobody sees half of it; "-" and what
/// is no plain file are written directly. Complains and returns exit_usage when that fails.
int write_file(const std::string& file, std::string_view bytes);
/// Standard output, checked: a full disk is no success.
int print(std::string_view text);
/// Whether both names mean one existing file.
bool same_file(const std::string& a, const std::string& b);

/// "dir/my-flow.flow.json" -> "my-flow"; "flow" for standard input.
std::string stem_of(const std::string& file);

} // namespace scaiflow::cli
