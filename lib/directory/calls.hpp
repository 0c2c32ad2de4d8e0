// Calls: one authorised GET after the other to ScaiKey's REST API, many at a time: bearer token, one renewal
// after a 401, refusals in the server's words, one more try for a page that is no JSON. Not for other
// folders. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/directory/directory.hpp"
#include "lib/directory/page.hpp"
#include "lib/directory/paging.hpp"

#include <functional>
#include <map>

namespace scai::directory {

/// Why a page did not come.
struct Failure {
    int status = 0;                   ///< HTTP status; 0: no answer, or one that is no page
    std::string code;                 ///< transport code, "status", "not_json", "token"
    std::string detail;               ///< the server's own words, or ours
    std::optional<scai::Error> token; ///< the token could not be had

    bool refused() const { return status == 401 || status == 403; }
    bool absent() const { return status == 404 || status == 405; }
    std::string words() const; ///< `403 "Platform token requires ..."`
};

/// What was learnt about this server; outlives the calls of one walk.
struct Learnt {
    int per_page = 100; ///< 50 once the server refused more
    LargestPage largest;
    std::map<std::string, bool> toggle_slash; ///< kinds whose other spelling answers without a redirect
    std::string members_path;
    bool members_path_known = false; ///< a call to it was answered as one expects
    int members_path_doubts = 0;     ///< groups that were found under neither path
};

class Calls {
public:
    Calls(const DirectorySettings& settings, Learnt& learnt, scai::oidc::ServiceToken& token,
          std::function<bool()> should_stop);

    using Body = std::function<void(std::optional<Failure> failure, std::string body)>;
    using PageDone = std::function<void(std::optional<Failure> failure, std::optional<Page> page)>;

    /// One object. `path` begins with "/".
    void get(const std::string& path, Body done);
    /// One page of a listing; `kind` names the listing's family, whose slash habit is learnt.
    void page(const std::string& kind, const std::string& path, const std::string& query, PageDone done);

    /// Until nothing is left to do or the caller wants to stop.
    void run();
    bool stopped() const { return stopped_; }
    std::uint64_t made() const { return fleet_->calls(); }

    const DirectorySettings& settings;
    Learnt& learnt;

private:
    struct Job;
    void send(std::shared_ptr<Job> job);
    void arrived(const std::shared_ptr<Job>& job, scai::Result<scai::http::Response> outcome);
    bool ask_stop();

    scai::oidc::ServiceToken& token_;
    std::function<bool()> should_stop_;
    std::unique_ptr<scai::http::Fleet> fleet_;
    PageReader reader_;
    bool stopped_ = false;
};

} // namespace scai::directory
