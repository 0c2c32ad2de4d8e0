// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/faults.hpp"

namespace scaigrid::faults {

namespace {

using scai::db::Scope;

constexpr auto every_fault = R"(
    SELECT id, remaining, fault::text
      FROM scaigrid.test_faults
     WHERE remaining IS NULL OR remaining > 0
     ORDER BY position
)";

constexpr auto insert_fault = R"(
    INSERT INTO scaigrid.test_faults (id, method, path, fault, remaining)
    VALUES (:p1, :p2, :p3, :p4::json, :p5::bigint)
)";

constexpr auto use_up = R"(
    UPDATE scaigrid.test_faults SET remaining = remaining - 1 WHERE id = :p1 AND remaining > 0
)";

constexpr auto delete_fault = R"(DELETE FROM scaigrid.test_faults WHERE id = :p1)";
constexpr auto delete_faults = R"(DELETE FROM scaigrid.test_faults)";

} // namespace

std::vector<Fault> list(scai::db::Pool& pool) {
    std::vector<Fault> out;
    for (const auto& [id, remaining, json] :
         pool.read(Scope::none()).all<std::string, std::optional<std::int64_t>, std::string>(every_fault)) {
        const auto text = scai::json::parse(json);
        auto fault = text ? decode(*text) : scai::Result<Fault>(text.error());
        if (!fault)
            continue;
        fault->id = id;
        fault->times = remaining;
        out.push_back(std::move(*fault));
    }
    return out;
}

void add(scai::db::Pool& pool, const Fault& fault) {
    auto stored = scai::json::Value::object();
    view(fault).each_member([&](std::string_view key, const scai::json::Value& value) {
        const bool empty = value.is_null() || value.text() == std::optional<std::string>("");
        if (key != "id" && key != "times" && (key == "body" || !empty))
            stored.set(key, value);
    });
    scai::db::in_tx(pool, Scope::none(), [&](scai::db::Tx& tx) {
        tx.run(insert_fault, fault.id, fault.method, fault.path, stored.dump(), fault.times);
    });
}

bool remove(scai::db::Pool& pool, const std::string& id) {
    return scai::db::in_tx(pool, Scope::none(),
                           [&](scai::db::Tx& tx) { return tx.run(delete_fault, id) == 1; });
}

void clear(scai::db::Pool& pool) {
    scai::db::in_tx(pool, Scope::none(), [](scai::db::Tx& tx) { tx.run(delete_faults); });
}

std::optional<Fault> take(scai::db::Pool& pool, std::string_view method, std::string_view path) {
    for (auto& fault : list(pool)) {
        if (!strikes(fault, method, path))
            continue;
        if (!fault.times)
            return std::move(fault);
        const bool had_one = scai::db::in_tx(pool, Scope::none(),
                                             [&](scai::db::Tx& tx) { return tx.run(use_up, fault.id) == 1; });
        if (had_one)
            return std::move(fault);
    }
    return std::nullopt;
}

} // namespace scaigrid::faults
