// COPY in text format, sent in blocks of 64 KiB. SPDX-License-Identifier: Apache-2.0
#include "lib/db/copy.hpp"

#include <charconv>
#include <cstring>

namespace scai::db {

namespace {

constexpr std::size_t block_size = 64U << 10U;

/// In spans: libc finds the next character that needs an escape sixteen at a time.
void append_escaped(std::string& out, const std::string& text) {
    for (std::size_t at = 0;; ++at) {
        const auto plain = std::strcspn(text.c_str() + at, "\\\n\r\t");
        out.append(text, at, plain);
        at += plain;
        if (at == text.size())
            return;
        switch (text[at]) {
        case '\0':
            throw std::invalid_argument("text with NUL cannot be stored");
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            out += "\\\\";
        }
    }
}

class CopyIn final : public Tx::Copy {
public:
    CopyIn(Session& session, const std::string& target) : session_(session), name_("copy " + target) {
        const ResultPtr result(PQexec(session.handle(), ("COPY " + target + " FROM STDIN").c_str()));
        if (PQresultStatus(result.get()) != PGRES_COPY_IN) {
            const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
            throw_error(session.alive() && state ? state : "", name_);
        }
        session_.copying = true;
        buffer_.reserve(block_size + 4096);
    }
    ~CopyIn() override {
        if (!session_.copying || done_)
            return;
        PQputCopyEnd(session_.handle(), "abandoned");
        drain();
        session_.copying = false;
    }

    void row(const Cells& cells) override {
        const std::size_t start = buffer_.size();
        try {
            bool first = true;
            for (const Cell& cell : cells) {
                if (!first)
                    buffer_ += '\t';
                first = false;
                if (cell)
                    append_escaped(buffer_, *cell);
                else
                    buffer_ += "\\N";
            }
        } catch (const std::invalid_argument&) {
            buffer_.resize(start);
            throw;
        }
        buffer_ += '\n';
        if (buffer_.size() >= block_size)
            flush();
    }

    std::int64_t finish() override {
        flush();
        if (PQputCopyEnd(session_.handle(), nullptr) != 1)
            throw_error(session_.alive() ? "08006" : "", name_);
        done_ = true;
        session_.copying = false;
        const auto [state, rows] = drain();
        if (rows < 0)
            throw_error(session_.alive() ? state : "", name_);
        return rows;
    }

private:
    void flush() {
        if (buffer_.empty())
            return;
        if (PQputCopyData(session_.handle(), buffer_.data(), static_cast<int>(buffer_.size())) != 1)
            throw_error(session_.alive() ? "08006" : "", name_);
        buffer_.clear();
    }
    /// Reads to the end of the command: its SQLSTATE and the rows copied, -1 after an error.
    std::pair<std::string, std::int64_t> drain() {
        std::pair<std::string, std::int64_t> out{"", -1};
        while (ResultPtr result{PQgetResult(session_.handle())}) {
            if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) {
                const std::string_view text = PQcmdTuples(result.get());
                out.second = 0;
                std::from_chars(text.data(), text.data() + text.size(), out.second);
            } else if (const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE)) {
                out = {state, -1};
            } else if (!session_.alive()) {
                break;
            }
        }
        return out;
    }

    Session& session_;
    std::string name_;
    std::string buffer_;
    bool done_ = false;
};

} // namespace

std::unique_ptr<Tx::Copy> begin_copy(Session& session, const std::string& target) {
    if (session.copying)
        throw std::logic_error("a COPY is running on this transaction");
    return std::make_unique<CopyIn>(session, target);
}

} // namespace scai::db
