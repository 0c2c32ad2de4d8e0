// Memory that is given back is overwritten first: what a request held does not stay behind in buffers that
// belong to libraries (FastCGI, JSON, cryptography, database). SPDX-License-Identifier: Apache-2.0
#pragma once

namespace scai {

/// From now on, for good. A program that never calls this gives memory back as usual. Nothing happens under a
/// sanitizer, which has an allocator of its own.
void wipe_freed_memory() noexcept;

} // namespace scai
