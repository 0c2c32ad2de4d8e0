// The settings of ScaiVault, declared once: --help, README (guard) and every program read this table.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/settings.hpp"

#include <array>

namespace scaivault {

using scai::config::Setting;
using scai::config::Type;

inline constexpr std::int64_t most_per_minute = 1'000'000;

inline constexpr std::array settings_table{
    Setting{"DATABASE_URL", Type::text, "", "libpq URL of the database, several hosts allowed"},
    Setting{"DB_POOL_SIZE", Type::integer, "8", "database sessions per process", 1, 200},
    Setting{"FCGI_THREADS", Type::integer, "8", "worker threads per handler process", 1, 256},
    Setting{
        "REDIS_URL", Type::text, "",
        "redis://, rediss:// or unix:// URL of the rate-limit buckets; without it each process counts alone"},
    Setting{"BASE_URL", Type::url, "", "public URL of ScaiVault; issuer of the tokens it exchanges"},
    Setting{"LOG_LEVEL", Type::text, "info", "debug, info, warn or error"},
    Setting{"SCAIKEY_URL", Type::url, "", "base URL of ScaiKey; SCAIKEY_BASE_URL is read when it is unset"},
    Setting{"SCAIKEY_BASE_URL", Type::url, "", "other name of SCAIKEY_URL"},
    Setting{"SCAIKEY_DISCOVERY_URL", Type::url, "", "override of the discovery document's URL"},
    Setting{"SCAIKEY_JWKS_URL", Type::url, "", "override of the key set's URL"},
    Setting{"SCAIKEY_TOKEN_URL", Type::url, "", "override of the token endpoint"},
    Setting{"SCAIKEY_CLIENT_ID", Type::text, "",
            "ScaiVault's own application at ScaiKey: introspection of skt_ tokens, identity sync"},
    Setting{"SCAIKEY_CLIENT_SECRET", Type::secret, "", "its secret"},
    Setting{"SCAIKEY_TENANT_ID", Type::text, "", "pin one tenant; unset: tenants are listed from ScaiKey"},
    Setting{"SCAIKEY_TENANT_SLUG", Type::text, "", "use the tenant flavour of the OIDC URLs"},
    Setting{"SCAIKEY_PER_PAGE", Type::integer, "100", "page size asked of ScaiKey's lists", 1, 1000},
    Setting{"SCAIKEY_PARALLEL", Type::integer, "8", "calls to ScaiKey in flight during a sync", 1, 64},
    Setting{"SCAIKEY_TIMEOUT_SECONDS", Type::integer, "10", "limit of one call to ScaiKey", 1, 600},
    Setting{"SCAIKEY_WEBHOOK_SECRET", Type::secret, "",
            "HMAC key of ScaiKey webhooks; unset: the receiver answers 503. A comma separates old and new "
            "during a change"},
    Setting{"IDENTITY_SYNC_INTERVAL", Type::text, "1h", "period of the identity sync that --if-due honours"},
    Setting{"IDENTITY_SYNC_MAX_DELETES", Type::integer, "50",
            "removals of a kind in a tenant that stop a sync, when the percentage is exceeded too", 0,
            1000000000},
    Setting{"IDENTITY_SYNC_MAX_DELETE_PERCENT", Type::integer, "10", "likewise, of what the copy holds", 0,
            100},
    Setting{"SCAIVAULT_AUDIENCE", Type::list, "scaivault", "accepted aud values of access tokens"},
    Setting{"BOOTSTRAP_SUPER_ADMIN", Type::text, "",
            "user:<email> or user:<id> who becomes super_admin once known and signed in"},
    Setting{"BOOTSTRAP_TENANT", Type::text, "",
            "tenant of BOOTSTRAP_SUPER_ADMIN; needed when its address exists in several"},
    Setting{"METRICS_TOKEN", Type::secret, "",
            "bearer token GET /v1/metrics asks for; unset: anybody who reaches it may read it"},
    Setting{"MIGRATE_ON_START", Type::boolean, "true",
            "a handler brings an older database to its version before it serves"},
    Setting{"KMS_PROVIDER", Type::text, "", "where the root key lives: local, pkcs11, hashicorp or aws"},
    Setting{"KMS_LOCAL_KEY_FILE", Type::text, "", "local: file of root keys, readable by its owner only"},
    Setting{"KMS_KEY_ID", Type::text, "", "aws: ARN or id of the key"},
    Setting{"KMS_AWS_REGION", Type::text, "", "aws: region; unset: taken from the ARN"},
    Setting{"KMS_AWS_ENDPOINT", Type::url, "", "aws: other endpoint than the region's"},
    Setting{"AWS_ACCESS_KEY_ID", Type::text, "", "aws: access key"},
    Setting{"AWS_SECRET_ACCESS_KEY", Type::secret, "", "aws: secret of the access key"},
    Setting{"AWS_SESSION_TOKEN", Type::secret, "", "aws: session token of temporary credentials"},
    Setting{"KMS_KEY_NAME", Type::text, "", "gcp: resource name of the key"},
    Setting{"KMS_KEY_URL", Type::url, "", "azure: URL of the key"},
    Setting{"KMS_VAULT_ADDR", Type::url, "", "hashicorp: URL of the server with the transit engine"},
    Setting{"KMS_VAULT_TOKEN", Type::secret, "",
            "hashicorp: token that may encrypt and decrypt with the key"},
    Setting{"KMS_TRANSIT_KEY", Type::text, "", "hashicorp: name of the transit key"},
    Setting{"KMS_TRANSIT_MOUNT", Type::text, "transit", "hashicorp: path of the transit engine"},
    Setting{"KMS_PKCS11_MODULE", Type::text, "", "pkcs11: shared library of the token"},
    Setting{"KMS_PKCS11_SLOT", Type::text, "", "pkcs11: slot number or token label"},
    Setting{"KMS_PKCS11_PIN", Type::secret, "", "pkcs11: user PIN"},
    Setting{"KMS_KEY_LABEL", Type::text, "", "pkcs11: label of the AES key"},
    Setting{"OBJECT_STORE_PROVIDER", Type::text, "", "s3 or minio; unset: no object store"},
    Setting{"OBJECT_STORE_BUCKET", Type::text, "", "bucket of audit exports"},
    Setting{"OBJECT_STORE_REGION", Type::text, "us-east-1", "its region"},
    Setting{"OBJECT_STORE_ENDPOINT", Type::url, "", "other endpoint than the region's"},
    Setting{"OBJECT_STORE_ACCESS_KEY", Type::text, "", "its access key"},
    Setting{"OBJECT_STORE_SECRET_KEY", Type::secret, "", "secret of the access key"},
    Setting{"SCAIVAULT_WEBHOOK_ALLOW_PRIVATE", Type::boolean, "false",
            "webhooks may go to private and loopback addresses"},
    Setting{"SCAIVAULT_EVENT_DAYS", Type::integer, "30",
            "events, their deliveries and buffers are removed after so many days", 1, 3650},
    Setting{"RATE_LIMIT_SECRETS_READ", Type::integer, "1000", "per minute and identity; 0: not limited", 0,
            most_per_minute},
    Setting{"RATE_LIMIT_SECRETS_WRITE", Type::integer, "100", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_SECRETS_DELETE", Type::integer, "100", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_SECRETS_LIST", Type::integer, "100", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_BATCH_READ", Type::integer, "100", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_BATCH_METADATA", Type::integer, "100", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_AUDIT_QUERY", Type::integer, "50", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_AUDIT_EXPORT", Type::integer, "5", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_POLICY_OPS", Type::integer, "50", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_POLICY_TEST", Type::integer, "200", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_PKI_ISSUE", Type::integer, "50", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_PKI_ADMIN", Type::integer, "20", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_ACME_ORDER", Type::integer, "30", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_WEBHOOK_OPS", Type::integer, "20", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_SUBSCRIPTION_OPS", Type::integer, "20", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_SUBSCRIPTION_POLL", Type::integer, "240", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_FEDERATION_OPS", Type::integer, "20", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_DYNAMIC_GENERATE", Type::integer, "100", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_DYNAMIC_ADMIN", Type::integer, "20", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_LEASE_OPS", Type::integer, "100", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_IDENTITY_READ", Type::integer, "100", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_IDENTITY_SYNC", Type::integer, "5", "likewise", 0, most_per_minute},
    Setting{"RATE_LIMIT_AUTH", Type::integer, "300",
            "likewise; requests without a valid token count per source address", 0, most_per_minute},
    Setting{"OTEL_EXPORTER_OTLP_ENDPOINT", Type::url, "", "OTLP/HTTP collector of traces; unset: no traces"},
    Setting{"SCAI_METRICS_DIR", Type::text, "",
            "folder of the shared counter files; unset: counters of one process only"},
    Setting{"TRUSTED_PROXIES", Type::list, "", "addresses whose forwarded headers count"},
};

inline constexpr scai::config::Source settings_source{"scaivault", "SCAIVAULT_ENV_FILE"};

} // namespace scaivault
