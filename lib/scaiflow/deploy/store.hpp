// SQL of deployments being made. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/json/value.hpp"
#include "lib/scaiflow/deploy/pipeline.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaiflow::deploy::store {

/// What a deployment is made of; two with the same are the same work.
struct Work {
    std::string tenant_id, flow_id, version, kind;
    std::optional<std::string> rollback_of;
    bool publish = false;
    std::string grid_url;
};

struct Running {
    std::string id;
    int attempt = 0;
    bool same_work = false;
};
/// The row of this flow that says it is running, locked.
std::optional<Running> find_running(scai::db::Tx& tx, const Work& work);
std::optional<std::string> running_id(scai::db::Executor& reader, const std::string& tenant_id,
                                      const std::string& flow_id);

struct By {
    std::string subject, credential_kind, request_id;
    std::optional<std::string> key, request_sha256;
};
void insert(scai::db::Tx& tx, const std::string& id, const Work& work, const By& by);
/// Another process goes on with it: its attempt, from now on. Open steps become `interrupted`.
int take_over(scai::db::Tx& tx, const std::string& tenant_id, const std::string& id, const By& by);
/// Failed, because nobody works on it any more.
void abandon(scai::db::Tx& tx, const std::string& tenant_id, const std::string& id);

struct Keyed {
    std::string id, status, request_sha256;
};
/// By Idempotency-Key of the caller; keys of more than a day ago are given back.
std::optional<Keyed> find_key(scai::db::Tx& tx, const std::string& tenant_id, const std::string& subject,
                              const std::string& key);

Known known(scai::db::Executor& reader, const Work& work);

struct Target {
    std::string version, status;
    bool publish = false;
};
/// A deployment of this flow.
std::optional<Target> find_target(scai::db::Executor& reader, const std::string& tenant_id,
                                  const std::string& flow_id, const std::string& id);

// All of these do nothing, and say false, unless the row runs and the attempt is still the caller's.
bool step_begins(scai::db::Tx& tx, const std::string& tenant_id, const std::string& id, int attempt,
                 std::string_view step, const scai::json::Value& detail);
void step_ends(scai::db::Tx& tx, const std::string& tenant_id, const std::string& id, int attempt,
               std::string_view outcome, const scai::json::Value& detail);
bool set_core(scai::db::Tx& tx, const std::string& tenant_id, const std::string& id, int attempt,
              const std::string& core_id);
bool finish(scai::db::Tx& tx, const std::string& tenant_id, const std::string& id, int attempt,
            const std::optional<std::string>& published_slug, const scai::json::Value& error);

struct Left {
    std::string tenant_id, flow_id, id;
};
std::vector<Left> left_running(scai::db::Executor& reader); ///< of all tenants

} // namespace scaiflow::deploy::store
