// Modules for tests, written as JSON with single quotes for double ones. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <stdexcept>
#include <string>

namespace scai::test {

/// JSON with ' for "; a quote inside a text is `.
inline json::Value loose_json(std::string text) {
    for (char& c : text)
        c = c == '\'' ? '"' : c;
    for (std::size_t at = 0; (at = text.find('`', at)) != std::string::npos; at += 2)
        text.replace(at, 1, "\\\"");
    auto value = json::parse(text);
    if (!value)
        throw std::logic_error(value.error().message + ": " + text);
    return *value;
}

/// A module around a body.
inline json::Value module_of(const std::string& body, const std::string& variables = "[]") {
    return loose_json(
        "{'schema_version': '0.1', 'name': 'test', 'version': '1.0.0',"
        "'identity': {'provider': 'scaikey', 'persona': 'Test', 'mode': 'stateless'},"
        "'models': [{'role': 'primary', 'ref': 'scaigrid', 'model': 'm1', 'temperature': 0.2,"
        "  'modalities': ['text'], 'system_context': 'For ${name}',"
        "  'fallback': [{'ref': 'openai', 'model': 'm2'}]},"
        "  {'role': 'fast', 'ref': 'scaigrid', 'model': 'm3', 'modalities': ['text']}],"
        "'plugins': [{'alias': 'drive', 'endpoint': 'plugin://drive'}], 'types': [],"
        "'triggers': [{'kind': 'api', 'name': 'entry', 'target_flow': 'test', 'node_id': 'node_entry'},"
        "  {'kind': 'schedule', 'name': 'nightly', 'target_flow': 'test', 'node_id': 'node_cron',"
        "   'cron': '0 * * * *'}],"
        "'flows': [{'name': 'test', 'variables': " +
        variables + ", 'body': " + body + "}], 'metadata': {'producer': 'scaiflow'}}");
}

} // namespace scai::test
