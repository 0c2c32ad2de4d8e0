// SPDX-License-Identifier: Apache-2.0
#include "lib/log/parts.hpp"

#include <exception>
#include <utility>

namespace scai::log {

namespace {

Recording*& current() noexcept {
    thread_local Recording* recording = nullptr;
    return recording;
}

} // namespace

Recording::Recording(bool wanted) : wanted_(wanted) {
    if (!wanted_)
        return;
    start_ = std::chrono::steady_clock::now();
    parts_.reserve(16);
    outer_ = std::exchange(current(), this);
}

Recording::~Recording() {
    if (wanted_)
        current() = outer_;
}

bool recording() noexcept {
    return current() != nullptr;
}

Timed::Timed(std::string_view kind, std::string_view name) : in_(current()) {
    if (in_ == nullptr)
        return;
    if (in_->parts_.size() >= Recording::most_parts) {
        ++in_->dropped_;
        in_ = nullptr;
        return;
    }
    exceptions_ = std::uncaught_exceptions();
    index_ = static_cast<int>(in_->parts_.size());
    before_ = std::exchange(in_->open_, index_);
    in_->parts_.push_back({.kind = kind,
                           .name = std::string(name),
                           .parent = before_,
                           .after = std::chrono::steady_clock::now() - in_->start_,
                           .took = {},
                           .failed = false});
}

void Timed::fail() {
    failed_ = true;
}

Timed::~Timed() {
    if (in_ == nullptr)
        return;
    in_->open_ = before_;
    const auto index = static_cast<std::size_t>(index_);
    if (index >= in_->parts_.size())
        return; // taken while it was open
    auto& part = in_->parts_[index];
    part.took = std::chrono::steady_clock::now() - in_->start_ - part.after;
    part.failed = failed_ || std::uncaught_exceptions() > exceptions_;
}

} // namespace scai::log
