// scaikey-job-migrate: brings schema scaikey to the newest migration, or to --target. By hand and at `make
// up`. SPDX-License-Identifier: Apache-2.0
#include "lib/job/migrate.hpp"
#include "lib/scaikey/app/job_product.hpp"

int main(int argc, char** argv) {
    return scai::job::migrate_main(scaikey::job_product(),
                                   "Applies the migrations of the embedded ScaiKey's schema.", argc, argv);
}
