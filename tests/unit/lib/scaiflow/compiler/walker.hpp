// What a flow means, said a second time: a walker over the drawn graph that knows nothing of the compiler. It
// finds what hangs on what by brute force (take a point away and see what can no longer be reached) and asks
// `answers` for conditions and rounds. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace test {

/// Conditions of all edges and rounds of all loops, for one round: {"e3": true, "l7": [round, round]}.
class Walker {
public:
    explicit Walker(const scai::json::Value& flow);
    /// Node ids in the order in which they run, entry first.
    std::vector<std::string> walk(const std::string& entry, const scai::json::Value& answers);

private:
    struct Place {
        std::string node;               ///< "" for what is no node
        std::vector<std::size_t> taken; ///< targets of edges always taken
        struct Alternative {
            std::string condition; ///< member of answers; "" = none of the others
            std::size_t place;
        };
        std::vector<std::vector<Alternative>> choices;
        std::vector<std::size_t> branches; ///< of a parallel
        std::size_t body = 0;              ///< of a loop
        std::vector<std::size_t> below;    ///< nodes that hang on it, in order
    };

    std::size_t make_place(const std::string& node = "");
    void add_port(std::size_t place, const std::vector<scai::json::Value>& edges);
    std::vector<std::size_t> successors(std::size_t place) const;
    void post_order(std::size_t place, std::set<std::size_t>& seen, std::vector<std::size_t>& out) const;
    void hang();
    void forget(std::size_t place);
    void run(std::size_t place, const scai::json::Value& answers);

    std::vector<Place> places_; ///< [0] is the start
    std::map<std::string, std::size_t> nodes_;
    std::map<std::string, std::string> edge_names_, loop_names_;
    std::set<std::size_t> reached_;
    std::vector<std::string> visited_;
    std::set<std::string> entries_;
};

/// The flow with every condition read from field x of the input ("x.e3"), every loop a foreach over "x.l7"
/// whose item is called x too, and every other step one that cannot fail.
scai::json::Value answerable(const scai::json::Value& flow);

} // namespace test
