// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fuzz_targets.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/directory/paging.hpp"
#include "lib/directory/rows.hpp"
#include "lib/jose/jose.hpp"
#include "lib/oidc/verifier.hpp"

#include <stdexcept>

namespace scai::test {

namespace {

void hold(bool invariant, const char* what) {
    if (!invariant)
        throw std::logic_error(what);
}

/// Keys whose private part nobody has: nothing verifies under them.
const jose::KeySet& lost_keys() {
    static const jose::KeySet keys = [] {
        json::Value list = json::Value::array();
        for (const auto algorithm : {jose::Algorithm::rs256, jose::Algorithm::es256})
            list.push(jose::public_key(jose::generate_key(algorithm)).set("kid", ""));
        return jose::KeySet::parse(json::Value::object({{"keys", list}})).value();
    }();
    return keys;
}

template<class T>
void check_row(const scai::directory::Mapped<T>& row) {
    hold(row.id.size() <= 255 && row.id.find('\0') == std::string::npos, "an id that cannot be stored");
}

} // namespace

void fuzz_jwt(std::string_view input) {
    const auto parsed = jose::parse(input);
    if (!parsed)
        return;
    hold(parsed->signing_input + "." + crypto::base64url(parsed->signature) == input,
         "a token with two spellings");
    hold(parsed->claims.is_object(), "claims that are no object");
    hold(!lost_keys().verify(*parsed), "a forged signature");
    const oidc::Expectations expectations{{"cid1"}, std::chrono::seconds(60)};
    const auto claims =
        oidc::check_claims(parsed->claims, {"https://key.test"}, expectations, from_unix_seconds(0));
    hold(!claims || !claims->subject.empty(), "claims without a subject");
}

void fuzz_jwks(std::string_view input) {
    const auto document = json::parse(input);
    if (!document)
        return;
    const auto keys = jose::KeySet::parse(*document);
    hold(!keys || keys->usable() + keys->skipped() == document->get("keys").size(),
         "a key that was not counted");
    hold(!keys || keys->usable() <= 64, "too many keys");
}

void fuzz_directory_page(std::string_view input) {
    namespace directory = scai::directory;
    directory::PageReader reader;
    std::string body(input);
    const auto page = reader.read(body);
    hold(body == input, "the body was changed");
    if (!page)
        return;
    std::size_t rows = 0;
    for (const simdjson::dom::element row : page->rows) {
        ++rows;
        check_row(directory::map_tenant(row));
        check_row(directory::map_user(row, "tnt_t1"));
        check_row(directory::map_group(row));
        check_row(directory::map_member(row, "grp_a", "tnt_t1"));
    }
    hold(rows == page->facts.rows, "rows that were not counted");
    // The same page for ever: reading must end, and soon.
    directory::LargestPage largest;
    directory::Cursor cursor(100, largest);
    std::int64_t asked = 0;
    for (auto asks = cursor.next(4); !asks.empty(); asks = cursor.next(4)) {
        hold(asks.size() <= 4, "more pages than there is room for");
        for (const auto& ask : asks) {
            hold(ask.page >= 1 && ask.page <= directory::Cursor::max_pages, "a page out of range");
            const bool first = asked++ == 0;
            cursor.read(ask.page, page->facts, {first ? rows : 0, first ? 0 : rows, 0});
        }
        hold(asked <= directory::Cursor::max_pages, "no end");
    }
    hold(cursor.finished(), "nothing to ask, but not finished");
}

} // namespace scai::test
