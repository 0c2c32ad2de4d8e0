// Migrations: order, bookkeeping, refusal. SPDX-License-Identifier: Apache-2.0
#include "lib/db/migrate.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <thread>

using namespace scai;

namespace {

std::vector<db::Migration> two() {
    return {{1, "0001_first", "CREATE TABLE product.a (id int); -- a comment at the end",
             "DROP SCHEMA product CASCADE;"},
            {2, "0002_second", "CREATE TABLE product.b (id int);", "DROP TABLE product.b;"}};
}

struct Folder {
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "scai-migrations-XXXXXX").string();
        BOOST_REQUIRE(mkdtemp(name.data()));
        path = name;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    void add(const std::string& file) const { std::ofstream(path / file) << "SELECT 1;"; }
    std::filesystem::path path;
};

std::string tables(const test::Database& db) {
    return db.value(
        "SELECT string_agg(tablename, ',' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'product'");
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_db_migrate)

BOOST_AUTO_TEST_CASE(migrations_go_up_and_down_to_a_target) {
    const auto db = test::empty_database();
    const auto settings = db.settings();
    auto result = db::migrate(settings, "product", two(), "", -1);
    BOOST_TEST(result.before == 0);
    BOOST_TEST(result.after == 2);
    BOOST_TEST(result.applied == (std::vector<std::string>{"0001_first", "0002_second"}),
               boost::test_tools::per_element());
    BOOST_TEST(tables(db) == "a,b,schema_migrations");
    BOOST_TEST(db::migrate(settings, "product", two(), "", -1).applied.empty());

    result = db::migrate(settings, "product", two(), "", 1);
    BOOST_TEST(result.applied == (std::vector<std::string>{"down 0002_second"}),
               boost::test_tools::per_element());
    BOOST_TEST(tables(db) == "a,schema_migrations");
    db::Pool pool(settings);
    BOOST_TEST(db::schema_version(pool, "product") == 1);

    db::migrate(settings, "product", two(), "", 0);
    BOOST_TEST(tables(db) == "");
    BOOST_TEST(db::schema_version(pool, "product") == 0);
    BOOST_TEST(db::migrate(settings, "product", two(), "", 2).before == 0);
    BOOST_TEST(db::schema_version(pool, "product") == 2);
}

BOOST_AUTO_TEST_CASE(a_failing_migration_leaves_nothing_of_itself) {
    const auto db = test::empty_database();
    auto migrations = two();
    migrations[1].up = "CREATE TABLE product.b (id int); SELECT 1/0;";
    BOOST_CHECK_EXCEPTION(
        db::migrate(db.settings(), "product", migrations, "", -1), db::Error, [](const db::Error& e) {
            return e.sqlstate() == "22012" && std::string(e.what()).find("0002_second") != std::string::npos;
        });
    BOOST_TEST(tables(db) == "a,schema_migrations");
    BOOST_TEST(db::migrate(db.settings(), "product", two(), "", -1).before == 1);
}

BOOST_AUTO_TEST_CASE(an_edited_migration_is_refused) {
    const auto db = test::empty_database();
    db::migrate(db.settings(), "product", two(), "", -1);
    auto edited = two();
    edited[0].up += " ";
    BOOST_CHECK_THROW(db::migrate(db.settings(), "product", edited, "", -1), std::runtime_error);
    auto windows_line_ends = two();
    windows_line_ends[0].up += "\r";
    BOOST_CHECK_NO_THROW(db::migrate(db.settings(), "product", windows_line_ends, "", -1));
}

BOOST_AUTO_TEST_CASE(a_database_ahead_of_the_program_is_refused) {
    const auto db = test::empty_database();
    db::migrate(db.settings(), "product", two(), "", -1);
    auto old = two();
    old.pop_back();
    BOOST_CHECK_EXCEPTION(db::migrate(db.settings(), "product", old, "", -1), std::runtime_error,
                          [](const std::runtime_error& e) {
                              const std::string text = e.what();
                              return text.find("2") != std::string::npos &&
                                     text.find("1") != std::string::npos;
                          });
    BOOST_CHECK_THROW(db::migrate(db.settings(), "product", two(), "", 3), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(two_at_once_apply_each_migration_once) {
    const auto db = test::empty_database();
    std::vector<std::size_t> applied(4);
    std::vector<std::thread> threads;
    for (auto& count : applied)
        threads.emplace_back(
            [&] { count = db::migrate(db.settings(), "product", two(), "", -1).applied.size(); });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(applied[0] + applied[1] + applied[2] + applied[3] == 2U);
}

BOOST_AUTO_TEST_CASE(tables_belong_to_the_owner_role) {
    const auto db = test::migrated_database("scaiflow");
    BOOST_TEST(
        db.value(
            "SELECT string_agg(DISTINCT tableowner, ',') FROM pg_tables WHERE schemaname = 'scaiflow'") ==
        "scaiflow_owner");
}

BOOST_AUTO_TEST_CASE(every_real_migration_goes_down_and_up_again) {
    for (const std::string schema : {"scaiflow", "scaikey"}) {
        const std::filesystem::path folder = std::filesystem::path("sql") / schema / "migrations";
        if (!std::filesystem::exists(folder))
            continue;
        const auto db = test::migrated_database(schema);
        const auto migrations = db::read_migrations(folder.string());
        BOOST_TEST(!migrations.empty());
        db::migrate(db.settings(), schema, migrations, "", 0);
        BOOST_TEST(db.value("SELECT count(*) FROM pg_namespace WHERE nspname = '" + schema + "'") == "0");
        BOOST_TEST(db::migrate(db.settings(), schema, migrations, "", -1).applied.size() ==
                   migrations.size());
    }
}

BOOST_AUTO_TEST_CASE(a_folder_with_a_gap_or_without_a_way_back_is_refused) {
    const Folder folder;
    BOOST_CHECK_THROW(db::read_migrations((folder.path / "missing").string()), std::runtime_error);
    folder.add("0001_a.sql");
    BOOST_CHECK_THROW(db::read_migrations(folder.path.string()), std::runtime_error); // no down
    folder.add("0001_a.down.sql");
    folder.add("README");
    BOOST_TEST(db::read_migrations(folder.path.string()).size() == 1U);
    folder.add("0003_c.sql");
    folder.add("0003_c.down.sql");
    BOOST_CHECK_THROW(db::read_migrations(folder.path.string()), std::runtime_error); // gap
    folder.add("0002_b.sql");
    folder.add("0002_b.down.sql");
    BOOST_TEST(db::read_migrations(folder.path.string()).back().name == "0003_c");
    folder.add("0002_other.sql");
    folder.add("0002_other.down.sql");
    BOOST_CHECK_THROW(db::read_migrations(folder.path.string()), std::runtime_error); // twice 2
}

BOOST_AUTO_TEST_CASE(the_sql_folder_is_found_or_named) {
    const Folder folder;
    BOOST_CHECK_EXCEPTION(db::sql_folder(folder.path.string(), "product"), std::runtime_error,
                          [&](const std::runtime_error& e) {
                              return std::string(e.what()).find(folder.path.string()) != std::string::npos;
                          });
    std::filesystem::create_directories(folder.path / "product" / "migrations");
    BOOST_TEST(db::sql_folder(folder.path.string(), "product") == folder.path.string());
    BOOST_TEST(db::read_roles(folder.path.string(), "product") == "");
    std::ofstream(folder.path / "product" / "roles.sql") << "SELECT 1";
    BOOST_TEST(db::read_roles(folder.path.string(), "product") == "SELECT 1");
}

BOOST_AUTO_TEST_CASE(a_login_without_superuser_rights_migrates) {
    const auto db = test::empty_database();
    db.sql("DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'plain_login') THEN "
           "CREATE ROLE plain_login LOGIN CREATEROLE; END IF; END $$;"
           "GRANT CREATE ON DATABASE " +
           db.name() + " TO plain_login");
    db::PoolSettings settings = db.settings();
    settings.url += "&user=plain_login";
    const auto migrations = db::read_migrations("sql/scaiflow/migrations");
    BOOST_TEST(
        db::migrate(settings, "scaiflow", migrations, db::read_roles("sql", "scaiflow"), -1).applied.size() ==
        migrations.size());
    settings.role = "scaiflow_jobs";
    db::Pool pool(settings);
    BOOST_TEST(db::schema_version(pool, "scaiflow") == static_cast<int>(migrations.size()));
    settings.role = "";
    db::migrate(settings, "scaiflow", migrations, "", 0);
    BOOST_TEST(db.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'scaiflow'") == "0");
}

BOOST_AUTO_TEST_SUITE_END()
