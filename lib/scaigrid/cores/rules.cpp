// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/cores/rules.hpp"

#include "lib/base/strings.hpp"

namespace scaigrid::cores {

std::string slug_of(std::string_view name) {
    constexpr std::size_t longest = 100;
    std::string out;
    for (const char c : scai::to_lower(name)) {
        const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (kept)
            out += c;
        else if (!out.empty() && out.back() != '-')
            out += '-';
    }
    out.resize(std::min(out.size(), longest));
    while (out.ends_with('-'))
        out.pop_back();
    return out.empty() ? "core" : out;
}

std::string_view name_of(Action action) {
    switch (action) {
    case Action::start:
        return "start";
    case Action::stop:
        return "stop";
    case Action::restart:
        return "restart";
    case Action::pause:
        return "pause";
    case Action::resume:
        return "resume";
    }
    return "";
}

const std::vector<std::string>& states_for(Action action) {
    static const std::vector<std::string> startable{"created", "stopped", "error"};
    static const std::vector<std::string> running{"running"};
    static const std::vector<std::string> restartable{"running", "crashed"};
    static const std::vector<std::string> paused{"paused"};
    switch (action) {
    case Action::start:
        return startable;
    case Action::stop:
    case Action::pause:
        return running;
    case Action::restart:
        return restartable;
    case Action::resume:
        return paused;
    }
    return paused;
}

std::string_view state_after(Action action) {
    switch (action) {
    case Action::stop:
        return "stopped";
    case Action::pause:
        return "paused";
    case Action::start:
    case Action::restart:
    case Action::resume:
        return "running";
    }
    return "running";
}

const std::vector<std::string>& deletable_states() {
    static const std::vector<std::string> states{"created", "stopped"};
    return states;
}

scai::Error wrong_state(std::string_view what, std::string_view state,
                        const std::vector<std::string>& allowed) {
    return scai::Error{.kind = scai::ErrorKind::conflict,
                       .code = "CORE_STATE_CONFLICT",
                       .message = "cannot " + std::string(what) + " a Core that is " + std::string(state) +
                                  "; it must be " + scai::join(allowed, " or ")};
}

} // namespace scaigrid::cores
