// SPDX-License-Identifier: Apache-2.0
#include "lib/job/commands.hpp"

#include <algorithm>

namespace scai::job {

namespace {

/// What was typed may hold anything; a terminal is not to obey it.
std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
    return text;
}

} // namespace

std::optional<std::string> unknown_command(const CLI::App& app, int argc, const char* const* argv) {
    const auto* at = &app;
    std::string path = app.get_name();
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        const auto commands = at->get_subcommands([](const CLI::App*) { return true; });
        if (commands.empty() || word.empty())
            return std::nullopt;
        if (word.front() == '-') { // options of the program stand before the command, some with a value
            const auto* option = at->get_option_no_throw(word);
            if (option == nullptr)
                return std::nullopt;
            i += option->get_items_expected_max() > 0 ? 1 : 0;
            continue;
        }
        const CLI::App* found = nullptr;
        std::string names;
        for (const auto* command : commands) {
            if (command->check_name(word))
                found = command;
            names += (names.empty() ? "" : ", ") + command->get_name();
        }
        if (found == nullptr)
            return path + ": there is no command '" + one_line(word) + "': " + names;
        at = found;
        path += " " + word;
    }
    return std::nullopt;
}

} // namespace scai::job
