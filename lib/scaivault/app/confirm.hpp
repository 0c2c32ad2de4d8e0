// One round trip for the caller and what he asks for: an endpoint whose row says
// Access::admitted_by_endpoint() may find a caller made of what is remembered (Exchange::unconfirmed). Its
// own statement then brings along callers_version (store_caller.hpp). When that is the remembered one the
// answer counts; else, and whenever there is no answer to compare, the endpoint calls admit_anew() and starts
// again. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"
#include "lib/scaivault/app/exchange.hpp"

namespace scaivault {

/// Replaces the caller of the request by what the database says now; the gate's checks with the gate's
/// errors. Nothing is drawn from the bucket again.
scai::Status admit_anew(Context& context, const scai::web::Request& request, const scai::web::Access& access);

} // namespace scaivault
