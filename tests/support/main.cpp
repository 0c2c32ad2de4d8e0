// Test runner. SPDX-License-Identifier: Apache-2.0
#define BOOST_TEST_MODULE scai
#ifndef BOOST_TEST_DYN_LINK
#define BOOST_TEST_DYN_LINK // the shared library has no main(); this makes one
#endif
#include <boost/test/unit_test.hpp>
