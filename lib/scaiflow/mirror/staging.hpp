// Staging: the sink of one tenant's walk. Rows are kept back to a batch of some thousands and copied in a
// short transaction of their own, so memory is bounded by the batches, not by the directory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaiflow/directory/directory.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace scaiflow::mirror {

class Staging final : public directory::Sink {
public:
    Staging(scai::db::Pool& pool, std::int64_t walk, std::size_t batch = 16000);
    ~Staging() override;

    // Throw scai::db::Error when the database is lost: the walk ends there.
    void user(const directory::User& user) override;
    void group(const directory::Group& group) override;
    void member(const directory::Member& member) override;
    /// Copies what is left. Without it nothing may be believed.
    void finish();

    std::int64_t users() const { return users_.rows; }
    std::int64_t groups() const { return groups_.rows; }
    std::int64_t members() const { return members_.rows; }
    std::int64_t nested() const { return nested_; }
    std::int64_t damaged() const { return damaged_; } ///< rows without an id that can be stored
    std::int64_t shortened() const { return shortened_; }

private:
    struct Batch {
        const char* target;
        std::vector<scai::db::Cells> waiting;
        std::int64_t rows = 0; ///< copied
    };
    bool usable(const std::string& id);
    std::string attribute(const std::string& text);
    void add(Batch& batch, scai::db::Cells cells);
    void flush(Batch& batch);

    scai::db::Pool& pool_;
    const std::string walk_;
    const std::size_t limit_;
    Batch users_, groups_, members_;
    std::int64_t nested_ = 0, damaged_ = 0, shortened_ = 0;
    /// A member walk names a user once a group: the same row again is not worth a copy. Id -> hash of the
    /// rest.
    std::unordered_map<std::string, std::size_t> known_users_;
};

} // namespace scaiflow::mirror
