-- The groups that pass calls on to ScaiGrid know their callers and store nothing.
GRANT USAGE ON SCHEMA scaiflow TO scaiflow_lookups, scaiflow_scaicore;
GRANT SELECT, INSERT, UPDATE ON scaiflow.jwks_cache TO scaiflow_lookups, scaiflow_scaicore;
GRANT SELECT ON scaiflow.users, scaiflow.memberships, scaiflow.groups, scaiflow.tenants
      TO scaiflow_lookups, scaiflow_scaicore;
