// Is the object store of exports there. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/config/settings.hpp"
#include "lib/http/client.hpp"

#include <string>

namespace scaivault::health {

/// A bucket or an endpoint is named in the settings.
bool has_object_store(const scai::config::Settings& settings);
/// HEAD of the bucket, signed when there are keys; of the endpoint when no bucket is named: any answer will
/// do. "" or what is wrong, in words that hold no key.
std::string check_object_store(const scai::config::Settings& settings, scai::http::Client& http,
                               const scai::Clock& clock);

} // namespace scaivault::health
