// Staging: the sink of one tenant's walk. Rows are kept back to a batch of some thousands and copied in a
// short transaction of their own, so memory is bounded by the batches, not by the directory. A batch is
// copied beside the walk, which asks for the next pages meanwhile. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/directory/directory.hpp"

#include <cstdint>
#include <future>
#include <initializer_list>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace scai::directory {

class Staging final : public Sink {
public:
    /// Rows go to <schema>.sweep_users, sweep_groups and sweep_members, marked with the walk.
    Staging(scai::db::Pool& pool, const std::string& schema, std::int64_t walk, std::size_t batch = 16000);
    ~Staging() override;

    // Throw scai::db::Error when the database was lost, at the latest with the next batch: the walk ends
    // there.
    void user(const User& user) override;
    void group(const Group& group) override;
    void member(const Member& member) override;
    /// Copies what is left. Without it nothing may be believed, and the counts below are not complete.
    void finish();

    std::int64_t users() const { return users_.rows; }
    std::int64_t groups() const { return groups_.rows; }
    std::int64_t members() const { return members_.rows; }
    std::int64_t nested() const { return nested_; }
    std::int64_t damaged() const { return damaged_; } ///< rows without an id that can be stored
    std::int64_t shortened() const { return shortened_; }

private:
    /// Rows end to end in one text, each cell behind its length: an allocation per cell would cost more than
    /// all the rest of a row.
    struct Batch {
        std::string target;
        std::size_t columns;
        std::string waiting = {};
        std::size_t count = 0;
        std::int64_t rows = 0; ///< copied
    };
    using Text = std::optional<std::string_view>;
    bool usable(const std::string& id);
    std::string_view attribute(const std::string& text, std::string& room);
    void add(Batch& batch, std::initializer_list<Text> cells);
    void flush(Batch& batch);
    void settle();

    scai::db::Pool& pool_;
    const std::string walk_;
    const std::size_t limit_;
    Batch users_, groups_, members_;
    struct Copying {
        Batch* batch = nullptr;
        std::future<std::int64_t> rows = {}; ///< waits in its destructor
    };
    Copying copying_;     ///< one at a time
    std::string scratch_; ///< what is hashed
    std::int64_t nested_ = 0, damaged_ = 0, shortened_ = 0;
    /// A member walk names a user once a group: the same row again is not worth a copy. Hash of the id ->
    /// hash of the rest with the id, so that two ids of one hash only cost a copy.
    std::pmr::monotonic_buffer_resource known_memory_;
    std::pmr::unordered_map<std::size_t, std::size_t> known_users_{&known_memory_};
};

} // namespace scai::directory
