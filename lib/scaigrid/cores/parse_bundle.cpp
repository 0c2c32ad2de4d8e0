// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/cores/service.hpp"
#include "lib/scir/codec.hpp"

namespace scaigrid::cores {

using scai::json::Value;

namespace {

Value names_of(const Value& list, std::string_view member) {
    auto out = Value::array();
    list.each_item([&](const Value& item) {
        if (item.get(member).is_string())
            out.push(item.get(member));
    });
    return out;
}

Value text_or_null(const Value& value) {
    return value.is_string() ? value : Value(nullptr);
}

Value summary_of(const Value& module) {
    const auto identity = module.get("identity");
    auto out =
        Value::object({{"name", text_or_null(module.get("name"))},
                       {"version", text_or_null(module.get("version"))},
                       {"schema_version", text_or_null(module.get("schema_version"))},
                       {"flows", names_of(module.get("flows"), "name")},
                       {"models", names_of(module.get("models"), "model")},
                       {"identity", Value::object({{"name", text_or_null(identity.get("name"))},
                                                   {"persona", text_or_null(identity.get("persona"))}})},
                       {"has_triggers", module.get("triggers").size() > 0},
                       {"has_plugins", module.get("plugins").size() > 0}});
    const auto avatar = identity.get("avatar_b64");
    return out.set("avatar_b64", text_or_null(avatar));
}

} // namespace

scai::Result<Value> parse_bundle(std::string_view bytes) {
    if (bytes.size() > scai::scir::max_bundle)
        return bad_field("body.file", "is over 10 MB");
    const auto module = scai::scir::decode(bytes);
    if (!module)
        return bad_field("body.file", module.error().message);
    if (!module->is_object())
        return bad_field("body.file", "is no module");
    return Value::object({{"source", *module}, {"summary", summary_of(*module)}});
}

} // namespace scaigrid::cores
