// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/health/object_store.hpp"

#include "lib/aws/sigv4.hpp"
#include "lib/base/strings.hpp"

namespace scaivault::health {

namespace {

constexpr std::chrono::seconds limit{3};

std::string url_of(const std::string& bucket, std::string endpoint, const std::string& region) {
    while (endpoint.ends_with('/'))
        endpoint.pop_back();
    const auto coded = scai::percent_encode(bucket);
    if (!endpoint.empty())
        return endpoint + "/" + coded;
    const auto host = "s3." + region + ".amazonaws.com";
    // A certificate's wildcard covers no further dot.
    return bucket.find('.') == std::string::npos ? "https://" + coded + "." + host + "/"
                                                 : "https://" + host + "/" + coded;
}

std::string words_of(int status, bool with_bucket, bool with_keys) {
    if (!with_bucket)
        return status >= 500 ? "the object store answered " + std::to_string(status) : "";
    if (status == 404)
        return "the bucket is not there";
    // Without keys a refusal is what a store that works says.
    if ((status == 401 || status == 403) && with_keys)
        return "the object store refuses the keys";
    return status >= 500 || status == 429 ? "the object store answered " + std::to_string(status) : "";
}

} // namespace

bool has_object_store(const scai::config::Settings& settings) {
    return settings.has("OBJECT_STORE_BUCKET") || settings.has("OBJECT_STORE_ENDPOINT");
}

std::string check_object_store(const scai::config::Settings& settings, scai::http::Client& http,
                               const scai::Clock& clock) {
    const auto bucket = settings.optional_text("OBJECT_STORE_BUCKET").value_or("");
    const auto region = settings.text("OBJECT_STORE_REGION");
    scai::http::Request request;
    request.method = "HEAD";
    request.url = url_of(bucket, settings.optional_text("OBJECT_STORE_ENDPOINT").value_or(""), region);
    request.connect_timeout = limit;
    request.timeout = limit;
    const bool keys = settings.has("OBJECT_STORE_ACCESS_KEY") && settings.has("OBJECT_STORE_SECRET_KEY");
    if (keys)
        scai::aws::sign(request,
                        {.access_key = settings.text("OBJECT_STORE_ACCESS_KEY"),
                         .secret_key = settings.secret("OBJECT_STORE_SECRET_KEY").duplicate()},
                        scai::aws::s3(region), clock.now());
    const auto answer = http.send(request);
    if (!answer)
        return "the object store cannot be reached: " + answer.error().message;
    return words_of(answer->status, !bucket.empty(), keys);
}

} // namespace scaivault::health
