// ScaiQueue (contract scaigrid.md 6). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers.hpp"
#include "handlers/scaigrid/handlers_queues.hpp"

#include <array>

namespace scaigrid {

using scai::web::Access;
using scai::web::no_body;
using scai::web::Route;
using scai::web::small_body;

namespace {

constexpr Access views_queues = Access::permission("scaiqueue:view");
constexpr Access publishes = Access::permission("scaiqueue:publish");
constexpr Access consumes = Access::permission("scaiqueue:consume");
constexpr Access manages_queues = Access::permission("scaiqueue:manage");
constexpr std::size_t message_body = 1U << 20U;

// clang-format off
constexpr std::array queue_table{
    Route<Context>{"GET",    "/v1/modules/scaiqueue/scopes",                              views_queues,   no_body,      list_scopes},
    Route<Context>{"POST",   "/v1/modules/scaiqueue/scopes",                              manages_queues, small_body,   create_scope},
    Route<Context>{"GET",    "/v1/modules/scaiqueue/scopes/{scope_id}",                   views_queues,   no_body,      get_scope},
    Route<Context>{"PUT",    "/v1/modules/scaiqueue/scopes/{scope_id}",                   manages_queues, small_body,   update_scope},
    Route<Context>{"DELETE", "/v1/modules/scaiqueue/scopes/{scope_id}",                   manages_queues, no_body,      delete_scope},
    Route<Context>{"POST",   "/v1/modules/scaiqueue/scopes/{scope_id}/pause",             manages_queues, small_body,   change_scope},
    Route<Context>{"POST",   "/v1/modules/scaiqueue/scopes/{scope_id}/resume",            manages_queues, small_body,   change_scope},
    Route<Context>{"POST",   "/v1/modules/scaiqueue/scopes/{scope_id}/archive",           manages_queues, small_body,   change_scope},
    Route<Context>{"POST",   "/v1/modules/scaiqueue/scopes/{scope_id}/unarchive",         manages_queues, small_body,   change_scope},

    Route<Context>{"GET",    "/v1/modules/scaiqueue/scopes/{scope_id}/queues",            views_queues,   no_body,      list_queues},
    Route<Context>{"POST",   "/v1/modules/scaiqueue/scopes/{scope_id}/queues",            manages_queues, small_body,   create_queue},
    Route<Context>{"GET",    "/v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}", views_queues,   no_body,      get_queue},
    Route<Context>{"PUT",    "/v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}", manages_queues, small_body,   update_queue},
    Route<Context>{"DELETE", "/v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}", manages_queues, no_body,      delete_queue},
    Route<Context>{"POST",   "/v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}/pause",  manages_queues, small_body, change_queue},
    Route<Context>{"POST",   "/v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}/resume", manages_queues, small_body, change_queue},

    Route<Context>{"GET",    "/v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}/messages", views_queues, no_body, list_messages},
    Route<Context>{"POST",   "/v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}/messages", publishes,      message_body, publish_message},
    Route<Context>{"POST",   "/v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}/claim",    consumes, small_body, claim_messages},
    Route<Context>{"GET",    "/v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}/messages/{message_id}", views_queues, no_body, get_message},
    Route<Context>{"POST",   "/v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}/messages/{message_id}/complete", consumes, message_body, complete_message},
    Route<Context>{"POST",   "/v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}/messages/{message_id}/fail",     consumes, small_body, fail_message},
    Route<Context>{"POST",   "/v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}/messages/{message_id}/release",  consumes, small_body, release_message},
    Route<Context>{"POST",   "/v1/modules/scaiqueue/scopes/{scope_id}/queues/{queue_id}/messages/{message_id}/extend",   consumes, small_body, extend_message},
    Route<Context>{"GET",    "/v1/modules/scaiqueue/scopes/{scope_id}/messages",          views_queues,   no_body,      list_chain},
    Route<Context>{"GET",    "/v1/modules/scaiqueue/scopes/{scope_id}/audit",             views_queues,   no_body,      list_audit},
    Route<Context>{"GET",    "/v1/modules/scaiqueue/scopes/{scope_id}/audit/trace/{correlation_id}", views_queues, no_body, list_audit},
    Route<Context>{"GET",    "/v1/modules/scaiqueue/audit/trace/{correlation_id}",        views_queues,   no_body,      list_audit},

    Route<Context>{"GET",    "/v1/modules/scaiqueue/scopes/{scope_id}/hitl-patterns",     views_queues,   no_body,      list_hitl_patterns},
    Route<Context>{"POST",   "/v1/modules/scaiqueue/scopes/{scope_id}/hitl-patterns",     manages_queues, small_body,   create_hitl_pattern},
    Route<Context>{"POST",   "/v1/modules/scaiqueue/scopes/{scope_id}/hitl-patterns/preview", manages_queues, small_body, preview_hitl_pattern},
};
// clang-format on

} // namespace

std::vector<scai::web::ErasedRoute> queue_routes(Context& context) {
    return scai::web::bind_routes<Context>(queue_table, context);
}

} // namespace scaigrid
