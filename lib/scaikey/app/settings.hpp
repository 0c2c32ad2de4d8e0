// The settings of the embedded ScaiKey, declared once: --help, README (guard) and every program read this
// table. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/settings.hpp"

#include <array>

namespace scaikey {

using scai::config::Setting;
using scai::config::Type;

inline constexpr std::array settings_table{
    Setting{"DATABASE_URL", Type::text, "", "libpq URL of the database, several hosts allowed"},
    Setting{"DB_POOL_SIZE", Type::integer, "8", "database sessions per process", 1, 200},
    Setting{"FCGI_THREADS", Type::integer, "8", "worker threads per handler process", 1, 256},
    Setting{"SCAIKEY_ISSUER", Type::url, "http://127.0.0.1:8082",
            "public base URL of the embedded ScaiKey; `iss` of its tokens starts with it"},
    Setting{"SCAIKEY_ALLOW_PUBLIC", Type::boolean, "false",
            "the embedded ScaiKey may be served on an address that is not loopback"},
    Setting{"SCAIKEY_LOG_LEVEL", Type::text, "info", "debug, info, warn or error"},
    Setting{"SCAIKEY_KEY_ROTATION_HOURS", Type::integer, "720",
            "age at which a signing key is followed by a new one; 0: only by hand", 0, 87600},
    Setting{
        "SCAIKEY_KEY_ANNOUNCE_SECONDS", Type::integer, "300",
        "how long a new signing key is published before it signs, so that every consumer knows it by then", 0,
        86400},
    Setting{"SCAIKEY_SIGNING_ALGORITHM", Type::text, "RS256",
            "RS256 or ES256, for applications that name neither"},
    Setting{"SCAIKEY_KEY_PASSPHRASE", Type::secret, "",
            "seals the signing keys in the database; unset: they are stored in clear"},
    Setting{"SCAIKEY_REFRESH_TOKEN_DAYS", Type::integer, "30", "lifetime of a refresh token", 1, 3650},
    Setting{"SCAIKEY_SESSION_HOURS", Type::integer, "12", "lifetime of a sign-in session", 1, 8760},
    Setting{"SCAIKEY_WEBHOOK_TIMEOUT_SECONDS", Type::integer, "10", "limit of one webhook delivery", 1, 120},
    Setting{"SCAIKEY_EVENT_DAYS", Type::integer, "30",
            "webhook events and their deliveries are kept this long", 1, 3650},
    Setting{"OTEL_EXPORTER_OTLP_ENDPOINT", Type::url, "",
            "base URL of an OTLP/HTTP collector of traces (JSON to /v1/traces); unset: no traces"},
    Setting{"OTEL_EXPORTER_OTLP_HEADERS", Type::secret, "",
            "headers the collector asks for: name=value, separated by commas"},
    Setting{"SCAI_METRICS_DIR", Type::text, "",
            "folder of the shared counter files; unset: counters of one process only"},
    Setting{"TRUSTED_PROXIES", Type::list, "", "addresses whose forwarded headers count"},
};

inline constexpr scai::config::Source settings_source{"scaikey", "SCAIKEY_ENV_FILE"};

} // namespace scaikey
