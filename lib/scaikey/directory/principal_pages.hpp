// The two page statements of PrincipalKind, written once: users and groups differ in their counter, their
// table and the function that makes a row JSON. Private to lib/scaikey/directory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/sql.hpp"

namespace scaikey::directory {

namespace pages {

// The total is a kept counter; the page is found on the index alone, from the anchor when it is still good
// (:p3 is the version it was taken at), and then its rows are read.
inline constexpr char present[] = R"(
WITH present AS (
    SELECT coalesce(sum(s.)";
inline constexpr char version[] = R"(), 0)::bigint AS total, coalesce(sum(s.version), 0)::bigint AS version
      FROM scaikey.tenant_stats s)";
inline constexpr char start[] = R"(),
start AS (
    SELECT CASE WHEN v.version = :p3::bigint THEN :p4::text ELSE '' END COLLATE "C" AS after_id,
           CASE WHEN v.version = :p3::bigint THEN :p5::bigint ELSE :p1::bigint END AS skip
      FROM present v),
page AS MATERIALIZED (
    SELECT k.id
      FROM )";
inline constexpr char live[] = " k WHERE k.deleted_at IS NULL";
inline constexpr char page[] = R"( AND k.id > (SELECT s.after_id FROM start s) COLLATE "C"
     ORDER BY k.id
    OFFSET (SELECT s.skip FROM start s) LIMIT :p2::bigint)
SELECT v.total, v.version, coalesce((SELECT max(p.id) FROM page p), ''),
       (SELECT coalesce(json_agg()";
inline constexpr char rows[] = R"((o) ORDER BY o.id)::text, '[]')
          FROM page p
          JOIN )";
inline constexpr char end[] = R"( o ON o.id = p.id)
  FROM present v)";
inline constexpr char counter_of_tenant[] = " WHERE s.tenant_id = :p6";
inline constexpr char row_of_tenant[] = " AND k.tenant_id = :p6";

} // namespace pages

template<const auto& counter, const auto& table, const auto& object>
inline constexpr const char* page_of_all =
    scai::db::joined<pages::present, counter, pages::version, pages::start, table, pages::live, pages::page,
                     object, pages::rows, table, pages::end>;

template<const auto& counter, const auto& table, const auto& object>
inline constexpr const char* page_of_tenant =
    scai::db::joined<pages::present, counter, pages::version, pages::counter_of_tenant, pages::start, table,
                     pages::live, pages::row_of_tenant, pages::page, object, pages::rows, table, pages::end>;

} // namespace scaikey::directory
