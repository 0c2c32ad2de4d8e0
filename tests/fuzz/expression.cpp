// libFuzzer entry; see tests/support/fuzz_targets.hpp. SPDX-License-Identifier: Apache-2.0
#include "tests/support/fuzz_targets.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    scai::test::fuzz_expression({reinterpret_cast<const char*>(data), size});
    return 0;
}
