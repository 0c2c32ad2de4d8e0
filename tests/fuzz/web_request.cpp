// clang++ -fsanitize=fuzzer,address -std=c++20 -I. tests/fuzz/web_request.cpp <objects>; corpus in
// tests/corpus/web_request. SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/web_request.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    return fuzz::web_request(data, size);
}
