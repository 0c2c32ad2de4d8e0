// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/cores/store.hpp"

#include "lib/crypto/crypto.hpp"

namespace scaigrid::cores::store {

using scai::db::Reader;
using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr auto insert_core = R"(
    INSERT INTO scaigrid.cores (tenant_id, id, name, slug, runtime_mode, concurrency_mode, entity_key_field,
                                privilege_level, checkpoint_mode, source, module, plugins, environment,
                                resource_limits, metadata, avatar, avatar_content_type, created_by)
    VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8, :p9, :p10::json, :p11::json, :p12::json, :p13::json,
            :p14::json, :p15::json, decode(:p16, 'base64'), :p17, :p18)
    ON CONFLICT (tenant_id, slug) DO NOTHING
)";

constexpr auto update_core = R"(
    UPDATE scaigrid.cores
       SET name = :p3, runtime_mode = :p4, concurrency_mode = :p5, entity_key_field = :p6, privilege_level = :p7,
           checkpoint_mode = :p8, source = :p9::json, module = :p10::json, plugins = :p11::json,
           environment = :p12::json, resource_limits = :p13::json, metadata = :p14::json, revision = :p15::bigint,
           updated_at = clock_timestamp()
     WHERE tenant_id = :p1 AND id = :p2
)";

constexpr auto delete_core = R"(
    DELETE FROM scaigrid.cores WHERE tenant_id = :p1 AND id = :p2 AND status = ANY (:p3::text[])
)";

constexpr auto move_core = R"(
    UPDATE scaigrid.cores SET status = :p4, status_reason = :p5, updated_at = clock_timestamp()
     WHERE tenant_id = :p1 AND id = :p2 AND status = ANY (:p3::text[])
)";

#define SCAIGRID_CORE_COLUMNS                                                                                \
    "SELECT c.id, c.name, c.slug, c.status, c.status_reason, c.runtime_mode, c.concurrency_mode, "           \
    "c.entity_key_field, c.privilege_level, c.checkpoint_mode, c.plugins::text, c.environment::text, "       \
    "c.resource_limits::text, c.metadata::text, c.avatar IS NOT NULL, c.revision, "                          \
    "(extract(epoch FROM c.created_at) * 1000000)::bigint, "                                                 \
    "(extract(epoch FROM c.updated_at) * 1000000)::bigint, p.model_id, p.backend_id, p.slug, "               \
    "p.display_name, "                                                                                       \
    "p.description, array_to_json(p.group_ids)::text, "                                                      \
    "(extract(epoch FROM p.published_at) * 1000000)::bigint, "
#define SCAIGRID_CORE_TABLES                                                                                 \
    " FROM scaigrid.cores c LEFT JOIN scaigrid.publications p "                                              \
    "ON p.tenant_id = c.tenant_id AND p.core_id = c.id WHERE c.tenant_id = :p1 "

constexpr auto core_by_id =
    SCAIGRID_CORE_COLUMNS "c.source::text, c.module::text" SCAIGRID_CORE_TABLES "AND c.id = :p2";
constexpr auto core_by_id_locked = SCAIGRID_CORE_COLUMNS "c.source::text, c.module::text" SCAIGRID_CORE_TABLES
                                                         "AND c.id = :p2 FOR UPDATE OF c";
constexpr auto cores_of_tenant = SCAIGRID_CORE_COLUMNS
    "'{}', '{}'" SCAIGRID_CORE_TABLES "AND (:p2 = '' OR c.status = :p2) AND (:p3 = '' OR c.slug = :p3) "
    "AND (c.created_at, c.id) > ('epoch'::timestamptz + :p4::bigint * interval '1 "
    "microsecond', :p5) ORDER BY c.created_at, c.id LIMIT :p6::bigint";
#undef SCAIGRID_CORE_COLUMNS
#undef SCAIGRID_CORE_TABLES

constexpr auto insert_publication = R"(
    INSERT INTO scaigrid.publications (tenant_id, core_id, model_id, backend_id, slug, display_name, description,
                                       group_ids, published_by)
    VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8::text[], :p9)
    ON CONFLICT (tenant_id, core_id) DO NOTHING
)";

constexpr auto change_publication = R"(
    UPDATE scaigrid.publications
       SET display_name = :p3, description = :p4, group_ids = :p5::text[], updated_at = clock_timestamp()
     WHERE tenant_id = :p1 AND core_id = :p2
)";

constexpr auto delete_publication = R"(
    DELETE FROM scaigrid.publications WHERE tenant_id = :p1 AND core_id = :p2
)";

constexpr auto publications_of_tenant = R"(
    SELECT p.core_id, p.model_id, p.backend_id, p.slug, p.display_name, p.description,
           array_to_json(p.group_ids)::text, c.avatar IS NOT NULL,
           (extract(epoch FROM p.published_at) * 1000000)::bigint
      FROM scaigrid.publications p
      JOIN scaigrid.cores c ON c.tenant_id = p.tenant_id AND c.id = p.core_id
     WHERE p.tenant_id = :p1 AND p.slug > :p2
     ORDER BY p.slug
     LIMIT :p3::bigint
)";

constexpr auto publication_of_slug = R"(
    SELECT p.core_id, p.model_id, p.backend_id, p.slug, p.display_name, p.description,
           array_to_json(p.group_ids)::text, c.avatar IS NOT NULL,
           (extract(epoch FROM p.published_at) * 1000000)::bigint
      FROM scaigrid.publications p
      JOIN scaigrid.cores c ON c.tenant_id = p.tenant_id AND c.id = p.core_id
     WHERE p.tenant_id = :p1 AND p.slug = :p2
)";

constexpr auto avatar_by_model = R"(
    SELECT encode(c.avatar, 'base64'), c.avatar_content_type
      FROM scaigrid.publications p
      JOIN scaigrid.cores c ON c.tenant_id = p.tenant_id AND c.id = p.core_id
     WHERE p.model_id = :p1 AND c.avatar IS NOT NULL
)";

constexpr auto head_by_id = R"(
    SELECT name, slug, status, concurrency_mode, coalesce(entity_key_field, ''), checkpoint_mode, revision
      FROM scaigrid.cores
     WHERE tenant_id = :p1 AND id = :p2
)";

constexpr auto module_by_id = R"(
    SELECT revision, module::text FROM scaigrid.cores WHERE tenant_id = :p1 AND id = :p2
)";

using Text = std::string;
using Number = std::int64_t;
using MaybeText = std::optional<std::string>;
using MaybeNumber = std::optional<std::int64_t>;

/// JSON the database gave back: valid by its column's type.
Value stored(const std::string& json) {
    auto value = scai::json::parse(json);
    return value ? std::move(*value) : Value();
}

std::vector<std::string> texts(const std::string& json) {
    std::vector<std::string> out;
    stored(json).each_item([&](const Value& item) { out.push_back(item.text_or("")); });
    return out;
}

using Columns = scai::db::Row<Text, Text, Text, Text, Text, Text, Text, MaybeText, Text, Text, Text, Text,
                              Text, Text, bool, Number, Number, Number, MaybeText, MaybeText, MaybeText,
                              MaybeText, MaybeText, MaybeText, MaybeNumber, Text, Text>;

Core core_of(std::string_view tenant_id, const Columns& row) {
    const auto& [id, name, slug, status, reason, runtime, concurrency, entity, privilege, checkpoint, plugins,
                 environment, limits, metadata, has_avatar, revision, created, updated, model_id, backend_id,
                 model_slug, display_name, description, groups, published_at, source, module] = row;
    Core out;
    out.tenant_id = tenant_id;
    out.id = id;
    out.name = name;
    out.slug = slug;
    out.status = status;
    out.status_reason = reason;
    out.runtime_mode = runtime;
    out.concurrency_mode = concurrency;
    out.entity_key_field = entity;
    out.privilege_level = privilege;
    out.checkpoint_mode = checkpoint;
    out.plugins = stored(plugins);
    out.environment = stored(environment);
    out.resource_limits = stored(limits);
    out.metadata = stored(metadata);
    out.has_avatar = has_avatar;
    out.revision = revision;
    out.created_at = created;
    out.updated_at = updated;
    out.source = stored(source);
    if (auto parsed = stored(module); parsed.size() > 0)
        out.module = std::move(parsed);
    if (model_id)
        out.publication = Publication{.core_id = id,
                                      .model_id = *model_id,
                                      .backend_id = backend_id.value_or(""),
                                      .slug = model_slug.value_or(""),
                                      .display_name = display_name.value_or(""),
                                      .description = description.value_or(""),
                                      .group_ids = texts(groups.value_or("[]")),
                                      .has_avatar = has_avatar,
                                      .published_at = published_at.value_or(0)};
    return out;
}

template<class... Args>
std::vector<Core> cores(Reader& reader, std::string_view tenant_id, const char* sql, const Args&... args) {
    std::vector<Core> out;
    for (const auto& row :
         reader.all<Text, Text, Text, Text, Text, Text, Text, MaybeText, Text, Text, Text, Text, Text, Text,
                    bool, Number, Number, Number, MaybeText, MaybeText, MaybeText, MaybeText, MaybeText,
                    MaybeText, MaybeNumber, Text, Text>(sql, tenant_id, args...))
        out.push_back(core_of(tenant_id, row));
    return out;
}

std::optional<Core> first(std::vector<Core> found) {
    if (found.empty())
        return std::nullopt;
    return std::move(found.front());
}

using PublicationColumns = scai::db::Row<Text, Text, Text, Text, Text, Text, Text, bool, Number>;

Publication publication_of(const PublicationColumns& row) {
    const auto& [core_id, model_id, backend_id, slug, display_name, description, groups, has_avatar, at] =
        row;
    return {.core_id = core_id,
            .model_id = model_id,
            .backend_id = backend_id,
            .slug = slug,
            .display_name = display_name,
            .description = description,
            .group_ids = texts(groups),
            .has_avatar = has_avatar,
            .published_at = at};
}

std::string dumped(const Value& value, const char* fallback) {
    return value.present() ? value.dump() : fallback;
}

} // namespace

bool insert(Tx& tx, const Core& core, std::string_view created_by) {
    const auto avatar = core.avatar.empty() ? MaybeText() : MaybeText(scai::crypto::base64(core.avatar));
    const auto avatar_type = core.avatar.empty() ? MaybeText() : MaybeText(core.avatar_content_type);
    return tx.run(insert_core, core.tenant_id, core.id, core.name, core.slug, core.runtime_mode,
                  core.concurrency_mode, core.entity_key_field, core.privilege_level, core.checkpoint_mode,
                  dumped(core.source, "{}"), dumped(core.module, "{}"), dumped(core.plugins, "[]"),
                  dumped(core.environment, "{}"), dumped(core.resource_limits, "{}"),
                  dumped(core.metadata, "{}"), avatar, avatar_type, created_by) == 1;
}

void update(Tx& tx, const Core& core) {
    tx.run(update_core, core.tenant_id, core.id, core.name, core.runtime_mode, core.concurrency_mode,
           core.entity_key_field, core.privilege_level, core.checkpoint_mode, dumped(core.source, "{}"),
           dumped(core.module, "{}"), dumped(core.plugins, "[]"), dumped(core.environment, "{}"),
           dumped(core.resource_limits, "{}"), dumped(core.metadata, "{}"), core.revision);
}

bool remove(Tx& tx, std::string_view tenant_id, std::string_view id,
            const std::vector<std::string>& allowed) {
    return tx.run(delete_core, tenant_id, id, allowed) == 1;
}

bool move(Tx& tx, std::string_view tenant_id, std::string_view id, const std::vector<std::string>& allowed,
          std::string_view to, std::string_view reason) {
    return tx.run(move_core, tenant_id, id, allowed, to, reason) == 1;
}

std::optional<Core> find(Reader& reader, std::string_view tenant_id, std::string_view id) {
    return first(cores(reader, tenant_id, core_by_id, id));
}

std::optional<Core> find_for_update(Tx& tx, std::string_view tenant_id, std::string_view id) {
    return first(cores(tx, tenant_id, core_by_id_locked, id));
}

std::vector<Core> list(Reader& reader, std::string_view tenant_id, const ListQuery& query) {
    const auto after = query.after.size() == 2 ? query.after : std::vector<std::string>{"0", ""};
    return cores(reader, tenant_id, cores_of_tenant, query.status, query.slug, after[0], after[1],
                 query.limit + 1);
}

bool publish(Tx& tx, std::string_view tenant_id, const Publication& publication,
             std::string_view published_by) {
    return tx.run(insert_publication, tenant_id, publication.core_id, publication.model_id,
                  publication.backend_id, publication.slug, publication.display_name, publication.description,
                  publication.group_ids, published_by) == 1;
}

void update_publication(Tx& tx, std::string_view tenant_id, const Publication& publication) {
    tx.run(change_publication, tenant_id, publication.core_id, publication.display_name,
           publication.description, publication.group_ids);
}

bool unpublish(Tx& tx, std::string_view tenant_id, std::string_view core_id) {
    return tx.run(delete_publication, tenant_id, core_id) == 1;
}

std::vector<Publication> publications(Reader& reader, std::string_view tenant_id, std::string_view after,
                                      std::int64_t limit) {
    std::vector<Publication> out;
    for (const auto& row : reader.all<Text, Text, Text, Text, Text, Text, Text, bool, Number>(
             publications_of_tenant, tenant_id, after, limit))
        out.push_back(publication_of(row));
    return out;
}

std::optional<Publication> publication_by_slug(Reader& reader, std::string_view tenant_id,
                                               std::string_view slug) {
    const auto row = reader.maybe<Text, Text, Text, Text, Text, Text, Text, bool, Number>(publication_of_slug,
                                                                                          tenant_id, slug);
    if (!row)
        return std::nullopt;
    return publication_of(*row);
}

std::optional<Avatar> avatar_of_model(Reader& reader, std::string_view model_id) {
    const auto row = reader.maybe<Text, Text>(avatar_by_model, model_id);
    if (!row)
        return std::nullopt;
    std::string base64 = std::get<0>(*row);
    std::erase(base64, '\n'); // the database breaks lines
    return Avatar{.bytes = scai::crypto::from_base64(base64).value_or(""), .content_type = std::get<1>(*row)};
}

std::optional<Head> find_head(Reader& reader, std::string_view tenant_id, std::string_view id) {
    const auto row = reader.maybe<Text, Text, Text, Text, Text, Text, Number>(head_by_id, tenant_id, id);
    if (!row)
        return std::nullopt;
    const auto& [name, slug, status, concurrency, entity, checkpoint, revision] = *row;
    return Head{.name = name,
                .slug = slug,
                .status = status,
                .concurrency_mode = concurrency,
                .entity_key_field = entity,
                .checkpoint_mode = checkpoint,
                .revision = revision};
}

std::optional<ModuleText> find_module(Reader& reader, std::string_view tenant_id, std::string_view id) {
    const auto row = reader.maybe<Number, Text>(module_by_id, tenant_id, id);
    if (!row)
        return std::nullopt;
    return ModuleText{.revision = std::get<0>(*row), .json = std::get<1>(*row)};
}

} // namespace scaigrid::cores::store
