// Test runner. SPDX-License-Identifier: Apache-2.0
#define BOOST_TEST_MODULE scai
#include <boost/test/unit_test.hpp>
