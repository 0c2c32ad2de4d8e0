// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/job_product.hpp"

#include "lib/scaivault/app/context.hpp"
#include "lib/scaivault/app/settings.hpp"

namespace scaivault {

const scai::job::Product& job_product() {
    static const scai::job::Product product{.name = "scaivault",
                                            .settings = settings_table,
                                            .source = settings_source,
                                            .log_level = "LOG_LEVEL",
                                            .pool_settings = pool_settings,
                                            .schema_version = expected_schema_version(),
                                            .migrate_command = "scaivault migrate"};
    return product;
}

} // namespace scaivault
