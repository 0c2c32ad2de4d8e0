// SPDX-License-Identifier: Apache-2.0
#include "tests/support/flow_generator.hpp"

#include "tests/support/flow_json.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace scai::test {

using json::Value;

namespace {

constexpr std::array words{"sort", "draft", "check", "notify", "total", "split", "fetch", "rate", "plan"};
constexpr std::array fields{"amount", "kind", "items", "status", "score", "text"};
constexpr std::array step_kinds{
    "llm_rigid",         "llm_guarded",  "llm_flexible",        "tool_plugin",           "tool_http",
    "data_variable_set", "checkpoint",   "queue_publish",       "queue_consume",         "hitl_review",
    "hitl_decision",     "compute_exec", "compute_file_upload", "compute_file_download", "queue_escalation",
    "compute_provision", "subflow_call", "compute_destroy"};

/// An exit that waits for the node it leads to.
struct Exit {
    std::string node, port;
    std::string condition; ///< "" = sequential
    bool of_loop = false;
};
using Exits = std::vector<Exit>;
/// Names that a node may use: everything that surely ran before it.
using Names = std::vector<std::string>;

class Generator {
public:
    Generator(std::uint64_t seed, std::size_t nodes)
        : random_(seed), left_(std::max<std::size_t>(nodes, 2)) {}

    Value make() {
        roles_ = 1 + random_.below(3);
        Exits exits{entry(0)};
        Exits late;
        const std::size_t more = left_ > 8 ? random_.below(3) : 0;
        for (std::size_t i = 1; i <= more; ++i) {
            Exit extra = entry(i);
            if (random_.chance(50)) {
                exits.push_back(std::move(extra));
                continue;
            }
            Names names;
            Exits own = grow({std::move(extra)}, names, 1 + random_.below(2), 4);
            late.insert(late.end(), own.begin(), own.end());
        }
        Names names;
        exits = grow(std::move(exits), names, left_, 0);
        exits.insert(exits.end(), late.begin(), late.end());
        if (exits.size() > 1)
            step(exits, names);
        return finish();
    }

private:
    Random random_;
    std::size_t left_; ///< nodes still to make
    std::size_t roles_ = 1;
    std::size_t made_ = 0, edges_made_ = 0;
    std::size_t next_kind_ = 0;
    std::vector<Value> nodes_, edges_, fallthroughs_;

    std::string new_id() {
        const std::string stem = std::string(random_.pick(words)) + "_" + std::to_string(++made_);
        const std::size_t form = random_.below(10);
        return form == 0 ? stem : form == 1 ? "node-" + stem : "node_" + stem;
    }

    void add(const std::string& id, std::string_view kind, const Value& config) {
        Value out = node(id, kind, config.dump());
        out.set("label", std::string(random_.pick(words)) + " \"" + std::to_string(made_) + "\"");
        out.set("position", Value::object({{"x", static_cast<std::int64_t>(random_.below(4'000))},
                                           {"y", static_cast<double>(random_.below(4'000)) / 2}}));
        nodes_.push_back(std::move(out));
        left_ -= left_ > 0 ? 1 : 0;
    }

    void connect(const Exits& exits, const std::string& to) {
        for (const Exit& exit : exits) {
            Value out = edge(exit.node + "." + exit.port, to, exit.condition);
            out.set("id", "edge_" + std::to_string(++edges_made_));
            // after the conditional edges of its port, whichever was connected first
            (exit.condition.empty() ? fallthroughs_ : edges_).push_back(std::move(out));
        }
    }

    Exit entry(std::size_t index) {
        const std::string id = "node_entry_" + std::to_string(++made_);
        switch ((index + random_.below(3)) % 3) {
        case 0:
            add(id, "entry_api", Value::object({{"path", "/orders"}}));
            return {id, "out_request", {}};
        case 1:
            add(id, "entry_webhook", Value::object({{"method", "PUT"}, {"auth", nullptr}}));
            return {id, "out_event", {}};
        default:
            add(id, "entry_schedule",
                Value::object({{"cron", "*/15 8-17 * * 1-5"}, {"timezone", "Europe/Amsterdam"}}));
            return {id, "out_tick", {}};
        }
    }

    std::string name(const Names& names) {
        if (names.empty() || random_.chance(30))
            return random_.chance(50) ? "input" : random_.chance(50) ? "counter" : "verdict";
        // near ones: flows mostly use what was just made
        const std::size_t near = std::min<std::size_t>(names.size(), 12);
        return names[names.size() - 1 - random_.below(near)];
    }
    std::string path(const Names& names) { return name(names) + "." + random_.pick(fields); }

    std::string expression(const Names& names) {
        const std::string number = std::to_string(random_.below(500));
        switch (random_.below(8)) {
        case 0:
            return path(names) + " > " + number;
        case 1:
            return path(names) + " == 'refund'";
        case 2:
            return path(names) + ".length > 0 && !" + path(names);
        case 3:
            return "(" + path(names) + " + " + number + ") * 2 <= 1.5e3 || " + path(names) + " != null";
        case 4:
            return "\"late\" in " + path(names);
        case 5:
            return path(names) + ".lower().contains('x')";
        case 6:
            return path(names) + " in ['a', \"b\", " + number + "]";
        default:
            return "true";
        }
    }

    std::string text(const Names& names) {
        switch (random_.below(4)) {
        case 0:
            return "{{" + path(names) + "}}";
        case 1:
            return "Order {{ " + path(names) + " }} of {{" + path(names) + "}} costs $5: \"now\"";
        case 2:
            return "{{" + path(names) + " + 1}} items\nleft \xE2\x82\xAC";
        default:
            return "plain text";
        }
    }

    Value llm(const Names& names, bool guarded) {
        Value config = Value::object({{"goal", "Do it: " + text(names)}});
        if (random_.chance(60))
            config.set(random_.chance(70) ? "llm_role" : "model",
                       "role_" + std::to_string(random_.below(roles_)));
        if (random_.chance(60))
            config.set("output_schema", Value::object({{"kind", "enum[a, b]"}, {"amount", "float"}}));
        if (random_.chance(50))
            config.set("input_bindings", Value::object({{"order", text(names)}}));
        if (random_.chance(20))
            config.set("context_bindings", Value::object({{"rules", "keep it short"}}));
        if (random_.chance(20))
            config.set("guidance", "Be brief.").set("constraints", "Never promise.");
        if (guarded && random_.chance(70))
            config.set("guard", expression(names));
        if (guarded && random_.chance(70))
            config.set("validate", "result.amount >= 0");
        if (!guarded && random_.chance(20))
            config.set("identity_ref", true).set("examples", Value::array({Value::object({{"in", "x"}})}));
        return config;
    }

    Value queued(const Names& names, std::string_view kind) {
        Value config = Value::object({{"queue", random_.chance(50) ? "desk" : "done"}});
        if (random_.chance(30))
            config.set("scope", "parcels");
        if (kind == "queue_publish")
            config.set("message_type", "order").set("payload", Value::object({{"text", text(names)}}));
        else if (kind == "queue_escalation")
            config.set("reason", text(names));
        else if (kind == "queue_consume")
            config.set("max_messages", 3);
        else
            config.set("sections", json(R"([{"type":"context","title":"Order","content":"{{input.text}}"},
                                {"type":"input","field":"note","kind":"text","required":false},
                                {"type":"decision","field":"verdict","options":["approve","reject"]}])"));
        return config;
    }

    Value plugin(const Names& names) {
        if (random_.chance(50))
            return Value::object({{"plugin", "scaidrive"},
                                  {"method", "search"},
                                  {"args", Value::object({{"path", "/tariffs/"}, {"query", text(names)}})}});
        return Value::object({{"plugin", "crm"}, {"method", "lookup"}});
    }

    Value settings(std::string_view kind, const Names& names) {
        Value out = Value::object();
        if (kind == "llm_rigid")
            out.set("template", text(names));
        else if (kind == "llm_guarded" || kind == "llm_flexible")
            out = llm(names, kind == "llm_guarded");
        else if (kind == "tool_plugin")
            out = plugin(names);
        else if (kind == "tool_http")
            out.set("url", "https://api.test/" + text(names)).set("headers", Value::object({{"x-id", "1"}}));
        else if (kind == "data_variable_set")
            out.set("name", random_.chance(50) ? "counter" : "verdict").set("value", expression(names));
        else if (kind == "checkpoint" || kind == "hitl_decision")
            out.set("prompt", text(names)).set("options", json(R"(["yes","no"])")).set("timeout", "4h");
        else if (kind == "compute_exec")
            out.set("command", Value::array({"python", "run.py", text(names)}));
        else if (kind == "compute_file_upload")
            out.set("path", "/data/in.json").set("content", text(names));
        else if (kind == "compute_file_download")
            out.set("path", "/data/out.json");
        else if (kind == "compute_provision")
            out.set("image", "python-3.12").set("memory_mb", 1'024);
        else if (kind == "subflow_call")
            out.set("target", "core://acme/refunds")
                .set("input_bindings", Value::object({{"order", text(names)}}))
                .set("timeout", "2m");
        else if (kind.starts_with("queue_") || kind == "hitl_review")
            out = queued(names, kind);
        if (random_.chance(5))
            out.set("breakpoint", true);
        return out;
    }

    /// A plain step that all exits lead to; they become its own.
    void step(Exits& exits, Names& names) {
        const std::string kind = step_kinds[next_kind_++ % step_kinds.size()];
        const std::string id = new_id();
        add(id, kind, settings(kind, names));
        connect(exits, id);
        remember(id, names);
        exits = {{id, "out", {}}};
    }

    void remember(const std::string& id, Names& names) {
        if (id.find('-') == std::string::npos)
            names.push_back(id.starts_with("node_") && random_.chance(50) ? id.substr(5) : id);
    }

    /// Steps, branches and loops behind `exits`; `names` gains what later nodes may use.
    Exits grow(Exits exits, Names& names, std::size_t budget, std::size_t depth) {
        const std::size_t goal = left_ > budget ? left_ - budget : 0;
        Exits held;
        do {
            const std::size_t room = left_ - goal;
            const std::size_t shape = depth < 6 && room > 4 ? random_.below(100) : 0;
            if (shape < 60)
                step(exits, names);
            else if (shape < 82)
                branch(exits, held, names, depth, room);
            else if (shape < 92)
                fan_out(exits, names, depth, room);
            else
                loop(exits, names, depth, room);
        } while (left_ > goal);
        exits.insert(exits.end(), held.begin(), held.end());
        if (std::ranges::any_of(exits, &Exit::of_loop))
            step(exits, names);
        return exits;
    }

    void branch(Exits& exits, Exits& held, Names& names, std::size_t depth, std::size_t room) {
        const std::string id = new_id();
        const bool decision = random_.chance(75);
        const std::string_view kind = decision ? "logic_decision" : "llm_rigid";
        add(id, kind,
            decision ? Value::object({{"style", random_.chance(60) ? "if" : "match"}})
                     : settings(kind, names));
        connect(exits, id);
        if (!decision)
            remember(id, names);
        const std::size_t arms = 2 + random_.below(3);
        const bool otherwise = random_.chance(70);
        Names made = names;
        exits.clear();
        for (std::size_t arm = 0; arm < arms; ++arm) {
            const bool last = arm + 1 == arms && otherwise;
            Exit start{id, "out", last ? "" : expression(names)};
            if (arm == 0 && random_.chance(20)) { // straight to where the branches meet
                exits.push_back(std::move(start));
                continue;
            }
            Names own = names;
            Exits ends = grow({std::move(start)}, own,
                              1 + random_.below(std::max<std::size_t>(1, room / arms)), depth + 1);
            made.insert(made.end(), own.begin() + static_cast<std::ptrdiff_t>(names.size()), own.end());
            exits.insert(exits.end(), ends.begin(), ends.end());
        }
        if (exits.size() > 1 && random_.chance(25)) { // meets the others further down
            held.push_back(std::move(exits.back()));
            exits.pop_back();
        } else {
            names = std::move(made);
        }
    }

    void fan_out(Exits& exits, Names& names, std::size_t depth, std::size_t room) {
        const std::string id = new_id();
        const std::string_view kind = random_.chance(80) ? "logic_parallel" : "llm_rigid";
        add(id, kind,
            kind == "llm_rigid" ? settings(kind, names)
                                : Value::object({{"max_concurrent", 2}, {"fail_fast", true}}));
        connect(exits, id);
        Names made = names;
        const std::size_t before = names.size();
        exits.clear();
        const std::size_t arms = 2 + random_.below(2);
        for (std::size_t arm = 0; arm < arms; ++arm) {
            Names own = names;
            Exits ends = grow({{id, "out", {}}}, own,
                              1 + random_.below(std::max<std::size_t>(1, room / arms)), depth + 1);
            made.insert(made.end(), own.begin() + static_cast<std::ptrdiff_t>(before), own.end());
            exits.insert(exits.end(), ends.begin(), ends.end());
        }
        names = std::move(made);
        step(exits, names);
    }

    void loop(Exits& exits, Names& names, std::size_t depth, std::size_t room) {
        const std::string id = new_id();
        const bool each = random_.chance(60);
        Value config =
            each ? Value::object({{"style", "foreach"}, {"collection", path(names)}, {"item", "line"}})
                 : Value::object(
                       {{"style", "while"}, {"condition", expression(names)}, {"max_iterations", 10}});
        add(id, "logic_loop", config);
        connect(exits, id);
        Names own = names;
        if (each)
            own.push_back("line");
        grow({{id, "body", {}}}, own, 1 + random_.below(std::max<std::size_t>(1, room / 2)), depth + 1);
        remember(id, names);
        exits = {{id, "out", {}, true}};
    }

    /// A data edge here and there, from one node of a straight pair to the other.
    void add_data_edges() {
        const std::size_t count = fallthroughs_.size();
        for (std::size_t i = 0; i < count; ++i) {
            const Value& control = fallthroughs_[i];
            if (control.get("source").member("port") != "out" || !random_.chance(6))
                continue;
            Value data = copy(control);
            fallthroughs_.push_back(
                data.set("id", "edge_" + std::to_string(++edges_made_)).set("type", "data"));
        }
    }

    Value finish() {
        add_data_edges();
        edges_.insert(edges_.end(), fallthroughs_.begin(), fallthroughs_.end());
        Value out = flow(nodes_, edges_);
        Value models = Value::array();
        for (std::size_t i = 0; i < roles_; ++i)
            models.push(Value::object({{"role", "role_" + std::to_string(i)},
                                       {"ref", i == 0 ? "scaigrid" : "openai"},
                                       {"model", "acme/model-" + std::to_string(i)},
                                       {"temperature", 0.5},
                                       {"modalities", Value::array({"text"})}}));
        Value config = json(R"({"scaiqueue":{"scope":"parcels","queues":[{"slug":"desk","purpose":"review"},
                                {"slug":"done","max_retries":2}]},"publish_as_model":false})");
        config.set("core_identity", Value::object({{"name", "Generated"}, {"models", models}}));
        out.set("config", std::move(config));
        out.set("variables", json(R"([{"name":"counter","type":"int","default":0},
                                      {"name":"verdict","type":"object","default":null}])"));
        out.set("metadata", Value::object({{"description", "made by a generator"}}));
        return out;
    }
};

} // namespace

std::uint64_t Random::next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
}

Value generate_flow(std::uint64_t seed, std::size_t nodes) {
    return Generator(seed, nodes).make();
}

Value moved(const Value& flow, std::uint64_t seed) {
    Random random(seed);
    Value out = copy(flow);
    out.get("nodes").each_item([&](const Value& each) {
        each.get("position")
            .set("x", static_cast<std::int64_t>(random.below(9'000)))
            .set("y", static_cast<std::int64_t>(random.below(9'000)));
    });
    return out;
}

Value chain_flow(std::size_t nodes) {
    std::vector<Value> list{node("node_in", "entry_api")};
    std::vector<Value> edges;
    std::string last = "node_in.out_request";
    for (std::size_t i = 1; i < nodes; ++i) {
        const std::string id = "node_" + std::string("step_") + std::to_string(i);
        list.push_back(node(id, "llm_rigid", R"({"template":"{{input.text}}"})"));
        edges.push_back(edge(last, id));
        last = id;
    }
    return flow(std::move(list), std::move(edges));
}

Value ladder_flow(std::size_t nodes) {
    std::vector<Value> list{node("node_in", "entry_api")};
    std::vector<Value> edges;
    std::string last = "node_in.out_request";
    for (std::size_t i = 1; i + 1 < nodes; i += 2) {
        const std::string decision = "node_ask_" + std::to_string(i);
        const std::string leaf = "node_do_" + std::to_string(i);
        list.push_back(node(decision, "logic_decision"));
        list.push_back(node(leaf, "llm_rigid", R"({"template":"x"})"));
        edges.push_back(edge(last, decision));
        edges.push_back(edge(decision, leaf, "input.level == " + std::to_string(i)));
        last = decision;
    }
    return flow(std::move(list), std::move(edges));
}

} // namespace scai::test
