// SPDX-License-Identifier: Apache-2.0
#include "lib/redis/client.hpp"

#include "lib/base/strings.hpp"
#include "lib/redis/transport.hpp"

#include <hiredis/hiredis.h>

#include <array>
#include <mutex>

namespace scai::redis {

namespace {

struct ReplyDeleter {
    void operator()(void* reply) const noexcept { freeReplyObject(reply); }
};

Reply convert(const redisReply& from) {
    Reply out;
    switch (from.type) {
    case REDIS_REPLY_INTEGER:
        out.kind = Reply::Kind::integer;
        out.integer = from.integer;
        break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
        out.kind = Reply::Kind::text;
        out.text.assign(from.str, static_cast<std::size_t>(from.len));
        break;
    case REDIS_REPLY_ERROR:
        out.kind = Reply::Kind::error;
        out.text.assign(from.str, static_cast<std::size_t>(from.len));
        break;
    case REDIS_REPLY_ARRAY:
        out.kind = Reply::Kind::array;
        for (std::size_t i = 0; i < from.elements; ++i)
            out.items.push_back(convert(*from.element[i]));
        break;
    default:
        break;
    }
    return out;
}

/// RESP of a command: an array of bulk strings.
std::string encode(std::span<const std::string_view> arguments) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const auto argument : arguments) {
        texts.push_back(argument.data());
        sizes.push_back(argument.size());
    }
    char* made = nullptr;
    const int size =
        redisFormatCommandArgv(&made, static_cast<int>(arguments.size()), texts.data(), sizes.data());
    if (size < 0)
        throw std::bad_alloc();
    std::string out(made, static_cast<std::size_t>(size));
    explicit_bzero(made, static_cast<std::size_t>(size)); // AUTH passes here too
    redisFreeCommand(made);
    return out;
}

Error bad_address(std::string message) {
    return {.code = "invalid_redis_url", .message = "the Redis URL " + std::move(message)};
}

/// "user:password@" in front of the host.
Status read_credentials(std::string_view text, Address& out) {
    const auto colon = text.find(':');
    const auto user = percent_decode(text.substr(0, colon), false);
    const auto password = colon == std::string_view::npos ? std::optional<std::string>("")
                                                          : percent_decode(text.substr(colon + 1), false);
    if (!user || !password)
        return bad_address("has a broken percent-escape in its credentials");
    out.user = *user;
    out.password = SecretText(*password);
    return Done{};
}

Status read_database(std::string_view text, Address& out) {
    if (text.empty())
        return Done{};
    const auto number = parse_int(text);
    if (!number || *number < 0 || *number > 1000)
        return bad_address("names a database that is not a number");
    out.database = *number;
    return Done{};
}

Status read_host(std::string_view text, Address& out) {
    std::string_view port;
    if (text.starts_with('[')) { // an IPv6 address
        const auto end = text.find(']');
        if (end == std::string_view::npos)
            return bad_address("has an address without its closing bracket");
        out.host = text.substr(1, end - 1);
        text.remove_prefix(end + 1);
        if (text.starts_with(':'))
            port = text.substr(1);
        else if (!text.empty())
            return bad_address("has something behind its address");
    } else {
        const auto colon = text.find(':');
        out.host = text.substr(0, colon);
        port = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    }
    const auto number = port.empty() ? std::optional<std::int64_t>(6379) : parse_int(port);
    if (out.host.empty() || !number || *number < 1 || *number > 65535)
        return bad_address("needs a host and a port between 1 and 65535");
    out.port = std::to_string(*number);
    return Done{};
}

} // namespace

Result<Address> parse_address(std::string_view url) {
    Address out;
    if (url.starts_with("unix://")) {
        url.remove_prefix(7);
        const auto question = url.find('?');
        out.path = url.substr(0, question);
        const auto query = question == std::string_view::npos ? std::string_view() : url.substr(question + 1);
        if (!out.path.starts_with('/') || (!query.empty() && !query.starts_with("db=")))
            return bad_address("is not unix:///path[?db=n]");
        SCAI_TRY([[maybe_unused]] const auto database,
                 read_database(query.empty() ? query : query.substr(3), out));
        return out;
    }
    out.tls = url.starts_with("rediss://");
    if (!out.tls && !url.starts_with("redis://"))
        return bad_address("begins with none of redis://, rediss://, unix://");
    url.remove_prefix(url.find("//") + 2);
    const auto slash = url.find('/');
    auto authority = url.substr(0, slash);
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        SCAI_TRY([[maybe_unused]] const auto credentials, read_credentials(authority.substr(0, at), out));
        authority.remove_prefix(at + 1);
    }
    SCAI_TRY([[maybe_unused]] const auto host, read_host(authority, out));
    SCAI_TRY(
        [[maybe_unused]] const auto database,
        read_database(slash == std::string_view::npos ? std::string_view() : url.substr(slash + 1), out));
    return out;
}

struct Client::Impl {
    class Connection {
    public:
        explicit Connection(std::unique_ptr<Transport> transport)
            : transport_(std::move(transport)), reader_(redisReaderCreate()) {
            if (!reader_)
                throw std::bad_alloc();
        }

        Result<Reply> exchange(std::string_view command, Deadline deadline) {
            SCAI_TRY([[maybe_unused]] const auto sent, transport_->write(command, deadline));
            for (;;) {
                void* reply = nullptr;
                if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK)
                    return unavailable("protocol", "what answers there is no Redis");
                if (reply != nullptr) {
                    const std::unique_ptr<void, ReplyDeleter> owned(reply);
                    return convert(*static_cast<const redisReply*>(reply));
                }
                std::array<char, 4096> bytes;
                SCAI_TRY(const auto got, transport_->read(bytes, deadline));
                if (redisReaderFeed(reader_.get(), bytes.data(), got) != REDIS_OK)
                    return unavailable("protocol", "what answers there is no Redis");
            }
        }
        bool stale() const { return transport_->stale(); }

    private:
        struct ReaderDeleter {
            void operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }
        };
        std::unique_ptr<Transport> transport_;
        std::unique_ptr<redisReader, ReaderDeleter> reader_;
    };

    Impl(Address where, Timeouts limits, std::size_t count)
        : address(std::move(where)), timeouts(limits), keep(count),
          tls(address.tls ? make_tls_context() : TlsContext()) {}

    Result<std::unique_ptr<Connection>> connect() const {
        const auto deadline = std::chrono::steady_clock::now() + timeouts.connect;
        SCAI_TRY(auto transport, Transport::connect(address, tls.get(), deadline));
        auto made = std::make_unique<Connection>(std::move(transport));
        if (!address.password.empty()) {
            std::vector<std::string_view> auth{"AUTH"};
            if (!address.user.empty())
                auth.emplace_back(address.user);
            auth.emplace_back(address.password.reveal());
            const SecretText command(encode(auth));
            SCAI_TRY(const auto answer, made->exchange(command.reveal(), deadline));
            if (answer.kind == Reply::Kind::error)
                return unavailable("auth", "Redis refused the credentials");
        }
        if (address.database != 0) {
            const auto number = std::to_string(address.database);
            SCAI_TRY(const auto answer,
                     made->exchange(encode(std::array<std::string_view, 2>{"SELECT", number}), deadline));
            if (answer.kind == Reply::Kind::error)
                return unavailable("auth", "Redis refused to select the database");
        }
        return made;
    }

    std::unique_ptr<Connection> take() {
        const std::lock_guard lock(mutex);
        if (idle.empty())
            return nullptr;
        auto out = std::move(idle.back());
        idle.pop_back();
        return out;
    }
    void give_back(std::unique_ptr<Connection> connection) {
        const std::lock_guard lock(mutex);
        if (idle.size() < keep)
            idle.push_back(std::move(connection));
    }
    void drop_idle() {
        const std::lock_guard lock(mutex);
        idle.clear();
    }

    Result<Reply> command(std::string_view bytes) {
        auto connection = take();
        bool kept = connection != nullptr;
        for (;;) {
            if (!connection) {
                SCAI_TRY(connection, connect());
            }
            auto answer = connection->exchange(bytes, std::chrono::steady_clock::now() + timeouts.command);
            if (answer) {
                give_back(std::move(connection));
                return answer;
            }
            connection.reset();
            if (!kept || answer.error().code != "closed")
                return answer;
            kept = false; // it was closed while nobody looked, and the others with it
            drop_idle();
        }
    }

    const Address address;
    const Timeouts timeouts;
    const std::size_t keep;
    const TlsContext tls;
    std::mutex mutex;
    std::vector<std::unique_ptr<Connection>> idle; ///< the last one used is at the end
};

Client::Client(Address address, Timeouts timeouts, std::size_t keep)
    : impl_(std::make_unique<Impl>(std::move(address), timeouts, keep)) {}
Client::~Client() = default;

Result<Reply> Client::command(std::span<const std::string_view> arguments) {
    return impl_->command(encode(arguments));
}

} // namespace scai::redis
