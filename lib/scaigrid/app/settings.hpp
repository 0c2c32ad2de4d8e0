// The settings of the embedded ScaiGrid, declared once: --help, README (guard) and every program read this
// table. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/settings.hpp"

#include <array>

namespace scaigrid {

using scai::config::Setting;
using scai::config::Type;

inline constexpr std::array settings_table{
    Setting{"DATABASE_URL", Type::text, "", "libpq URL of the database, several hosts allowed"},
    Setting{"DB_POOL_SIZE", Type::integer, "8", "database sessions per process", 1, 200},
    Setting{"FCGI_THREADS", Type::integer, "8", "worker threads per handler process", 1, 256},
    Setting{"SCAIGRID_PUBLIC_URL", Type::url, "http://127.0.0.1:8083",
            "public base URL of the embedded ScaiGrid"},
    Setting{"SCAIGRID_ALLOW_PUBLIC", Type::boolean, "false",
            "the embedded ScaiGrid may be served on an address that is not loopback"},
    Setting{"SCAIGRID_LOG_LEVEL", Type::text, "info", "debug, info, warn or error"},
    Setting{"SCAIKEY_BASE_URL", Type::url, "", "base URL of ScaiKey, whose access tokens are accepted"},
    Setting{"SCAIKEY_TENANT_SLUG", Type::text, "", "use the tenant flavour of the OIDC URLs"},
    Setting{"SCAIKEY_DISCOVERY_URL", Type::url, "", "override of the discovery document's URL"},
    Setting{"SCAIKEY_JWKS_URL", Type::url, "", "override of the key set's URL"},
    Setting{"SCAIKEY_TIMEOUT_SECONDS", Type::integer, "10", "limit of one call to ScaiKey", 1, 600},
    Setting{"SCAIGRID_AUDIENCE", Type::list, "scaigrid",
            "accepted aud values of access tokens; ScaiFlow's users come with its client id"},
    Setting{"SCAIGRID_DEFAULT_PERMISSIONS", Type::list, "",
            "permissions of every user of a tenant beside those of the roles, e.g. scaicore:view"},
    Setting{"SCAIGRID_SECRET_KEY", Type::secret, "",
            "seals secret values of a Core's environment; at least 16 characters. Unset: a Core with such "
            "values is refused"},
    Setting{"SCAIGRID_LLM_BASE_URL", Type::url, "",
            "base URL of an OpenAI-compatible endpoint, up to and including /v1; unset: blocks that ask a "
            "model get the echo model's answer, which says what it is"},
    Setting{"SCAIGRID_LLM_API_KEY", Type::secret, "", "bearer key of that endpoint"},
    Setting{"SCAIGRID_LLM_MODEL", Type::text, "",
            "model asked for in place of whatever a Core names; unset: the Core's own"},
    Setting{"SCAIGRID_LLM_TIMEOUT_SECONDS", Type::integer, "60", "limit of one call to that endpoint", 1,
            600},
    Setting{"SCAIGRID_INVOKE_WAIT_SECONDS", Type::integer, "50",
            "how long a call of a Core waits for the run; what takes longer answers RUNNING and goes on in "
            "scaigrid-job-run",
            1, 3600},
    Setting{"SCAIGRID_RUN_LIMIT_SECONDS", Type::integer, "600",
            "longest time a run may work between two pauses", 1, 86400},
    Setting{"SCAIGRID_RUN_LEASE_SECONDS", Type::integer, "30",
            "a run whose process says nothing for so long is taken up by another", 1, 3600},
    Setting{"SCAIGRID_RUN_DAYS", Type::integer, "30", "runs that ended are kept this long", 1, 3650},
    Setting{"SCAIGRID_HTTP_ALLOW_PRIVATE", Type::boolean, "false",
            "http calls of Cores may go to private and loopback addresses"},
    Setting{"SCAIGRID_RATE_LIMIT_KEY", Type::integer, "0",
            "requests per minute and API key, counted per process; 0: no limit", 0, 1000000},
    Setting{"SCAIGRID_RATE_LIMIT_USER", Type::integer, "0", "requests per minute and user; 0: no limit", 0,
            1000000},
    Setting{"SCAIGRID_RATE_LIMIT_TENANT", Type::integer, "0", "requests per minute and tenant; 0: no limit",
            0, 1000000},
    Setting{"SCAIGRID_TEST_FAULTS", Type::boolean, "false",
            "tests only: opens /v1/test/faults, by which anybody makes answers late or wrong"},
    Setting{"SCAI_METRICS_DIR", Type::text, "",
            "folder of the shared counter files; unset: counters of one process only"},
    Setting{"TRUSTED_PROXIES", Type::list, "", "addresses whose forwarded headers count"},
};

inline constexpr scai::config::Source settings_source{"scaigrid", "SCAIGRID_ENV_FILE"};

} // namespace scaigrid
