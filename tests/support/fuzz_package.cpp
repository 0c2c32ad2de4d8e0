// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/catalog/package.hpp"
#include "lib/scaiflow/graph/graph.hpp"
#include "lib/zip/zip.hpp"
#include "tests/support/fuzz_targets.hpp"

#include <stdexcept>

namespace scai::test {

namespace {

void hold(bool invariant, const char* what) {
    if (!invariant)
        throw std::logic_error(what);
}

void check_names(const zip::Files& files) {
    for (const auto& [name, content] : files) {
        hold(!name.empty() && name.front() != '/' && name.back() != '/', "a name outside the folder");
        hold(("/" + name + "/").find("/../") == std::string::npos, "a name that goes up");
    }
}

} // namespace

void fuzz_package_reader(std::string_view input) {
    namespace catalog = scaiflow::catalog;
    const zip::Limits small{.max_entries = 8, .max_total = 1U << 20U};
    if (const auto files = zip::unpack(input, small)) {
        std::size_t total = 0;
        for (const auto& [name, content] : *files)
            total += content.size();
        hold(files->size() <= small.max_entries && total <= small.max_total, "more than the limits");
        check_names(*files);
        const auto again = zip::unpack(zip::pack(*files), small);
        hold(again && *again == *files, "files that change when they are packed");
    }
    const auto package = catalog::read_package(input);
    if (!package) {
        hold(package.error().kind == ErrorKind::bad_request && !package.error().message.empty(),
             "a refusal that says nothing");
        return;
    }
    hold(catalog::valid_package_id(package->info.package_id), "a package id that is none");
    const auto copy = catalog::fresh_copy(*package);
    hold(scaiflow::graph::read(copy).graph.has_value(), "an installed flow that does not fit the schema");
    hold(copy.member("id") != package->content.member("id"), "an installed flow that is not new");
}

} // namespace scai::test
