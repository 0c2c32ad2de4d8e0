// Endpoints of chats, in table order. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/app/context.hpp"

namespace scaigrid {

using scai::Result;
using scai::web::Request;
using scai::web::Response;

Result<Response> infer_chat(Context& context, const Request& request);
Result<Response> complete_chat(Context& context, const Request& request);

} // namespace scaigrid
