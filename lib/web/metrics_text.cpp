// SPDX-License-Identifier: Apache-2.0
#include "lib/web/metrics_text.hpp"

#include "lib/base/strings.hpp"

#include <array>
#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace scai::web::metrics_text {

using metrics_file::File;
using metrics_file::Kind;
using metrics_file::Slot;

namespace {

std::string number(double value) {
    std::array<char, 40> buffer{};
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
    return {buffer.data(), end.ptr};
}

/// Word `index` (from 0) of /proc/<pid>/<file>, counted after the last ')' when there is one: a process may
/// call itself anything.
std::string proc_word(std::uint64_t pid, const char* file, int index) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/" + file);
    std::stringstream text;
    text << in.rdbuf();
    std::string all = text.str();
    const auto close = all.rfind(')');
    std::istringstream words(close == std::string::npos ? all : all.substr(close + 1));
    std::string word;
    for (int i = 0; i <= index; ++i)
        if (!(words >> word))
            return "";
    return word;
}

/// `a="b"` and `c="d"` -> {a="b",c="d"}
std::string braces(const std::string& labels) {
    return labels.empty() ? "" : "{" + labels + "}";
}

std::string with_binary(std::string_view labels, std::string_view binary) {
    if (labels.starts_with("binary=\"") || labels.find(",binary=\"") != std::string_view::npos)
        return std::string(labels);
    return "binary=\"" + std::string(binary) + "\"" + (labels.empty() ? "" : ",") + std::string(labels);
}

} // namespace

std::uint64_t start_time(std::uint64_t pid) {
    constexpr int field_22_after_name = 19;
    return static_cast<std::uint64_t>(parse_int(proc_word(pid, "stat", field_22_after_name)).value_or(0));
}

void Exposition::sample(const std::string& family, const char* type, const std::string& series,
                        std::string value) {
    auto& slot = families_[family];
    slot.type = type;
    slot.lines[series] = std::move(value);
}

void Exposition::histogram(const std::string& family, const std::string& labels, const Slot& slot) {
    std::uint64_t total = 0;
    // One block under the labels' own key keeps the buckets in order.
    std::string block;
    for (std::size_t i = 0; i <= metrics_file::bounds.size(); ++i) {
        total += slot.values[i].load(std::memory_order_relaxed);
        const auto le = i < metrics_file::bounds.size() ? number(metrics_file::bounds[i]) : "+Inf";
        block += family + "_bucket{" + labels + (labels.empty() ? "" : ",") + "le=\"" + le + "\"} " +
                 std::to_string(total) + "\n";
    }
    const double sum = static_cast<double>(slot.values[metrics_file::value_count - 1].load()) / 1e9;
    block += family + "_sum" + braces(labels) + " " + number(sum) + "\n";
    block += family + "_count" + braces(labels) + " " + std::to_string(total) + "\n";
    sample(family, "histogram", labels, std::move(block));
}

void Exposition::add(const File& file, std::string_view binary) {
    for (const auto& slot : file.slots) {
        if (slot.ready.load(std::memory_order_acquire) == 0)
            continue;
        const std::string_view key(slot.key.data());
        const auto brace = key.find('{');
        const std::string family(key.substr(0, brace));
        const auto labels = with_binary(
            brace == std::string_view::npos ? "" : key.substr(brace + 1, key.size() - brace - 2), binary);
        const auto value = slot.values[0].load(std::memory_order_relaxed);
        if (slot.kind == Kind::histogram)
            histogram(family, labels, slot);
        else if (slot.kind == Kind::gauge)
            sample(family, "gauge", family + braces(labels),
                   std::to_string(static_cast<std::int64_t>(value)));
        else
            sample(family, "counter", family + braces(labels), std::to_string(value));
    }
    const auto own = "binary=\"" + std::string(binary) + "\"";
    sample("metrics_series_dropped_total", "counter", "metrics_series_dropped_total" + braces(own),
           std::to_string(file.dropped.load(std::memory_order_relaxed)));
    for (const auto& process : file.processes) {
        const auto pid = process.pid.load();
        if (pid == 0 || start_time(pid) != process.started.load())
            continue;
        const auto pages = parse_int(proc_word(pid, "statm", 1)).value_or(0);
        sample("process_resident_memory_bytes", "gauge",
               "process_resident_memory_bytes" + braces(own + ",pid=\"" + std::to_string(pid) + "\""),
               std::to_string(pages * ::sysconf(_SC_PAGESIZE)));
    }
}

std::string Exposition::text() const {
    std::string out;
    for (const auto& [name, family] : families_) {
        out += "# TYPE " + name + " " + family.type + "\n";
        for (const auto& [series, value] : family.lines)
            out += family.type == "histogram" ? value : series + " " + value + "\n";
    }
    return out;
}

void add_folder(Exposition& out, const std::string& folder, std::string_view suffix) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
        const auto name = entry.path().filename().string();
        if (!name.ends_with(suffix))
            continue;
        const int descriptor = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor < 0)
            continue;
        struct stat status {};
        const bool whole =
            ::fstat(descriptor, &status) == 0 && status.st_size == static_cast<off_t>(sizeof(File));
        void* mapped =
            whole ? ::mmap(nullptr, sizeof(File), PROT_READ, MAP_SHARED, descriptor, 0) : MAP_FAILED;
        ::close(descriptor);
        if (mapped == MAP_FAILED)
            continue;
        const auto* file = static_cast<const File*>(mapped);
        if (file->magic.load() == metrics_file::magic)
            out.add(*file, name.substr(0, name.size() - suffix.size()));
        ::munmap(mapped, sizeof(File));
    }
}

} // namespace scai::web::metrics_text
