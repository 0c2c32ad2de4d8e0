// SPDX-License-Identifier: Apache-2.0
#include "lib/scir/glob.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using scai::scir::glob_matches;

BOOST_AUTO_TEST_SUITE(lib_scir_glob)

BOOST_AUTO_TEST_CASE(patterns_that_fit) {
    for (const auto& [pattern, text] : {std::pair{"", ""},
                                        {"*", ""},
                                        {"*", "abc"},
                                        {"a*c", "abbc"},
                                        {"a*c", "ac"},
                                        {"?b?", "abc"},
                                        {"??", "üß"},
                                        {"[a-c]x", "bx"},
                                        {"[!a-c]x", "dx"},
                                        {"[]]", "]"},
                                        {"[a-]", "-"},
                                        {"\\*", "*"},
                                        {"a[", "a["},
                                        {"*.flow.json", "x.flow.json"},
                                        {"*a*b*c*", "xxaxxbxxc"},
                                        {"[α-ω]", "λ"},
                                        {"x\\", "x\\"}})
        BOOST_TEST(glob_matches(pattern, text), pattern << " on " << text);
}

BOOST_AUTO_TEST_CASE(patterns_that_do_not) {
    for (const auto& [pattern, text] : {std::pair{"", "a"},
                                        {"?", ""},
                                        {"a", "A"},
                                        {"a*c", "abd"},
                                        {"[a-c]", "d"},
                                        {"[!a]", "a"},
                                        {"\\*", "x"},
                                        {"abc", "abcd"},
                                        {"abcd", "abc"},
                                        {"a[", "ab"},
                                        {"?", "ab"},
                                        {"[a-c", "b"}})
        BOOST_TEST(!glob_matches(pattern, text), pattern << " on " << text);
}

BOOST_AUTO_TEST_CASE(many_stars_end_soon) {
    std::string pattern;
    for (int i = 0; i < 100; ++i)
        pattern += "*a";
    BOOST_TEST(!glob_matches(pattern + "b", std::string(20'000, 'a')));
}

BOOST_AUTO_TEST_SUITE_END()
