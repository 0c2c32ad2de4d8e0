REVOKE ALL ON ALL TABLES IN SCHEMA scaiflow FROM scaiflow_lookups, scaiflow_scaicore;
REVOKE USAGE ON SCHEMA scaiflow FROM scaiflow_lookups, scaiflow_scaicore;
