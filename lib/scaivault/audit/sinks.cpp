// Where exports go. SPDX-License-Identifier: Apache-2.0
#include "lib/aws/sigv4.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaivault/audit/exports.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace scaivault::audit {

namespace {

scai::Error storage_error(std::string message) {
    return {.kind = scai::ErrorKind::upstream, .code = "storage_error", .message = std::move(message)};
}

/// "AccessDenied" of an S3 error document; "" when it is something else.
std::string code_in(const std::string& body) {
    constexpr std::string_view open = "<Code>", close = "</Code>";
    const auto start = body.find(open);
    const auto end = body.find(close, start == std::string::npos ? 0 : start);
    if (start == std::string::npos || end == std::string::npos)
        return {};
    auto code = body.substr(start + open.size(), end - start - open.size());
    const bool plain = code.size() <= 64 && std::all_of(code.begin(), code.end(), [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                       });
    return plain ? code : "";
}

/// Percent-encoded but for the slashes.
std::string encode_key(std::string_view key) {
    std::string out;
    for (;;) {
        const auto slash = key.find('/');
        out += scai::percent_encode(key.substr(0, slash));
        if (slash == std::string_view::npos)
            return out;
        out += '/';
        key.remove_prefix(slash + 1);
    }
}

class S3Sink final : public Sink {
public:
    S3Sink(scai::http::Client& http, const scai::Clock& clock, const Destination& destination,
           StorageKeys keys, const std::string& endpoint)
        : http_(http), clock_(clock), prefix_(destination.prefix),
          region_(!destination.region.empty() ? destination.region : keys.region),
          credentials_{keys.access_key, std::move(keys.secret_key), std::move(keys.session_token)} {
        if (region_.empty())
            region_ = "us-east-1";
        if (!endpoint.empty()) {
            base_ = endpoint + (endpoint.ends_with('/') ? "" : "/") + destination.bucket + "/";
            return;
        }
        const auto host = "s3." + region_ + ".amazonaws.com";
        // A certificate's wildcard covers no further dot.
        base_ = destination.bucket.find('.') == std::string::npos
                    ? "https://" + destination.bucket + "." + host + "/"
                    : "https://" + host + "/" + destination.bucket + "/";
    }

    scai::Status put(const std::string& name, std::string content) override {
        scai::http::Request request;
        request.method = "PUT";
        request.url = base_ + encode_key(prefix_ + name);
        request.headers = {{"Content-Type", "application/octet-stream"}};
        request.body = std::move(content);
        request.timeout = std::chrono::minutes(5);
        request.max_body = 1U << 20U;
        constexpr int attempts = 3; // each signed anew: a signature is good for some minutes only
        for (int attempt = 1;; ++attempt) {
            auto signed_request = attempt == attempts ? std::move(request) : request;
            scai::aws::sign(signed_request, credentials_, scai::aws::s3(region_), clock_.now());
            const auto answer = http_.send(signed_request);
            if (answer && (answer->status == 200 || answer->status == 201 || answer->status == 204))
                return scai::Done{};
            const bool passes = !answer || answer->status >= 500 || answer->status == 429;
            if (!passes || attempt == attempts)
                return failure(answer);
        }
    }

private:
    static scai::Error failure(const scai::Result<scai::http::Response>& answer) {
        if (!answer)
            return storage_error("the storage cannot be reached: " + answer.error().message);
        const auto code = code_in(answer->body);
        return storage_error("the storage answered " + std::to_string(answer->status) +
                             (code.empty() ? "" : " " + code));
    }

    scai::http::Client& http_;
    const scai::Clock& clock_;
    std::string prefix_, region_, base_;
    scai::aws::Credentials credentials_;
};

class FileSink final : public Sink {
public:
    explicit FileSink(std::string folder) : folder_(std::move(folder)) {}

    scai::Status put(const std::string& name, std::string content) override {
        const auto path = std::filesystem::path(folder_) / name;
        std::error_code problem;
        std::filesystem::create_directories(path.parent_path(), problem);
        const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file < 0)
            return storage_error("cannot make " + path.string());
        bool good = true;
        for (std::string_view left = content; good && !left.empty();) {
            const auto written = ::write(file, left.data(), left.size());
            good = written > 0;
            left.remove_prefix(good ? static_cast<std::size_t>(written) : 0);
        }
        good = good && ::fsync(file) == 0;
        good = ::close(file) == 0 && good;
        if (!good)
            return storage_error("cannot write " + path.string());
        return scai::Done{};
    }

private:
    std::string folder_;
};

} // namespace

std::unique_ptr<Sink> s3_sink(scai::http::Client& http, const scai::Clock& clock,
                              const Destination& destination, StorageKeys keys, const std::string& endpoint) {
    return std::make_unique<S3Sink>(http, clock, destination, std::move(keys), endpoint);
}

std::unique_ptr<Sink> file_sink(const std::string& folder) {
    return std::make_unique<FileSink>(folder);
}

} // namespace scaivault::audit
