// What the log says meanwhile: standard error goes to a file. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>
#include <unistd.h>

namespace test {

class CapturedLog {
public:
    CapturedLog() : file_(std::tmpfile()), before_(::dup(STDERR_FILENO)) {
        ::dup2(::fileno(file_), STDERR_FILENO);
    }
    ~CapturedLog() {
        ::dup2(before_, STDERR_FILENO);
        ::close(before_);
        std::fclose(file_);
    }
    CapturedLog(const CapturedLog&) = delete;
    CapturedLog& operator=(const CapturedLog&) = delete;

    std::string text() const {
        std::string out;
        char part[4096];
        off_t at = 0;
        for (ssize_t got = 0; (got = ::pread(::fileno(file_), part, sizeof part, at)) > 0; at += got)
            out.append(part, static_cast<std::size_t>(got));
        return out;
    }

private:
    std::FILE* file_;
    int before_;
};

} // namespace test
