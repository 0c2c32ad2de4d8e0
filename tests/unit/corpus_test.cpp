// Replays tests/corpus through the fuzz targets, and a few thousand damaged copies of it, always the same
// ones. Runs from the repository root. SPDX-License-Identifier: Apache-2.0
#include "tests/support/fuzz_targets.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

namespace {

std::vector<std::string> corpus(const std::string& name) {
    std::vector<std::string> inputs;
    for (const auto& entry : std::filesystem::directory_iterator("tests/corpus/" + name)) {
        std::ifstream file(entry.path(), std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return inputs;
}

std::string damaged(std::string text, std::minstd_rand& random) {
    const auto below = [&](std::size_t limit) { return random() % std::max<std::size_t>(1, limit); };
    for (std::size_t times = 1 + below(3); times > 0 && !text.empty(); --times) {
        const std::size_t at = below(text.size());
        switch (below(5)) {
        case 0:
            text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
            break;
        case 1:
            text.resize(at);
            break;
        case 2:
            text.insert(at, text.substr(below(text.size()), below(40)));
            break;
        case 3:
            text.erase(at, 1 + below(20));
            break;
        default:
            text[at] = "\0\"{}[],:.0-_9\\"[below(14)];
        }
    }
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(corpus_replay)

BOOST_AUTO_TEST_CASE(every_input_keeps_the_invariants) {
    std::minstd_rand random(20260520);
    for (const auto& target : scai::test::fuzz_targets) {
        const auto inputs = corpus(target.name);
        BOOST_TEST(!inputs.empty());
        for (const std::string& input : inputs) {
            BOOST_CHECK_NO_THROW(target.run(input));
            for (int i = 0; i < 150; ++i) {
                const std::string twin = damaged(input, random);
                BOOST_TEST_CONTEXT(target.name << ": " << twin) {
                    BOOST_CHECK_NO_THROW(target.run(twin));
                }
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
