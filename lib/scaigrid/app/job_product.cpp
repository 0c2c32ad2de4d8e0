// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/job_product.hpp"

#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/app/settings.hpp"

namespace scaigrid {

const scai::job::Product& job_product() {
    static const scai::job::Product product{.name = "scaigrid",
                                            .settings = settings_table,
                                            .source = settings_source,
                                            .log_level = "SCAIGRID_LOG_LEVEL",
                                            .pool_settings = pool_settings,
                                            .schema_version = expected_schema_version(),
                                            .migrate_command = "scaigrid-job-migrate"};
    return product;
}

} // namespace scaigrid
