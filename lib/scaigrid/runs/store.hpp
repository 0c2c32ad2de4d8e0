// Rows of runs. Who writes for a run proves with its lease token that it still is the one working at it;
// false means that it is not, and that nothing was written. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaigrid/runs/model.hpp"

namespace scaigrid::runs::store {

/// Leased for `lease` when it has a token, else for whoever looks for work. False: this request, or this call
/// of a parent, has a run already, or the module is not kept yet.
bool create(scai::db::Tx& tx, Execution& execution, std::chrono::milliseconds lease);
void keep_module(scai::db::Tx& tx, const Execution& execution, const scai::json::Value& module);
std::optional<std::string> find_by_request(scai::db::Reader& reader, const Execution& execution);
struct Called {
    std::string id, status;
    scai::json::Value output, error;
};
/// The run that a call of `parent` at `path` began; the row is locked in a transaction.
std::optional<Called> find_called(scai::db::Tx& tx, const Execution& parent, std::string_view path);

/// Its instance is free, or its own already.
bool occupy(scai::db::Tx& tx, const Execution& execution);
void leave(scai::db::Tx& tx, const Execution& execution);

bool hold(scai::db::Tx& tx, const Execution& execution, std::chrono::milliseconds lease);
void add_answer(scai::db::Tx& tx, const std::string& tenant_id, const std::string& execution_id,
                const std::string& path, const scai::scir::Outcome& outcome);

struct Progress {
    std::int64_t events = 0, steps = 0;
};
bool suspend(scai::db::Tx& tx, const Execution& execution, const Progress& progress);
bool hand_over(scai::db::Tx& tx, const Execution& execution, const Progress& progress);
/// Wakes the run that called it. `error` absent: completed.
bool finish(scai::db::Tx& tx, const Execution& execution, const Progress& progress,
            const scai::json::Value& output, const scai::json::Value& error);
/// What it waited for is there.
void wake(scai::db::Tx& tx, const std::string& tenant_id, const std::string& execution_id);

/// Takes a run nobody works at; nothing when there is none any more, or its instance is busy.
std::optional<Execution> take(scai::db::Tx& tx, const std::string& tenant_id, const std::string& id,
                              const std::string& token, std::chrono::milliseconds lease);
struct Waiting {
    std::string tenant_id, id;
};
/// Runs nobody works at, longest waiting first; over all tenants.
std::vector<Waiting> waiting(scai::db::Reader& reader, std::int64_t limit);

Answers answers_of(scai::db::Reader& reader, const Execution& execution);
std::string module_text(scai::db::Reader& reader, const Execution& execution);
std::optional<State> find_state(scai::db::Reader& reader, const std::string& tenant_id,
                                const std::string& id);

/// Id of the tenant's Core of that slug; `tenant_slug` is what the tenant is called in publications, if it is
/// known.
struct Named {
    std::string core_id;
    std::optional<std::string> tenant_slug;
};
std::optional<Named> find_core(scai::db::Reader& reader, const std::string& tenant_id,
                               const std::string& slug);

struct ListQuery {
    std::string core_id, status;         ///< "": any
    std::vector<std::string> after = {}; ///< {microseconds, id}: rows started before
    std::int64_t limit = 50;
};
struct Listed {
    std::string json; ///< text of an object
    std::string started_micros, id;
};
/// Newest first.
std::vector<Listed> list(scai::db::Reader& reader, const std::string& tenant_id, const ListQuery& query);
std::optional<std::string> find_json(scai::db::Reader& reader, const std::string& tenant_id,
                                     const std::string& id);

/// Runs that ended more than `days` ago, with their answers and checkpoints; modules nothing runs any more.
std::int64_t prune(scai::db::Tx& tx, std::int64_t days);

} // namespace scaigrid::runs::store
