// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/pattern.hpp"
#include "lib/scaivault/policies/tree.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

using namespace scaivault::policies;

namespace {

// --- the reference: says what the contract says, with no thought of cost
// ---------------------------------------------

bool naive_glob(std::string_view p, std::string_view s) {
    if (p.empty())
        return s.empty();
    if (p[0] == '*')
        return naive_glob(p.substr(1), s) || (!s.empty() && naive_glob(p, s.substr(1)));
    return !s.empty() && (p[0] == '?' || p[0] == s[0]) && naive_glob(p.substr(1), s.substr(1));
}

using Parts = std::vector<std::string_view>;

bool naive(const Parts& pattern, std::size_t p, const Parts& path, std::size_t i) {
    if (p == pattern.size())
        return i == path.size();
    if (pattern[p] == "**") {
        const bool leading = p == 0 && pattern.size() > 1;
        for (std::size_t j = i + (leading ? 1 : 0); j <= path.size(); ++j)
            if (naive(pattern, p + 1, path, j))
                return true;
        return false;
    }
    return i < path.size() && naive_glob(pattern[p], path[i]) && naive(pattern, p + 1, path, i + 1);
}

bool naive(std::string_view pattern, std::string_view path) {
    return naive(segments_of(pattern), 0, segments_of(path), 0);
}

class Generator {
public:
    std::string path() {
        std::string out = word();
        for (auto n = below(5); n > 0; --n)
            out += "/" + word();
        return out;
    }
    std::string pattern() {
        std::string out;
        bool after_any = false;
        for (auto n = 1 + below(4); n > 0; --n) {
            std::string segment;
            switch (below(after_any ? 5 : 7)) {
            case 0:
                segment = "*";
                break;
            case 1:
                segment = word() + "*";
                break;
            case 2:
                segment = "?" + word();
                break;
            case 5:
            case 6:
                segment = "**";
                break;
            default:
                segment = word();
            }
            after_any = segment == "**";
            out += (out.empty() ? "" : "/") + segment;
        }
        return out;
    }

private:
    std::size_t below(std::size_t n) { return random_() % n; }
    // A small alphabet, so that patterns and paths meet.
    std::string word() {
        static constexpr const char* words[] = {"a", "b", "ab", "ba", "aab"};
        return words[below(5)];
    }
    std::mt19937 random_{20260522};
};

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaivault_policies)

BOOST_AUTO_TEST_CASE(the_documented_table_holds) {
    const auto matches = [](const char* pattern, const char* path) {
        return Pattern::parse(pattern)->matches(path);
    };
    BOOST_TEST(matches("app/db", "app/db"));
    BOOST_TEST(!matches("app/db", "app/db/x"));
    BOOST_TEST(matches("app/db/*", "app/db/x"));
    BOOST_TEST(!matches("app/db/*", "app/db/x/y"));
    BOOST_TEST(!matches("app/db/*", "app/db"));
    BOOST_TEST(matches("app/**", "app/x/y/z"));
    BOOST_TEST(matches("app/**", "app"));
    BOOST_TEST(!matches("app/**", "apple/x"));
    BOOST_TEST(matches("**/ssl/*", "x/ssl/y"));
    BOOST_TEST(!matches("**/ssl/*", "ssl/y"));
    BOOST_TEST(matches("a/**/z", "a/z"));
    BOOST_TEST(matches("a/**/z", "a/b/c/z"));
    BOOST_TEST(matches("**", "anything/at/all"));
    BOOST_TEST(matches("env/pr?d/*-key", "env/prod/api-key"));
}

BOOST_AUTO_TEST_CASE(a_bad_pattern_is_refused_with_a_reason) {
    for (const char* text : {"", "/a", "a/", "a//b", "a/**b", "a/**/**", "***", "a/B", "a b", "a/\xC3\xA9"}) {
        const auto pattern = Pattern::parse(text);
        BOOST_TEST_REQUIRE(!pattern, text);
        BOOST_TEST(pattern.error().code == "invalid_glob");
        BOOST_TEST(!pattern.error().message.empty());
    }
    BOOST_TEST(!Pattern::parse(std::string(513, 'a')));
}

BOOST_AUTO_TEST_CASE(the_matcher_agrees_with_the_reference_on_millions_of_pairs) {
    Generator generator;
    std::size_t matched = 0;
    for (int round = 0; round < 6'000; ++round) {
        const auto text = generator.pattern();
        const auto pattern = Pattern::parse(text);
        BOOST_TEST_REQUIRE(static_cast<bool>(pattern), text);
        for (int i = 0; i < 500; ++i) {
            const auto path = generator.path();
            const bool expected = naive(text, path);
            matched += expected ? 1 : 0;
            if (pattern->matches(path) != expected)
                BOOST_TEST_REQUIRE(false, text << " against " << path << " should be " << expected);
        }
    }
    BOOST_TEST(matched > 150'000U); // else the pairs say nothing
}

BOOST_AUTO_TEST_CASE(the_tree_finds_what_each_pattern_matches) {
    Generator generator;
    for (int round = 0; round < 40; ++round) {
        PatternTree tree;
        std::vector<Pattern> patterns;
        for (std::uint32_t i = 0; i < 200; ++i) {
            patterns.push_back(*Pattern::parse(generator.pattern()));
            tree.add(patterns.back(), i);
        }
        for (int i = 0; i < 200; ++i) {
            const auto path = generator.path();
            std::vector<std::uint32_t> found;
            tree.match(segments_of(path), found);
            std::sort(found.begin(), found.end());
            std::vector<std::uint32_t> expected;
            for (std::uint32_t p = 0; p < patterns.size(); ++p)
                if (naive(patterns[p].text(), path))
                    expected.push_back(p);
            BOOST_TEST_REQUIRE(found == expected, path);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_pattern_that_covers_another_matches_all_it_matches) {
    Generator generator;
    int covered = 0;
    for (int round = 0; round < 20'000; ++round) {
        const auto wide = *Pattern::parse(generator.pattern());
        const auto narrow = *Pattern::parse(generator.pattern());
        if (!wide.covers(narrow))
            continue;
        ++covered;
        for (int i = 0; i < 100; ++i) {
            const auto path = generator.path();
            if (naive(narrow.text(), path))
                BOOST_TEST_REQUIRE(naive(wide.text(), path),
                                   wide.text() << " does not cover " << narrow.text() << ": " << path);
        }
    }
    BOOST_TEST(covered > 500);
    const auto covers = [](const char* a, const char* b) {
        return Pattern::parse(a)->covers(*Pattern::parse(b));
    };
    BOOST_TEST(covers("**", "a/**"));
    BOOST_TEST(covers("app/**", "app/*/db"));
    BOOST_TEST(covers("app/*", "app/x*"));
    BOOST_TEST(!covers("app/*", "app/**"));
    BOOST_TEST(!covers("**/x", "**"));
    BOOST_TEST(!covers("**/x", "x"));
}

BOOST_AUTO_TEST_CASE(a_hostile_glob_costs_no_more_than_its_length_times_the_text) {
    std::string pattern;
    for (int i = 0; i < 100; ++i)
        pattern += "a*";
    BOOST_TEST(!glob_matches(pattern + "b", std::string(400, 'a')));
}

BOOST_AUTO_TEST_SUITE_END()
