// The settings of ScaiFlow, declared once: --help, README (guard), doctor and every program read this table.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/settings.hpp"

#include <array>

namespace scaiflow {

using scai::config::Setting;
using scai::config::Type;

inline constexpr std::array settings_table{
    Setting{"DATABASE_URL", Type::text, "",
            "libpq URL of the database, several hosts allowed; SCAIFLOW_DB_URL is read when it is unset"},
    Setting{"SCAIFLOW_DB_URL", Type::text, "", "documented name of DATABASE_URL"},
    Setting{"DB_POOL_SIZE", Type::integer, "8", "database sessions per process", 1, 200},
    Setting{"FCGI_THREADS", Type::integer, "8", "worker threads per handler process", 1, 256},
    Setting{"SCAIKEY_BASE_URL", Type::url, "", "base URL of ScaiKey"},
    Setting{"SCAIKEY_AUDIENCE", Type::list, "",
            "accepted aud values; unset: the client id (ScaiKey's default)"},
    Setting{"SCAIFLOW_SCAIKEY_CLIENT_ID", Type::text, "",
            "client id of the WEB application shared by canvas and back end"},
    Setting{"SCAIFLOW_SCAIKEY_CLIENT_SECRET", Type::secret, "", "its secret; never leaves the server"},
    Setting{"SCAIFLOW_SCAIKEY_APPLICATION_ID", Type::text, "me",
            "application whose effective users are mirrored; me = the one the credentials belong to"},
    Setting{"SCAIFLOW_SCAIKEY_WEBHOOK_SECRET", Type::secret, "",
            "HMAC key of ScaiKey webhooks; unset: the receiver answers 503. A comma separates old and new "
            "during a change"},
    Setting{"SCAIKEY_TENANT_ID", Type::text, "", "pin one tenant; unset: tenants are listed from ScaiKey"},
    Setting{"SCAIKEY_TENANT_SLUG", Type::text, "", "use the tenant flavour of the OIDC URLs"},
    Setting{"SCAIKEY_DISCOVERY_URL", Type::url, "", "override of the discovery document's URL"},
    Setting{"SCAIKEY_JWKS_URL", Type::url, "", "override of the key set's URL"},
    Setting{"SCAIKEY_TOKEN_URL", Type::url, "", "override of the token endpoint"},
    Setting{"SCAIKEY_AUTHORIZE_URL", Type::url, "", "override of the authorization endpoint"},
    Setting{"SCAIKEY_PER_PAGE", Type::integer, "100", "page size asked of ScaiKey's lists", 1, 1000},
    Setting{"SCAIKEY_PARALLEL", Type::integer, "8", "calls to ScaiKey in flight during a sweep", 1, 64},
    Setting{"SCAIKEY_TIMEOUT_SECONDS", Type::integer, "30", "limit of one call to ScaiKey", 1, 600},
    Setting{"SCAIKEY_GROUP_MEMBERS_PATH", Type::text, "/api/v1/admin/groups/{group_id}/members",
            "path template of a group's members"},
    Setting{"SCAIFLOW_SYNC_INTERVAL_MINUTES", Type::integer, "60",
            "period of the full sweep that --if-due honours; 0 switches it off", 0, 10080},
    Setting{"SCAIFLOW_SYNC_MAX_DELETES", Type::integer, "50",
            "deletion breaker: a run may remove this many objects", 0, 100000000},
    Setting{"SCAIFLOW_SYNC_MAX_DELETE_PERCENT", Type::integer, "10",
            "deletion breaker: or this share of the mirror, whichever is more", 0, 100},
    Setting{"SCAIFLOW_SUPER_ADMIN_GROUPS", Type::list, "",
            "group ids or names whose members are super_admin"},
    Setting{"SCAIFLOW_HOME_TENANT", Type::text, "",
            "tenant in which names of SCAIFLOW_SUPER_ADMIN_GROUPS resolve; required with several tenants"},
    Setting{"SCAIFLOW_DEFAULT_PERMISSIONS", Type::list, "",
            "permissions of a verified user whose token names none, e.g. scaicore:view"},
    Setting{"SCAIFLOW_AUTH_DISABLED", Type::boolean, "false",
            "development only: every request is one fixed super_admin"},
    Setting{"SCAIFLOW_REDIRECT_URI", Type::url, "",
            "redirect URI the canvas uses; unset: <this host>/auth/callback"},
    Setting{"SCAIFLOW_PUBLIC_URL", Type::url, "",
            "public URL of the API where it differs from the Host header"},
    Setting{"SCAIFLOW_LOG_LEVEL", Type::text, "info", "debug, info, warn or error"},
    Setting{"SCAIFLOW_WEBHOOK_WINDOW_SECONDS", Type::integer, "300",
            "how far a webhook's timestamp may be from now", 1, 86400},
    Setting{"SCAIGRID_BASE_URL", Type::url, "https://scaigrid.scailabs.ai",
            "ScaiGrid of tenants that have set none of their own"},
    Setting{
        "SCAIGRID_TOKEN_URLS", Type::list, "",
        "further base URLs, besides SCAIGRID_BASE_URL, that users' own tokens may be sent to; to a tenant's "
        "other URL goes the tenant's key"},
    Setting{"SCAIGRID_API_KEY", Type::secret, "",
            "development: the key of tenants that have none; also the key of scaiflow deploy"},
    Setting{"SCAIGRID_ALLOW_PRIVATE", Type::boolean, "false",
            "let tenants name a ScaiGrid at a private or loopback address"},
    Setting{
        "SCAIFLOW_GRID_THREADS", Type::integer, "32",
        "worker threads of scaiflow-lookups and scaiflow-scaicore, which wait for ScaiGrid; the calls of one "
        "tenant hold half of them at most",
        2, 256},
    Setting{"SCAIGRID_TIMEOUT_SECONDS", Type::integer, "30", "limit of one call to ScaiGrid", 1, 600},
    Setting{"SCAIGRID_INVOKE_TIMEOUT_SECONDS", Type::integer, "60",
            "limit of an invocation and of what a resolved checkpoint sets going", 1, 600},
    Setting{"SCAIFLOW_LOOKUP_CACHE_SECONDS", Type::integer, "5",
            "how long a list of ScaiGrid is remembered per credential; 0 asks each time", 0, 300},
    Setting{"SCAIFLOW_EVENTS_POLL_MS", Type::integer, "2000",
            "how often ScaiGrid is asked for events that somebody listens to; its rate limit is 60 a minute "
            "and key",
            100, 600000},
    Setting{"SCAIFLOW_STREAMS_PER_TENANT", Type::integer, "200", "event streams open at once per tenant", 1,
            100000},
    Setting{"SCAIFLOW_STREAMS_PER_PROCESS", Type::integer, "10000", "event streams open at once", 1, 100000},
    Setting{"SCAIFLOW_DEPLOY_AUTH", Type::text, "",
            "user_jwt or api_key pins what calls to ScaiGrid carry; unset: the caller's token, else the "
            "tenant's key"},
    Setting{"SCAIFLOW_API_TOKEN", Type::secret, "",
            "bearer of POST /v1/dev/deploy; unset: that endpoint answers 503"},
    Setting{"SCAIVAULT_BASE_URL", Type::url, "",
            "base URL of the ScaiVault that keeps the tenants' ScaiGrid keys"},
    Setting{"SCAIVAULT_CLIENT_ID", Type::text, "",
            "client id of ScaiFlow's service application for ScaiVault"},
    Setting{"SCAIVAULT_CLIENT_SECRET", Type::secret, "", "its secret"},
    Setting{"SCAIVAULT_TENANT_SLUG", Type::text, "",
            "slug of the tenant that application belongs to; unset: it is a platform application"},
    Setting{"SCAIVAULT_TOKEN", Type::secret, "",
            "fixed token for ScaiVault in place of the client credentials"},
    Setting{"OTEL_EXPORTER_OTLP_ENDPOINT", Type::url, "",
            "base URL of an OTLP/HTTP collector of traces (JSON to /v1/traces); unset: no traces"},
    Setting{"OTEL_EXPORTER_OTLP_HEADERS", Type::secret, "",
            "headers the collector asks for: name=value, separated by commas"},
    Setting{"SCAI_METRICS_DIR", Type::text, "",
            "folder of the shared counter files; unset: counters of one process only"},
    Setting{"TRUSTED_PROXIES", Type::list, "", "addresses whose forwarded headers count"},
};

inline constexpr scai::config::Source settings_source{"scaiflow", "SCAIFLOW_ENV_FILE"};

} // namespace scaiflow
