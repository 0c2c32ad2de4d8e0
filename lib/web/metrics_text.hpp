// Counter files -> Prometheus text 0.0.4. Private to lib/web. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/web/metrics_file.hpp"

#include <map>
#include <string>
#include <string_view>

namespace scai::web::metrics_text {

/// Collects the series of several binaries and prints them sorted.
class Exposition {
public:
    /// Every series gets the label binary="..." unless it has one.
    void add(const metrics_file::File& file, std::string_view binary);
    std::string text() const;

private:
    struct Family {
        std::string type;
        std::map<std::string, std::string> lines; ///< full series name -> value; histograms in order of le
    };
    void sample(const std::string& family, const char* type, const std::string& series, std::string value);
    void histogram(const std::string& family, const std::string& labels, const metrics_file::Slot& slot);

    std::map<std::string, Family> families_;
};

/// Adds every "<binary><suffix>" of the folder; unreadable ones are skipped.
void add_folder(Exposition& out, const std::string& folder, std::string_view suffix);

/// Start time of a process in clock ticks since boot; 0 when there is no such process.
std::uint64_t start_time(std::uint64_t pid);

} // namespace scai::web::metrics_text
