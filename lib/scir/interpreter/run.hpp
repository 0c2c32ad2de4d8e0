// One run of a module: the state all block families share. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scir/expression.hpp"
#include "lib/scir/interpreter.hpp"

#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace scai::scir {

/// Why a run cannot go on. A fatal stop is not for on_failure or the other branches of a parallel to catch.
struct Stop {
    bool suspended = false;
    bool fatal = false;
    std::string code = {}, message = {}, node_id = {};
};

/// What a block or a body gave: nothing when no block that counts has run, or the reason to stop.
class [[nodiscard]] Flow {
public:
    Flow() = default;
    // NOLINTBEGIN(google-explicit-constructor): `return value;` and `return stop;` are the point
    Flow(json::Value value) : value_(std::move(value)) {}
    Flow(Stop stop) : stop_(std::move(stop)) {}
    // NOLINTEND(google-explicit-constructor)
    bool stopped() const { return stop_.has_value(); }
    const Stop& stop() const { return *stop_; }
    bool has_value() const { return value_.has_value(); }
    json::Value value() const { return value_.value_or(json::Value(nullptr)); }

private:
    std::optional<json::Value> value_;
    std::optional<Stop> stop_;
};

/// A block being run.
struct Frame {
    const json::Value& block;
    std::string kind, node_id, path;
    std::string prefix; ///< of the paths of blocks beside it: "node_loop[2]/"
    bool synthetic = false;
};

class Run {
public:
    Run(const json::Value& module, const json::Value& input, Host& host, const RunLimits& limits,
        const Clock& clock);
    RunResult run(const std::string& trigger);

private:
    // run.cpp: bodies, names, limits
    Flow body(const json::Value& blocks, const std::string& prefix);
    Flow block(const json::Value& block, const std::string& prefix);
    Flow dispatch(const Frame& frame);
    std::optional<Stop> step(const std::string& node_id);
    std::optional<Stop> in_time(const std::string& node_id) const;
    /// Adds the size of `value` to `bytes`; stops when that is more than a scope may hold.
    std::optional<Stop> collect(std::size_t& bytes, const json::Value& value, const Frame& frame) const;
    std::optional<Stop> store(std::map<std::string, json::Value, std::less<>>& into, const std::string& name,
                              const json::Value& value, const Frame& frame);
    json::Value lookup(std::string_view name) const;
    Stop failure(const Frame& frame, std::string code, std::string message) const;
    Stop too_large(const Frame& frame) const;
    void event(const char* type, const Frame& frame, json::Value value, std::string message);
    Flow expression(const Frame& frame, const json::Value& text, std::string_view key);
    Flow rendered(const Frame& frame, const json::Value& source, std::string_view key);
    /// Copies the rendered templates `keys` of the block into `request`, absent and null ones left out.
    std::optional<Stop> render_into(const Frame& frame, json::Value& request,
                                    std::initializer_list<const char*> keys);
    Flow call(const Frame& frame, EffectKind kind, json::Value request);

    // leaf.cpp: rigid, LLM calls, checkpoint, core_call
    Flow rigid(const Frame& frame);
    Flow statement(const Frame& frame, const json::Value& statement);
    Flow emit(const Frame& frame, const json::Value& statement);
    Flow flexible(const Frame& frame);
    Flow guarded(const Frame& frame);
    Flow model_call(const Frame& frame, const json::Value& request, std::int64_t retries,
                    const char* validate, json::Value& answer);
    Flow recover(const Frame& frame, const json::Value& handler, const Stop& stop, const json::Value& answer);
    Flow llm_request(const Frame& frame);
    Flow checkpoint(const Frame& frame);
    Flow core_call(const Frame& frame);

    // control.cpp
    Flow match(const Frame& frame);
    Flow foreach (const Frame& frame);
    Flow while_loop(const Frame& frame);
    Flow parallel(const Frame& frame);

    /// Makes a name visible until the end of the scope.
    class Local {
    public:
        Local(Run& run, std::string name, json::Value value) : run_(run) {
            run_.locals_.emplace_back(std::move(name), std::move(value));
        }
        ~Local() { run_.locals_.pop_back(); }
        Local(const Local&) = delete;
        Local& operator=(const Local&) = delete;

    private:
        Run& run_;
    };

    const json::Value& module_;
    json::Value input_, trigger_;
    Host& host_;
    const RunLimits& limits_;
    const Clock& clock_;
    UtcTime started_;
    RunResult result_;
    std::map<std::string, json::Value, std::less<>> variables_, bindings_;
    std::set<std::string, std::less<>> own_names_;       ///< all that the flow binds, assigns or declares
    std::unordered_map<std::string, std::size_t> sizes_; ///< bytes by name, of variables and bindings
    std::size_t scope_bytes_ = 0;
    std::vector<std::pair<std::string, json::Value>> locals_; ///< innermost last
    std::unordered_map<std::string, std::size_t> calls_;      ///< made at each path
    std::unordered_set<std::string> paths_;                   ///< of calls made
    std::size_t depth_ = 0;
    // Parsed texts by the address of their value, which the module keeps alive.
    std::unordered_map<const void*, Expression> expressions_;
    std::unordered_map<const void*, Template> templates_;
};

} // namespace scai::scir
