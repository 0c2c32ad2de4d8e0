// Blocks that hold blocks. SPDX-License-Identifier: Apache-2.0
#include "lib/scir/interpreter/run.hpp"
#include "lib/scir/values.hpp"

namespace scai::scir {

using json::Value;

Flow Run::match(const Frame& frame) {
    // Arms see a subject by that name; it is there for readers, the conditions decide.
    std::optional<Local> subject;
    if (const Value text = frame.block.get("subject"); text.is_string()) {
        const Flow value = expression(frame, text, "subject");
        if (value.stopped())
            return value;
        subject.emplace(*this, "subject", value.value());
    }
    const Value arms = frame.block.get("arms");
    for (std::size_t i = 0; i < arms.size(); ++i) {
        const Value arm = arms.at(i);
        const Flow when = expression(frame, arm.get("when"), "arms[" + std::to_string(i) + "].when");
        if (when.stopped())
            return when;
        if (truthy(when.value()))
            return body(arm.get("body"), frame.prefix);
    }
    return body(frame.block.get("otherwise"), frame.prefix);
}

Flow Run::foreach (const Frame& frame) {
    const Flow collection = expression(frame, frame.block.get("collection"), "collection");
    if (collection.stopped())
        return collection;
    const Value items = collection.value();
    if (!items.is_array())
        return failure(frame, "expression",
                       "collection: a list is needed, found " + std::string(type_name(items)));
    Value results = Value::array();
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (auto stop = step(frame.node_id))
            return *stop;
        const Local item(*this, frame.block.get("item").text_or("item"), items.at(i));
        const Flow round = body(frame.block.get("body"), frame.path + "[" + std::to_string(i) + "]/");
        if (round.stopped())
            return round;
        if (auto stop = collect(bytes, round.value(), frame))
            return *stop;
        results.push(round.value());
    }
    return results;
}

Flow Run::while_loop(const Frame& frame) {
    const std::int64_t most = frame.block.get("max_iterations").integer().value_or(0);
    Value last = nullptr;
    for (std::int64_t i = 0;; ++i) {
        if (auto stop = step(frame.node_id))
            return *stop;
        const Flow condition = expression(frame, frame.block.get("condition"), "condition");
        if (condition.stopped())
            return condition;
        if (!truthy(condition.value()))
            return last;
        if (i >= most)
            return failure(frame, "max_iterations",
                           "the condition still holds after " + std::to_string(most) + " rounds");
        const Flow round = body(frame.block.get("body"), frame.path + "[" + std::to_string(i) + "]/");
        if (round.stopped())
            return round;
        last = round.value();
    }
}

Flow Run::parallel(const Frame& frame) {
    const bool fail_fast = frame.block.get("fail_fast").boolean().value_or(false);
    const Value branches = frame.block.get("branches");
    Value results = Value::object();
    std::size_t bytes = 0;
    std::optional<Stop> failed;
    for (std::size_t i = 0; i < branches.size(); ++i) {
        const Flow branch = body(branches.at(i).get("body"), frame.prefix);
        if (branch.stopped() && (branch.stop().fatal || fail_fast))
            return branch;
        if (branch.stopped() && !failed)
            failed = branch.stop();
        if (auto stop = collect(bytes, branch.value(), frame))
            return *stop;
        results.set(branches.at(i).member("name"), branch.value());
    }
    if (failed)
        return *failed;
    return results;
}

} // namespace scai::scir
