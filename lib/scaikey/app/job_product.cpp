// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/app/job_product.hpp"

#include "lib/scaikey/app/context.hpp"
#include "lib/scaikey/app/settings.hpp"

namespace scaikey {

const scai::job::Product& job_product() {
    static const scai::job::Product product{.name = "scaikey",
                                            .settings = settings_table,
                                            .source = settings_source,
                                            .log_level = "SCAIKEY_LOG_LEVEL",
                                            .pool_settings = pool_settings,
                                            .schema_version = expected_schema_version(),
                                            .migrate_command = "scaikey-job-migrate"};
    return product;
}

} // namespace scaikey
