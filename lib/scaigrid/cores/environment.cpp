// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/cores/environment.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaigrid/app/answers.hpp"

#include <stdexcept>

namespace scaigrid::cores {

using scai::json::Value;

namespace {

constexpr std::size_t shortest_key = 16;
constexpr std::size_t most_values = 200;
constexpr std::size_t longest_variable_name = 200;
constexpr std::size_t longest_value = 32'768;

bool is_secret(const Value& value) {
    return value.is_object() && value.member("type") == "secret";
}

/// A sealed value fits its place only.
std::string place_of(std::string_view tenant_id, std::string_view core_id, std::string_view name) {
    return Value::array({tenant_id, core_id, name}).dump();
}

} // namespace

Sealer::Sealer(const scai::SecretText& secret) {
    if (secret.empty())
        return;
    if (secret.size() < shortest_key)
        throw std::runtime_error("SCAIGRID_SECRET_KEY must have at least 16 characters");
    key_ = scai::SecretText(scai::crypto::hkdf_sha256(secret.reveal(), "", "scaigrid environment", 32));
}

scai::Result<Value> Sealer::seal(const Value& environment, const Value& stored, std::string_view tenant_id,
                                 std::string_view core_id) const {
    if (environment.size() > most_values)
        return bad_field("body.environment", "must have at most " + std::to_string(most_values) + " values");
    auto out = Value::object();
    std::optional<scai::Error> problem;
    environment.each_member([&](std::string_view name, const Value& value) {
        const auto reject = [&](std::string message) {
            if (!problem)
                problem = bad_field("body.environment." + std::string(name.substr(0, longest_variable_name)),
                                    std::move(message));
        };
        if (name.empty() || name.size() > longest_variable_name)
            return reject("a name must have 1 to 200 bytes");
        if (value.is_string() && value.size_of_text() <= longest_value) {
            out.set(name, value);
            return;
        }
        if (!is_secret(value))
            return reject(
                "must be a string of at most 32,768 bytes or {\"type\":\"secret\",\"value\":\"...\"}");
        const auto plain = value.get("value");
        if (!plain.present()) {
            if (!is_secret(stored.get(name)))
                return reject("a secret without a value keeps the one there is, and there is none");
            out.set(name, stored.get(name));
            return;
        }
        if (!plain.is_string() || plain.size_of_text() == 0 || plain.size_of_text() > longest_value)
            return reject("a secret's value must be a string of 1 to 32,768 bytes");
        if (key_.empty())
            return reject(
                "secret values are not accepted: the server has no SCAIGRID_SECRET_KEY to seal them");
        const scai::SecretText text(plain.text_or(""));
        const auto sealed =
            scai::crypto::seal(key_.reveal(), text.reveal(), place_of(tenant_id, core_id, name));
        out.set(name, Value::object({{"type", "secret"}, {"sealed", scai::crypto::base64(sealed)}}));
    });
    if (problem)
        return *problem;
    return out;
}

scai::Result<std::map<std::string, scai::SecretText>>
Sealer::open(const Value& stored, std::string_view tenant_id, std::string_view core_id) const {
    std::map<std::string, scai::SecretText> out;
    std::string lost;
    stored.each_member([&](std::string_view name, const Value& value) {
        if (!is_secret(value)) {
            out.emplace(name, scai::SecretText(value.text_or("")));
            return;
        }
        const auto sealed = scai::crypto::from_base64(value.member("sealed"));
        auto text = sealed && !key_.empty()
                        ? scai::crypto::open(key_.reveal(), *sealed, place_of(tenant_id, core_id, name))
                        : std::nullopt;
        if (text)
            out.emplace(name, std::move(*text));
        else
            lost = name;
    });
    if (!lost.empty())
        return refusal(scai::ErrorKind::conflict, "ENVIRONMENT_SEALED",
                       "the secret '" + lost + "' of the environment cannot be opened with the server's key");
    return out;
}

Value shown_environment(const Value& stored) {
    auto out = Value::object();
    stored.each_member([&](std::string_view name, const Value& value) {
        out.set(name, is_secret(value) ? Value::object({{"type", "secret"}}) : value);
    });
    return out;
}

} // namespace scaigrid::cores
