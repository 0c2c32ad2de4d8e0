// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/registration/rules.hpp"
#include "lib/scaiflow/registration/service.hpp"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace scaiflow::registration {

namespace {

scai::Error trouble(const std::string& what, const std::string& path) {
    scai::Error error;
    error.kind = scai::ErrorKind::unavailable;
    error.code = "env_file";
    error.message = what + " " + path + ": " + std::strerror(errno);
    return error;
}

struct File {
    int descriptor = -1;
    ~File() {
        if (descriptor >= 0)
            ::close(descriptor);
    }
    bool close_now() {
        const int result = ::close(descriptor);
        descriptor = -1;
        return result == 0;
    }
};

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

scai::Result<std::string> read_all(int descriptor, const std::string& path) {
    std::string text;
    char buffer[4096];
    for (;;) {
        const auto count = ::read(descriptor, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return trouble("cannot read", path);
        if (count == 0)
            return text;
        text.append(buffer, static_cast<std::size_t>(count));
    }
}

/// What a link points to; the path itself when there is nothing yet.
std::string real_path(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr), &std::free);
    return resolved ? std::string(resolved.get()) : path;
}

} // namespace

scai::Status write_env_file(const std::string& path,
                            const std::vector<std::pair<std::string, std::string_view>>& settings) {
    const auto target = real_path(path);
    std::string old_text;
    struct stat before {};
    bool existed = false;
    {
        const File old{::open(target.c_str(), O_RDONLY | O_CLOEXEC)};
        if (old.descriptor < 0 && errno != ENOENT)
            return trouble("cannot read", target);
        if (old.descriptor >= 0) {
            existed = ::fstat(old.descriptor, &before) == 0;
            SCAI_TRY(old_text, read_all(old.descriptor, target));
        }
    }
    SCAI_TRY(auto text, merge_env_file(old_text, settings));
    const std::string temporary = target + ".new." + std::to_string(::getpid());
    File file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (file.descriptor < 0)
        return trouble("cannot write beside", target);
    bool good = write_all(file.descriptor, text) && ::fsync(file.descriptor) == 0;
    // Only root can give the file away; for anybody else it is his own already.
    if (good && existed && ::geteuid() == 0)
        good = ::fchown(file.descriptor, before.st_uid, before.st_gid) == 0;
    explicit_bzero(text.data(), text.size());
    explicit_bzero(old_text.data(), old_text.size());
    if (good)
        good = file.close_now() && ::rename(temporary.c_str(), target.c_str()) == 0;
    if (!good) {
        auto error = trouble("cannot write", target);
        ::unlink(temporary.c_str());
        return error;
    }
    return scai::Done{};
}

} // namespace scaiflow::registration
