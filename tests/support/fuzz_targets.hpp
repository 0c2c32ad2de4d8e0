// What the fuzz targets do with one input: never crash, never accept what must not be, keep the invariants
// named in the source. A broken invariant throws std::logic_error. tests/fuzz runs them under libFuzzer,
// tests/unit replays tests/corpus through them. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace scai::test {

void fuzz_jwt(std::string_view input);
void fuzz_jwks(std::string_view input);
void fuzz_directory_page(std::string_view input);
void fuzz_flow_json(std::string_view input);
void fuzz_package_reader(std::string_view input);
void fuzz_yaml_import(std::string_view input);
void fuzz_expression(std::string_view input);
void fuzz_ir_reader(std::string_view input);

struct FuzzTarget {
    const char* name; ///< folder below tests/corpus
    void (*run)(std::string_view input);
};

inline constexpr std::array fuzz_targets{
    FuzzTarget{"jwt", fuzz_jwt},
    FuzzTarget{"jwks", fuzz_jwks},
    FuzzTarget{"directory_page", fuzz_directory_page},
    FuzzTarget{"flow_json", fuzz_flow_json},
    FuzzTarget{"package_reader", fuzz_package_reader},
    FuzzTarget{"yaml_import", fuzz_yaml_import},
    FuzzTarget{"expression", fuzz_expression},
    FuzzTarget{"ir_reader", fuzz_ir_reader},
};

} // namespace scai::test
