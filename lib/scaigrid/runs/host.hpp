// The world of one run: each call is answered from what is stored, or made and its answer stored.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/runs/plugins.hpp"
#include "lib/scaigrid/runs/runs.hpp"
#include "lib/scaigrid/runs/store.hpp"

namespace scaigrid::runs {

class RunHost final : public scai::scir::Host {
public:
    RunHost(Context& context, Execution& execution, const Module& module, Answers answers,
            std::string checkpoint_mode, Time time);
    scai::scir::Outcome call(const scai::scir::Effect& effect) override;
    void event(const scai::scir::Event& event) override;

    /// Settles the run as its end says.
    State conclude(const scai::scir::RunResult& result);

private:
    enum class Stop { none, suspended, handed_over, lost };
    scai::scir::Outcome stop(Stop why);
    /// In a transaction that proves the lease and takes pending events along; false: the lease is lost.
    /// `first` runs before the run's own row is locked.
    bool write(std::chrono::milliseconds lease, const std::function<void(scai::db::Tx&)>& work,
               const std::function<void(scai::db::Tx&)>& first = {});
    /// Before a call that may take long: what happened so far is told, and the lease outlasts the call.
    bool before(std::chrono::milliseconds longest);
    scai::scir::Outcome keep(const scai::scir::Effect& effect, scai::scir::Outcome outcome);

    scai::scir::Outcome llm(const scai::scir::Effect& effect);
    scai::scir::Outcome plugin(const scai::scir::Effect& effect);
    scai::scir::Outcome checkpoint(const scai::scir::Effect& effect);

    // call_core.cpp
    scai::scir::Outcome call_core(const scai::scir::Effect& effect);
    scai::Result<cores::Runnable> callee(const scai::scir::Effect& effect);
    scai::scir::Outcome called(const scai::scir::Effect& effect, Execution child,
                               const cores::Runnable& core);
    scai::scir::Outcome wait_for_called(const scai::scir::Effect& effect);

    store::Progress progress(std::int64_t steps = 0) const;
    std::vector<events::Event> take_events();

    Context& context_;
    const World& world_;
    Execution& execution_;
    Module module_;
    Answers answers_;
    std::string checkpoint_mode_;
    Time time_;
    Files files_;
    std::vector<events::Event> pending_; ///< not written yet
    std::int64_t seen_ = 0;              ///< events of blocks in this run
    int calls_ = 0;
    Stop stop_ = Stop::none;
    std::optional<std::string> waits_for_; ///< checkpoint
};

} // namespace scaigrid::runs
