// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/signatures.hpp"

#include <array>

namespace scaiflow::graph {

namespace {

constexpr std::array signature_table{
    Signature{"http", "request", "url", "method headers body timeout_s"},
    Signature{"scaibunker", "create", "image lifecycle",
              "cpu_millicores memory_mb disk_mb gpu_count network_profile network_allowlist"},
    Signature{"scaibunker", "destroy", "", ""},
    Signature{"scaibunker", "exec", "command", "timeout_s"},
    Signature{"scaibunker", "read_file", "path", ""},
    Signature{"scaibunker", "write_file", "path content", ""},
    Signature{"scaidrive", "search", "path", "query"},
    Signature{"scaiqueue", "consume", "queue", "scope timeout_s max_messages"},
    Signature{"scaiqueue", "escalate", "queue", "scope reason payload priority_tier"},
    Signature{"scaiqueue", "publish", "queue", "scope message_type payload"},
};

} // namespace

std::span<const Signature> signatures() {
    return signature_table;
}

const Signature* find_signature(std::string_view plugin, std::string_view method) {
    for (const Signature& each : signature_table)
        if (each.plugin == plugin && each.method == method)
            return &each;
    return nullptr;
}

} // namespace scaiflow::graph
