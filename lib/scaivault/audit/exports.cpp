// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/audit/exports.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/json/raw.hpp"
#include "lib/log/log.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/audit/chain.hpp"
#include "lib/scaivault/audit/store_exports.hpp"

#include <algorithm>
#include <cstdio>

namespace scaivault::audit {

namespace {

namespace db = scai::db;
using scai::Result;
using scai::json::Value;

constexpr std::size_t export_id_length = 20;
constexpr std::int64_t page_rows = 2000;
constexpr std::int64_t most_attempts = 5;

scai::Error invalid_config(std::string message) {
    return invalid("invalid_config", std::move(message));
}

bool only(std::string_view text, std::string_view more) {
    return std::all_of(text.begin(), text.end(), [more](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || more.find(c) != std::string_view::npos;
    });
}

/// The rules of S3; they also keep a name from becoming another host or path.
bool is_bucket(std::string_view name) {
    return name.size() >= 3 && name.size() <= 63 && only(name, ".-") &&
           name.find("..") == std::string_view::npos && only(name.substr(0, 1), "") &&
           only(name.substr(name.size() - 1), "");
}

bool is_prefix(std::string_view text) {
    constexpr std::size_t longest = 512;
    if (text.size() > longest || !scai::valid_utf8(text) || text.starts_with('/'))
        return false;
    for (const auto& segment : scai::split_list(text, '/'))
        if (segment == "." || segment == "..") // curl would resolve them
            return false;
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

Result<std::string> text_member(const Value& object, const char* name, bool required) {
    const auto value = object.get(name);
    if (!value.present() || value.is_null()) {
        if (required)
            return invalid_config("destination." + std::string(name) + " is needed");
        return std::string();
    }
    if (!value.is_string())
        return invalid_config("destination." + std::string(name) + " must be a text");
    return *value.text();
}

/// A plain text member of a secret, without a tree of it being made. Keys have no escapes but "\/".
Result<scai::SecretText> secret_member(const scai::SecretText& secret,
                                       std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const auto raw = scai::json::raw_member(secret.reveal(), name);
        if (!raw || *raw == "null")
            continue;
        if (raw->size() < 3 || raw->front() != '"')
            return invalid_config("the member " + std::string(name) + " of the credentials must be a text");
        std::string text;
        text.reserve(raw->size());
        const auto inner = raw->substr(1, raw->size() - 2);
        for (std::size_t i = 0; i < inner.size(); ++i) {
            if (inner[i] == '\\' && (i + 1 == inner.size() || inner[++i] != '/')) {
                explicit_bzero(text.data(), text.size());
                return invalid_config("the member " + std::string(name) + " of the credentials is no key");
            }
            text += inner[i];
        }
        scai::SecretText out(text);
        explicit_bzero(text.data(), text.size());
        return out;
    }
    return scai::SecretText();
}

/// RFC 4180.
void append_csv(std::string& out, std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"')
            out += '"';
        out += c;
    }
    out += '"';
}

constexpr std::string_view csv_head = "id,timestamp,action,identity_type,identity_id,secret_path,source_ip,"
                                      "user_agent,success,duration_ms,request_id,"
                                      "extra_data\r\n";

std::string csv_line(const Record& record) {
    std::string out;
    for (const auto& text : {record.id, to_wire_time(record.at), record.action, record.identity_type,
                             record.identity_id, record.secret_path.value_or(""), record.source_ip,
                             record.user_agent, std::string(record.success ? "true" : "false"),
                             std::to_string(record.duration_ms), record.request_id}) {
        append_csv(out, text);
        out += ',';
    }
    append_csv(out, record.extra);
    return out + "\r\n";
}

/// Collects rows into files and hands each on when it is large enough.
class Writer {
public:
    Writer(const Export& row, Sink& sink, std::size_t part_bytes)
        : row_(row), sink_(sink), part_bytes_(part_bytes), csv_(row.format == "csv") {}

    scai::Status add(const Record& record) {
        if (part_.empty() && csv_)
            part_ = csv_head;
        if (in_part_ == 0)
            first_ = record.at;
        last_ = record.at;
        part_ += csv_ ? csv_line(record) : to_json(record).dump() + "\n";
        ++in_part_;
        ++records_;
        return part_.size() >= part_bytes_ ? flush() : scai::Status(scai::Done{});
    }

    /// The rest, then the manifest.
    Result<Written> finish(const std::vector<Anchor>& anchors, scai::UtcTime now) {
        if (in_part_ > 0 || files_.size() == 0) {
            if (part_.empty() && csv_)
                part_ = csv_head;
            SCAI_TRY([[maybe_unused]] const auto done, flush());
        }
        auto seals = Value::array();
        for (const Anchor& anchor : anchors)
            seals.push(Value::object({{"number", anchor.number}, {"hash", anchor.hash}}));
        Written out;
        out.records = records_;
        out.manifest = Value::object({{"export_id", row_.id},
                                      {"tenant_id", row_.tenant_id},
                                      {"format", row_.format},
                                      {"filters", to_json(row_.filter)},
                                      {"records", records_},
                                      {"created_at", to_wire_time(now)},
                                      {"files", files_},
                                      {"seals", seals}});
        SCAI_TRY([[maybe_unused]] const auto done,
                 sink_.put(row_.id + "/manifest.json", out.manifest.dump_pretty() + "\n"));
        return out;
    }

private:
    scai::Status flush() {
        char number[16];
        std::snprintf(number, sizeof number, "%05zu", files_.size() + 1);
        const auto name = row_.id + "/part-" + number + "." + row_.format;
        auto file = Value::object({{"name", name},
                                   {"records", in_part_},
                                   {"size_bytes", static_cast<std::int64_t>(part_.size())},
                                   {"sha256", scai::crypto::to_hex(scai::crypto::sha256(part_))}});
        if (in_part_ > 0)
            file.set("first_timestamp", to_wire_time(first_)).set("last_timestamp", to_wire_time(last_));
        SCAI_TRY([[maybe_unused]] const auto done, sink_.put(name, std::exchange(part_, {})));
        files_.push(file);
        in_part_ = 0;
        return scai::Done{};
    }

    const Export& row_;
    Sink& sink_;
    const std::size_t part_bytes_;
    const bool csv_;
    std::string part_;
    std::int64_t in_part_ = 0, records_ = 0;
    scai::UtcTime first_, last_;
    Value files_ = Value::array();
};

} // namespace

Result<Destination> destination_of(const Value& object) {
    if (!object.is_object())
        return invalid_config("destination must be an object with type, bucket and credentials_path");
    Destination out;
    SCAI_TRY(out.type, text_member(object, "type", true));
    if (out.type == "gcs" || out.type == "azure_blob")
        return invalid_config("destination.type " + out.type + " is not built into this server; s3 is");
    if (out.type != "s3")
        return invalid_config("destination.type must be s3");
    for (const auto* inline_key :
         {"access_key", "access_key_id", "secret_key", "secret_access_key", "credentials"})
        if (object.get(inline_key).present())
            return invalid_config("keys are not accepted here: put them into a secret and name it in "
                                  "destination.credentials_path");
    SCAI_TRY(out.bucket, text_member(object, "bucket", true));
    SCAI_TRY(out.prefix, text_member(object, "prefix", false));
    SCAI_TRY(out.credentials_path, text_member(object, "credentials_path", true));
    SCAI_TRY(out.region, text_member(object, "region", false));
    if (!is_bucket(out.bucket))
        return invalid_config("destination.bucket must be 3 to 63 of a-z, 0-9, dot and hyphen");
    if (!is_prefix(out.prefix))
        return invalid_config(
            "destination.prefix must be at most 512 bytes, without a leading slash or dot segments");
    if (out.region.size() > 32 || !only(out.region, "-"))
        return invalid_config("destination.region must be the name of a region, eu-west-1");
    return out;
}

Value to_json(const Destination& destination) {
    auto out = Value::object({{"type", destination.type},
                              {"bucket", destination.bucket},
                              {"prefix", destination.prefix},
                              {"credentials_path", destination.credentials_path}});
    if (!destination.region.empty())
        out.set("region", destination.region);
    return out;
}

Value to_json(const Export& row) {
    const auto time = [](const std::optional<scai::UtcTime>& at) {
        return at ? Value(scai::to_iso8601(std::chrono::floor<std::chrono::seconds>(*at))) : Value(nullptr);
    };
    const auto manifest =
        row.manifest.empty() ? Result<Value>(Value(nullptr)) : scai::json::parse(row.manifest);
    return Value::object({{"export_id", row.id},
                          {"status", row.status},
                          {"format", row.format},
                          {"from", time(row.filter.from)},
                          {"to", time(row.filter.to)},
                          {"filters", to_json(row.filter)},
                          {"destination", to_json(row.destination)},
                          {"requested_by", row.requested_by},
                          {"estimated_records", row.estimated_records},
                          {"records", row.records},
                          {"created_at", time(row.created_at)},
                          {"started_at", time(row.started_at)},
                          {"completed_at", time(row.completed_at)},
                          {"error", row.error.empty() ? Value(nullptr) : Value(row.error)},
                          {"manifest", manifest ? *manifest : Value(nullptr)}});
}

std::string make_export_id() {
    return "exp_" + scai::crypto::random_id(export_id_length);
}

Result<StorageKeys> storage_keys_of(const scai::SecretText& secret) {
    SCAI_TRY(const auto access, secret_member(secret, {"access_key_id", "access_key", "aws_access_key_id"}));
    SCAI_TRY(auto key, secret_member(secret, {"secret_access_key", "secret_key", "aws_secret_access_key"}));
    SCAI_TRY(auto session, secret_member(secret, {"session_token", "aws_session_token"}));
    SCAI_TRY(const auto region, secret_member(secret, {"region"}));
    if (access.empty() || key.empty())
        return invalid_config(
            "the secret at destination.credentials_path needs access_key_id and secret_access_key");
    if (!only(scai::to_lower(region.reveal()), "-"))
        return invalid_config("the member region of the credentials is no region");
    return StorageKeys{std::string(access.reveal()), std::string(region.reveal()), std::move(key),
                       std::move(session)};
}

Result<Written> write_export(db::Pool& pool, const Export& row, Sink& sink, const scai::Clock& clock,
                             const std::function<bool()>& must_stop, std::size_t part_bytes) {
    Writer writer(row, sink, part_bytes);
    Position after;
    for (;;) {
        if (must_stop())
            return scai::Error{.kind = scai::ErrorKind::unavailable, .code = "stopped", .message = "stopped"};
        const auto records = next_records(pool, row.tenant_id, row.filter, after, page_rows);
        for (const Record& record : records) {
            SCAI_TRY([[maybe_unused]] const auto done, writer.add(record));
        }
        if (static_cast<std::int64_t>(records.size()) < page_rows)
            break;
        after = {records.back().at.time_since_epoch().count(), records.back().seq};
    }
    return writer.finish(anchors(pool, row.tenant_id), clock.now());
}

ExportReport run_exports(db::Pool& pool, const OpenSink& open, const scai::Clock& clock,
                         const std::function<bool()>& must_stop) {
    const auto step = [&](const auto& work) {
        return db::in_tx(pool, db::Scope::all_tenants(), [&](db::Tx& tx) { return work(tx); });
    };
    const auto began = step([](db::Tx& tx) { return database_now(tx); });
    ExportReport report;
    while (!must_stop()) {
        const auto row = step([&](db::Tx& tx) { return claim_export(tx, began); });
        if (!row)
            break;
        auto written = [&]() -> Result<Written> {
            SCAI_TRY(const auto sink, open(*row));
            return write_export(pool, *row, *sink, clock, must_stop);
        }();
        if (written) {
            step([&](db::Tx& tx) { complete_export(tx, *row, written->records, written->manifest.dump()); });
            ++report.completed;
            report.records += written->records;
            continue;
        }
        const bool for_good = row->attempts >= most_attempts;
        step([&](db::Tx& tx) { fail_export(tx, *row, written.error().message, for_good); });
        scai::log::warn("audit_export_failed", {{"export", row->id}, {"error", written.error().message}});
        ++(for_good ? report.failed : report.postponed);
    }
    return report;
}

std::int64_t count_waiting(db::Pool& pool) {
    auto reader = pool.read(db::Scope::all_tenants());
    return count_waiting(reader);
}

} // namespace scaivault::audit
