// PUT /v1/test/faults: {"faults": [...]} in place of all there were. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/test_faults.hpp"
#include "lib/scaigrid/app/faults.hpp"

namespace scaigrid {

Result<Response> set_faults(Context& context, const Request& request) {
    SCAI_TRY([[maybe_unused]] const auto open, faults_open(context));
    SCAI_TRY(const auto body, request.json_object());
    const auto rows = body.get("faults");
    if (!rows.is_array())
        return bad_field("body.faults", "must be a list of faults");
    std::vector<faults::Fault> wanted;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        SCAI_TRY(auto fault, faults::decode(rows.at(i)));
        wanted.push_back(std::move(fault));
    }
    faults::clear(context.pool);
    for (const auto& fault : wanted)
        faults::add(context.pool, fault);
    return fault_list(context, request);
}

} // namespace scaigrid
