// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/job_product.hpp"

#include "lib/scaiflow/app/context.hpp"
#include "lib/scaiflow/app/settings.hpp"

namespace scaiflow {

const scai::job::Product& job_product() {
    static const scai::job::Product product{.name = "scaiflow",
                                            .settings = settings_table,
                                            .source = settings_source,
                                            .log_level = "SCAIFLOW_LOG_LEVEL",
                                            .pool_settings = pool_settings,
                                            .schema_version = expected_schema_version(),
                                            .migrate_command = "scaiflow-admin migrate"};
    return product;
}

} // namespace scaiflow
