// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/audit/chain.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/audit/journal.hpp"
#include "lib/scaivault/audit/store_chain.hpp"

#include <map>
#include <set>
#include <stdexcept>

namespace scaivault::audit {

namespace {

namespace db = scai::db;

constexpr int months_ahead = 3;
constexpr std::int64_t seals_a_step = 10'000, rows_a_step = 20'000; ///< of retention, each a transaction
constexpr std::int64_t default_years = 7;
constexpr std::string_view nobody = "-"; ///< in an anchor's line: the tenant of unrecognised callers

/// Hash over rows that depends on their order.
class Fold {
public:
    void add(const std::string& row) {
        hash_ = scai::crypto::sha256(hash_ + row);
        ++count_;
    }
    std::int64_t count() const { return count_; }
    std::string hex() const { return scai::crypto::to_hex(hash_); }

private:
    std::string hash_ = std::string(32, '\0');
    std::int64_t count_ = 0;
};

std::string hash_of(const Seal& seal, const std::string& previous) {
    std::string text = "scaivault audit seal 1\n";
    for (const auto number : {seal.number, seal.window.begin, seal.window.end, seal.row_count, seal.last_at})
        text += std::to_string(number) + "\n";
    // The tenant is the only free text, so it goes last.
    return scai::crypto::to_hex(
        scai::crypto::sha256(text + seal.rows_hash + "\n" + previous + "\n" + seal.tenant_id));
}

/// Seals of a window over its rows, which come sorted by tenant. `last`: where each chain stands.
std::vector<Seal> make_seals(const Window& window, const std::vector<SealedRow>& rows,
                             const std::map<std::string, Seal>& last) {
    std::vector<Seal> out;
    Fold fold;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i == 0 || rows[i].tenant_id != rows[i - 1].tenant_id) {
            out.push_back({.tenant_id = rows[i].tenant_id, .window = window, .last_at = rows[i].at});
            fold = {};
        }
        fold.add(rows[i].text);
        out.back().last_at = std::max(out.back().last_at, rows[i].at);
        out.back().row_count = fold.count();
        if (i + 1 == rows.size() || rows[i + 1].tenant_id != rows[i].tenant_id)
            out.back().rows_hash = fold.hex();
    }
    for (Seal& seal : out) {
        const auto before = last.find(seal.tenant_id);
        seal.number = before == last.end() ? 1 : before->second.number + 1;
        seal.hash = hash_of(seal, before == last.end() ? "" : before->second.hash);
    }
    return out;
}

std::map<std::string, Seal> by_tenant(std::vector<Seal> seals, std::map<std::string, Seal> out = {}) {
    for (Seal& seal : seals)
        out.insert_or_assign(seal.tenant_id, std::move(seal));
    return out;
}

/// Where each chain stands: at its last seal, or at the last one that was retired.
std::map<std::string, Seal> chain_ends(db::Reader& reader, const std::optional<std::string>& tenant_id) {
    return by_tenant(last_seals(reader, tenant_id), by_tenant(retired_seals(reader, tenant_id)));
}

Anchor anchor_of(const Seal& seal) {
    return {seal.tenant_id, seal.number, seal.hash};
}

class Verification {
public:
    Verification(db::Pool& pool, const std::optional<std::string>& tenant_id,
                 const std::vector<Anchor>& known)
        : reader_(pool.read(db::Scope::all_tenants())), tenant_id_(tenant_id) {
        for (const Anchor& anchor : known)
            anchors_[anchor.tenant_id].push_back(anchor);
    }

    VerifyReport run() {
        const auto sealed = horizon(reader_).sealed;
        retired_ = last_ = by_tenant(retired_seals(reader_, tenant_id_));
        for (const auto& [tenant, seal] : retired_)
            compare(seal);
        std::int64_t reached = 0;
        while (const auto window = window_after(reader_, reached, tenant_id_)) {
            if (window->end > sealed)
                break; // of a run that goes on beside this one
            check_gap({reached, window->begin});
            check_window(*window);
            reached = window->end;
        }
        check_gap({reached, sealed});
        check_tails();
        report_.unsealed = count_unsealed(reader_, sealed, tenant_id_);
        for (const auto& [tenant, seal] : last_)
            report_.anchors.push_back(anchor_of(seal));
        return std::move(report_);
    }

private:
    void problem(const std::string& tenant, std::int64_t seal, std::string what) {
        report_.problems.push_back({tenant, std::move(what), seal});
    }
    bool is_retired(const std::string& tenant, const Window& window) const {
        const auto found = retired_.find(tenant);
        return found != retired_.end() && window.end <= found->second.window.end;
    }

    /// Below the end of the last seal every row belongs to one.
    void check_gap(const Window& gap) {
        if (gap.begin >= gap.end)
            return;
        for (const auto& [tenant, rows] : loose_rows(reader_, gap, tenant_id_))
            problem(tenant, 0,
                    std::to_string(rows) + " rows between the seals were put there, or their seals are gone");
    }

    void check_window(const Window& window) {
        const auto seals = seals_of(reader_, window, tenant_id_);
        const auto rows = rows_of(reader_, window, tenant_id_);
        std::map<std::string, Fold> folds;
        for (const SealedRow& row : rows)
            folds[row.tenant_id].add(row.text);
        for (const Seal& seal : seals) {
            check_seal(seal, folds[seal.tenant_id], window);
            folds.erase(seal.tenant_id);
            ++report_.seals;
        }
        for (const auto& [tenant, fold] : folds)
            if (!is_retired(tenant, window))
                problem(tenant, 0,
                        std::to_string(fold.count()) +
                            " rows between the seals were put there, or their seals are gone");
    }

    void check_seal(const Seal& seal, const Fold& rows, const Window& window) {
        const auto name = "seal " + std::to_string(seal.number);
        const auto before = last_.find(seal.tenant_id);
        const auto expected = before == last_.end() ? 1 : before->second.number + 1;
        if (seal.number != expected)
            problem(seal.tenant_id, seal.number,
                    name + " comes where seal " + std::to_string(expected) + " was expected");
        else if (seal.hash != hash_of(seal, before == last_.end() ? "" : before->second.hash) ||
                 seal.window != window)
            problem(seal.tenant_id, seal.number, name + " was changed itself, or the one before it");
        if (seal.row_count != rows.count())
            problem(seal.tenant_id, seal.number,
                    name + " covers " + std::to_string(seal.row_count) + " rows, " +
                        std::to_string(rows.count()) + " are there");
        else if (seal.rows_hash != rows.hex())
            problem(seal.tenant_id, seal.number, "a row of " + name + " was changed, or their order");
        report_.rows += rows.count();
        compare(seal);
        last_.insert_or_assign(seal.tenant_id, seal);
    }

    /// With what was kept outside.
    void compare(const Seal& seal) {
        const auto found = anchors_.find(seal.tenant_id);
        if (found == anchors_.end())
            return;
        for (const Anchor& anchor : found->second)
            if (anchor.number == seal.number && anchor.hash != seal.hash)
                problem(seal.tenant_id, seal.number,
                        "seal " + std::to_string(seal.number) + " is not the one the anchor names");
    }

    void check_tails() {
        for (const auto& [tenant, known] : anchors_) {
            if (tenant_id_ && *tenant_id_ != tenant)
                continue;
            const auto end = last_.find(tenant);
            const auto number = end == last_.end() ? 0 : end->second.number;
            for (const Anchor& anchor : known)
                if (anchor.number > number)
                    problem(tenant, anchor.number,
                            "the chain ends at seal " + std::to_string(number) + ", the anchor names seal " +
                                std::to_string(anchor.number) + ": its end was cut off");
        }
    }

    db::ReadLease reader_;
    const std::optional<std::string> tenant_id_;
    std::map<std::string, std::vector<Anchor>> anchors_;
    std::map<std::string, Seal> retired_, last_;
    VerifyReport report_;
};

} // namespace

std::string to_text(const Anchor& anchor) {
    return (anchor.tenant_id.empty() ? std::string(nobody) : anchor.tenant_id) + " " +
           std::to_string(anchor.number) + " " + anchor.hash;
}

std::optional<Anchor> parse_anchor(const std::string& line) {
    const auto parts = scai::split_list(line, ' ');
    if (parts.size() != 3)
        return std::nullopt;
    const auto number = scai::parse_int(parts[1]);
    const auto hash = scai::crypto::from_hex(parts[2]);
    if (!number || *number < 1 || !hash || hash->size() != 32)
        return std::nullopt;
    return Anchor{parts[0] == nobody ? "" : parts[0], *number, scai::to_lower(parts[2])};
}

SealReport seal_log(db::Pool& pool, std::int64_t batch, const std::function<bool()>& must_stop) {
    db::in_tx(pool, db::Scope::all_tenants(), [](db::Tx& tx) { make_partitions(tx, months_ahead); });
    SealReport report;
    std::set<std::string> tenants;
    std::optional<std::int64_t> goal; // as of the beginning: writers may be faster than this
    while (!must_stop()) {
        const auto made =
            db::in_tx(pool, db::Scope::all_tenants(), [&](db::Tx& tx) -> std::optional<std::vector<Seal>> {
                auto reach = horizon(tx);
                if (reach.settled < reach.sealed)
                    throw std::runtime_error(
                        "the database counts transactions anew (it was restored from a dump): move its "
                        "counter beyond " +
                        std::to_string(reach.sealed) + " with pg_resetwal, then seal again");
                goal = goal.value_or(reach.settled);
                reach.settled = *goal;
                const auto window = next_window(tx, reach, batch);
                if (!window)
                    return std::nullopt;
                auto seals =
                    make_seals(*window, rows_of(tx, *window, std::nullopt), chain_ends(tx, std::nullopt));
                add_seals(tx, seals);
                return seals;
            });
        if (!made)
            break;
        for (const Seal& seal : *made) {
            tenants.insert(seal.tenant_id);
            ++report.seals;
            report.rows += seal.row_count;
        }
    }
    report.tenants = static_cast<std::int64_t>(tenants.size());
    return report;
}

std::int64_t count_unsealed(db::Pool& pool) {
    auto reader = pool.read(db::Scope::all_tenants());
    return count_unsealed(reader, horizon(reader).sealed, std::nullopt);
}

VerifyReport verify(db::Pool& pool, const std::optional<std::string>& tenant_id,
                    const std::vector<Anchor>& anchors) {
    return Verification(pool, tenant_id, anchors).run();
}

std::vector<Anchor> anchors(db::Pool& pool, const std::optional<std::string>& tenant_id) {
    auto reader = pool.read(db::Scope::all_tenants());
    std::vector<Anchor> out;
    for (const auto& [tenant, seal] : chain_ends(reader, tenant_id))
        out.push_back(anchor_of(seal));
    return out;
}

RetentionReport retire(db::Pool& pool, const std::function<bool()>& must_stop) {
    RetentionReport report;
    const auto step = [&](const auto& work) {
        return db::in_tx(pool, db::Scope::all_tenants(), [&](db::Tx& tx) { return work(tx); });
    };
    const auto tenants = [&] {
        auto reader = pool.read(db::Scope::all_tenants());
        return tenants_with_seals(reader);
    }();
    for (const auto& tenant : tenants)
        for (std::int64_t gone = seals_a_step; gone == seals_a_step && !must_stop(); report.seals += gone)
            gone = step([&](db::Tx& tx) { return retire_seals(tx, tenant, seals_a_step); });
    for (std::int64_t gone = rows_a_step; gone == rows_a_step && !must_stop();) {
        const auto removed = step([](db::Tx& tx) { return reclaim_rows(tx, rows_a_step); });
        report.months += removed.months;
        report.rows += removed.rows;
        gone = removed.rows;
    }
    return report;
}

std::int64_t retirable(db::Pool& pool) {
    auto reader = pool.read(db::Scope::all_tenants());
    return count_retirable(reader);
}

void set_retention(db::Pool& pool, const std::string& tenant_id, std::optional<int> years) {
    Entry entry;
    entry.tenant_id = tenant_id;
    entry.action = "retention_set";
    entry.identity_type = "system";
    entry.identity_id = "system:cli";
    entry.extra.set("years", years ? std::int64_t{*years} : default_years);
    db::in_tx(pool, db::Scope::tenant(tenant_id), [&](db::Tx& tx) {
        entry.extra.set("before", find_retention(tx, tenant_id).value_or(default_years));
        store_retention(tx, tenant_id, years);
        write(tx, entry);
    });
}

bool knows_tenant(db::Pool& pool, const std::string& tenant_id) {
    auto reader = pool.read(db::Scope::all_tenants());
    return tenant_id.empty() || is_tenant_known(reader, tenant_id);
}

std::int64_t retention_years(db::Pool& pool, const std::string& tenant_id) {
    auto reader = pool.read(db::Scope::tenant(tenant_id));
    return find_retention(reader, tenant_id).value_or(default_years);
}

} // namespace scaivault::audit
