// Exports of the trail (contract scaivault.md 1.13): asked for over the API, written by a job to
// S3-compatible storage; the operator's command writes the same files to a folder. Files are made in parts of
// bounded size, so memory does not grow with the period. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/base/secret.hpp"
#include "lib/config/settings.hpp"
#include "lib/db/db.hpp"
#include "lib/http/client.hpp"
#include "lib/json/value.hpp"
#include "lib/scaivault/audit/query.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scaivault::audit {

/// Where the files go. The credentials stay where they are: only the path of the secret is kept.
struct Destination {
    std::string type, bucket, prefix, credentials_path, region;
};
/// 400 invalid_config names what is wrong; gcs and azure_blob are not built.
scai::Result<Destination> destination_of(const scai::json::Value& object);
scai::json::Value to_json(const Destination& destination);

struct Export {
    std::string id, tenant_id, partner_id, status, requested_by, format;
    Filter filter; ///< from and to are set
    Destination destination;
    std::int64_t estimated_records = 0, attempts = 0;
    scai::UtcTime created_at;
    std::optional<scai::UtcTime> started_at, completed_at;
    std::optional<std::int64_t> records;
    std::string manifest; ///< JSON text, "" until it is completed
    std::string error;
};
scai::json::Value to_json(const Export& row);

std::string make_export_id();
void store_export(scai::db::Tx& tx, const Export& row);
std::optional<Export> find_export(scai::db::Pool& pool, const std::string& tenant_id, const std::string& id);
/// Newest first, those before (`at` in microseconds, id).
std::vector<Export> list_exports(scai::db::Pool& pool, const std::string& tenant_id,
                                 const std::optional<std::pair<std::int64_t, std::string>>& before,
                                 std::int64_t limit);

/// Credentials of a secret's text: access_key_id, secret_access_key, and session_token and region when they
/// are there. invalid_config says which member is missing, never what is in it.
struct StorageKeys {
    std::string access_key, region;
    scai::SecretText secret_key, session_token;
};
scai::Result<StorageKeys> storage_keys_of(const scai::SecretText& secret);

/// Where finished files go. An Error's message is public.
class Sink {
public:
    virtual ~Sink() = default;
    virtual scai::Status put(const std::string& name, std::string content) = 0;
};
/// Objects <prefix><name> of a bucket by PUT with Signature Version 4. `endpoint` is empty for AWS.
std::unique_ptr<Sink> s3_sink(scai::http::Client& http, const scai::Clock& clock,
                              const Destination& destination, StorageKeys keys, const std::string& endpoint);
/// New files in a folder that exists; a file that is there already is an error.
std::unique_ptr<Sink> file_sink(const std::string& folder);

struct Written {
    std::int64_t records = 0;
    scai::json::Value manifest; ///< also written, last, as "<export id>/manifest.json"
};
/// Writes the files of an export: "<id>/part-00001.jsonl" and so on, each at most about `part_bytes`. The
/// same export gives the same names, so a run that died is simply repeated. unavailable when `must_stop`.
scai::Result<Written> write_export(scai::db::Pool& pool, const Export& row, Sink& sink,
                                   const scai::Clock& clock, const std::function<bool()>& must_stop,
                                   std::size_t part_bytes = 32U << 20U);

/// Opens the sink of an export: reads the secret with the credentials.
using OpenSink = std::function<scai::Result<std::unique_ptr<Sink>>(const Export& row)>;
struct ExportReport {
    std::int64_t completed = 0, failed = 0, postponed = 0, records = 0;
};
/// Everything that waits, oldest first; what fails is tried again by the next runs, five times in all. The
/// caller holds the job's lock: what a killed run left as running is taken up again.
ExportReport run_exports(scai::db::Pool& pool, const OpenSink& open, const scai::Clock& clock,
                         const std::function<bool()>& must_stop);
std::int64_t count_waiting(scai::db::Pool& pool);

} // namespace scaivault::audit
