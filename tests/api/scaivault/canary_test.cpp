// Planted values are searched for where they must not be: the database's files, logs, Redis, metrics, nginx's
// temporary files, error bodies, and the memory of the handlers once their requests are over.
// SPDX-License-Identifier: Apache-2.0
#include "tests/api/scaivault/vault_caller.hpp"
#include "tests/support/files.hpp"

#include "lib/crypto/crypto.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

namespace vault = test::vault;
namespace fs = std::filesystem;

namespace {

/// What is searched for, by name: the text, its hex, and its base64 wherever it begins in a group of three.
class Canaries {
public:
    /// Forty letters nobody wrote before.
    std::string plant(const std::string& name) {
        auto text = "canary" + scai::crypto::random_id(34);
        add(name, text);
        return text;
    }
    void add(const std::string& name, const std::string& text) {
        forms_.emplace_back(name, text);
        forms_.emplace_back(name + " (hex)", scai::crypto::to_hex(text));
        for (std::size_t skip = 0; skip < 3; ++skip) {
            auto coded = scai::crypto::base64(std::string(skip, 'x') + text);
            constexpr std::size_t unsure = 4; // letters at both ends depend on the neighbours
            forms_.emplace_back(name + " (base64)", coded.substr(unsure, coded.size() - 3 * unsure));
        }
    }
    std::set<std::string> found_in(std::string_view text) const {
        std::set<std::string> out;
        for (const auto& [name, form] : forms_)
            if (text.find(form) != std::string_view::npos)
                out.insert(name);
        return out;
    }
    const std::vector<std::pair<std::string, std::string>>& forms() const { return forms_; }

private:
    std::vector<std::pair<std::string, std::string>> forms_; ///< name, text
};

std::string joined(const std::set<std::string>& names) {
    std::string out;
    for (const auto& name : names)
        out += (out.empty() ? "" : ", ") + name;
    return out;
}

/// Every file below the folder; how many there were.
int search_files(const Canaries& canaries, const fs::path& folder,
                 const std::function<bool(const fs::path&)>& except = {}) {
    int files = 0;
    std::error_code gone; // the database makes and removes files meanwhile
    for (auto entry =
             fs::recursive_directory_iterator(folder, fs::directory_options::follow_directory_symlink, gone);
         entry != fs::recursive_directory_iterator(); entry.increment(gone)) {
        if (!entry->is_regular_file(gone) || (except && except(entry->path())))
            continue;
        const auto found = canaries.found_in(test::slurp(entry->path()));
        BOOST_TEST(found.empty(), entry->path().string() << " holds " << joined(found));
        ++files;
    }
    return files;
}

/// For whoever has to find out whose buffer it is.
std::string printable(std::string_view text) {
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '.');
    return out;
}

struct Mapping {
    std::uint64_t from = 0, to = 0;
    std::string name;
};

/// What a process may write to: heap, stacks, data of its libraries.
std::vector<Mapping> writable_memory(int pid) {
    std::vector<Mapping> out;
    std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
    for (std::string line; std::getline(maps, line);) {
        std::istringstream words(line);
        std::string range, rights, offset, device, inode, name;
        words >> range >> rights >> offset >> device >> inode >> name;
        if (rights.find('w') == std::string::npos)
            continue;
        const auto dash = range.find('-');
        out.push_back({std::stoull(range.substr(0, dash), nullptr, 16),
                       std::stoull(range.substr(dash + 1), nullptr, 16), name});
    }
    return out;
}

/// What the memory of a process holds of the canaries; nullopt when its memory cannot be read.
[[maybe_unused]] std::optional<std::set<std::string>> search_memory(const Canaries& canaries, int pid) {
    std::ifstream memory("/proc/" + std::to_string(pid) + "/mem", std::ios::binary);
    const auto mappings = writable_memory(pid);
    if (!memory || mappings.empty())
        return std::nullopt;
    std::set<std::string> out;
    for (const auto& mapping : mappings) {
        std::string text(mapping.to - mapping.from, '\0');
        memory.clear();
        memory.seekg(static_cast<std::streamoff>(mapping.from));
        memory.read(text.data(), static_cast<std::streamsize>(text.size()));
        for (const auto& [name, form] : canaries.forms()) {
            const auto at = text.find(form);
            if (at == std::string::npos)
                continue;
            std::ostringstream place;
            place << name << " at " << std::hex << mapping.from + at << " ("
                  << (mapping.name.empty() ? "anonymous" : mapping.name) << "), after \""
                  << printable(std::string_view(text).substr(at - std::min<std::size_t>(at, 80), 80)) << '"';
            out.insert(place.str());
        }
    }
    return out;
}

/// Everything of ScaiVault that serves requests.
[[maybe_unused]] std::vector<std::string> handlers() {
    std::vector<std::string> out;
    for (const char* group : {"secrets", "policies", "auth", "identity", "audit", "rotation", "webhooks",
                              "subscriptions", "system"})
        out.push_back(std::string("scaivault-") + group);
    return out;
}

/// Pages in the write-ahead log as they are, not compressed.
void read_the_log() {
    vault::stack().sql("ALTER SYSTEM SET wal_compression = off");
    vault::stack().sql("SELECT pg_reload_conf()");
}

struct World {
    Canaries canaries;
    std::vector<std::string> refusals; ///< bodies of errors

    World() {
        vault::allow("canaries", "canaries/**", R"(["admin"])", "sa:scaivault-demo");
        write_and_read();
        refuse();
        use_the_command_line();
        register_a_webhook();
        canaries.add("the token's signature",
                     vault::service().token().substr(vault::service().token().rfind('.') + 1));
        canaries.add("the administrator's signature",
                     vault::admin().token().substr(vault::admin().token().rfind('.') + 1));
    }

private:
    void write_and_read() {
        const auto who = vault::service();
        for (int round = 0; round < 20; ++round) { // on every worker
            const auto value = canaries.plant("a value");
            const auto path = "/v1/secrets/canaries/s" + std::to_string(round % 4);
            const auto body = R"({"data":{"user":"svc","pass":")" + value + R"("}})";
            const auto written = who.send("PUT", path, body);
            BOOST_TEST((written.status == 200 || written.status == 201), written.raw.body);
            BOOST_TEST(who.expect(200, "GET", path).get("data").member("pass") == value);
            who.expect(200, "POST", "/v1/secrets/batch",
                       R"({"paths":["canaries/s0","canaries/s)" + std::to_string(round % 4) + R"("]})");
        }
        // What nginx would put into a file: large both ways.
        auto large = canaries.plant("a large value");
        for (int i = 0; i < 14; ++i)
            large += large;
        who.expect(201, "PUT", "/v1/secrets/canaries/large", R"({"data":{"blob":")" + large + "\"}}");
        BOOST_TEST(who.expect(200, "GET", "/v1/secrets/canaries/large").get("data").member("blob") == large);
        who.expect(200, "PATCH", "/v1/secrets/canaries/s0/metadata", R"({"metadata":{"owner":"team:x"}})");
        who.expect(200, "DELETE", "/v1/secrets/canaries/s3?permanent=true");
    }
    void refuse() {
        const auto who = vault::service();
        const auto refused = [&](const vault::Answer& answer) {
            BOOST_TEST(answer.status >= 400, answer.raw.body);
            refusals.push_back(answer.raw.body);
        };
        const auto bad = [&] { return canaries.plant("a body that was refused"); };
        refused(who.send("PUT", "/v1/secrets/canaries/bad", R"({"data":{"pass":")" + bad() + "\""));
        refused(who.send("PUT", "/v1/secrets/canaries/bad", R"({"data":")" + bad() + "\"}"));
        refused(who.send("PUT", "/v1/secrets/canaries/bad", R"({"data":["x",")" + bad() + "\"]}"));
        refused(who.send("PUT", "/v1/secrets/canaries/bad",
                         R"({"data":{"pass":")" + bad() + R"("},"secret_type":"no-such-type"})"));
        refused(who.send("PUT", "/v1/secrets/canaries/bad",
                         R"({"data":{"pass":")" + bad() + R"("},"options":{"cas":7}})"));
        refused(who.send("PUT", "/v1/secrets/elsewhere/bad", R"({"data":{"pass":")" + bad() + "\"}}"));
        refused(who.send("PUT", "/v1/secrets/canaries/bad",
                         R"({"data":{"pass":")" + bad() + R"(","pass":"x"}})"));
        refused(who.send("POST", "/v1/secrets/batch", R"({"paths":[{")" + bad() + "\":1}]}"));
        refused(
            vault::nobody().send("PUT", "/v1/secrets/canaries/bad", R"({"data":{"pass":")" + bad() + "\"}}"));
        refused(vault::Caller("skt_" + canaries.plant("an unknown token")).get("/v1/auth/whoami"));
        refused(vault::Caller(canaries.plant("a bad token")).get("/v1/auth/whoami"));
        refused(vault::nobody().send("POST", "/v1/auth/exchange",
                                     R"({"grant_type":"urn:ietf:params:oauth:grant-type:token-exchange",)"
                                     R"("subject_token_type":"urn:ietf:params:oauth:token-type:jwt",)"
                                     R"("subject_token":")" +
                                         canaries.plant("a token to exchange") + "\"}"));
        vault::admin().send("POST", "/v1/auth/introspect",
                            R"({"token":"skt_)" + canaries.plant("a token to look into") + "\"}");
    }
    void use_the_command_line() {
        const auto value = canaries.plant("a value of the command line");
        const auto done = vault::cli({"secrets", "write", "canaries/cli", "pass=-"}, value + "\n");
        BOOST_TEST(done.status == 0, done.all());
        BOOST_TEST(vault::cli({"secrets", "read", "canaries/cli", "--field", "pass"}).out == value + "\n");
        const auto denied = vault::cli({"secrets", "write", "elsewhere/cli", "pass=-"}, value);
        BOOST_TEST(denied.status == 3, denied.all());
        refusals.push_back(denied.all());
    }
    void register_a_webhook() {
        vault::admin().expect(
            201, "POST", "/v1/webhooks",
            R"({"name":"canary","url":"http://127.0.0.1:9/x","events":["policy.deleted"],"secret":")" +
                canaries.plant("a webhook's secret") + "\"}");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(api_scaivault_canary)

BOOST_AUTO_TEST_CASE(what_is_secret_is_nowhere_but_in_the_answer) {
    auto& stack = vault::stack();
    read_the_log();
    const World world;
    const auto& canaries = world.canaries;
    for (const auto& body : world.refusals)
        BOOST_TEST(canaries.found_in(body).empty(), body);

        // Handlers first: what follows must not be what wipes them. A sanitizer's heap keeps what was freed.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    for (const auto& name : handlers()) {
        const auto found = search_memory(canaries, stack.pid_of(name));
        if (!found)
            BOOST_TEST_MESSAGE("the memory of " << name << " cannot be read by this user");
        else
            for (const auto& place : *found)
                BOOST_ERROR("memory of " << name << ": " << place);
    }
#endif

    stack.sql("CHECKPOINT");
    stack.sql("SELECT pg_switch_wal()");
    BOOST_TEST(vault::redis({"SAVE"}) == "OK\n");
    const fs::path var = stack.folder() + "/var";
    // The token of the command line's own stack is in no file; ScaiKey's tables are no concern of ScaiVault.
    BOOST_TEST(search_files(canaries, var / "data" / "postgres/") > 500);
    BOOST_TEST(search_files(canaries, var / "data" / "redis/") == 1);
    BOOST_TEST(search_files(canaries, var / "log") > 20);
    BOOST_TEST(search_files(canaries, var / "run" / "metrics/") > 5);
    search_files(canaries, var / "nginx");
    // A body in a file is gone with its request, but was on the disk.
    BOOST_TEST(stack.log("nginx").find("temporary file") == std::string::npos, stack.log("nginx"));
    fs::remove(var / "data" / "redis" / "dump.rdb");
}

BOOST_AUTO_TEST_CASE(a_search_finds_what_is_there) {
    auto& stack = vault::stack();
    read_the_log();
    Canaries canaries;
    const auto text = canaries.plant("metadata");
    vault::allow("canaries-again", "canaries/**", R"(["admin"])", "sa:scaivault-demo");
    vault::service().expect(201, "PUT", "/v1/secrets/canaries/shown",
                            R"({"data":{"a":1},"metadata":{"description":")" + text + "\"}}");
    stack.sql("CHECKPOINT");
    int holding = 0;
    for (const auto& entry : fs::recursive_directory_iterator(stack.folder() + "/var/data/postgres/")) {
        if (!entry.is_regular_file())
            continue;
        holding += canaries.found_in(test::slurp(entry.path())).empty() ? 0 : 1;
    }
    BOOST_TEST(holding >= 2); // the table and the write-ahead log
    BOOST_TEST(canaries.found_in("..." + scai::crypto::base64("ab" + text + "cd")).size() == 1U);
    BOOST_TEST(canaries.found_in(scai::crypto::to_hex(text)).size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
