-- Roles of ScaiFlow: one owner that migrates, one per process type with only its grants (design.md section 5).
-- Idempotent; run by `scaiflow-admin migrate`, or by a superuser beforehand when the migrating login may not create roles.
-- A process logs in with DATABASE_URL and takes its role with SET ROLE, so the login must be a member of each.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['scaiflow_owner', 'scaiflow_auth', 'scaiflow_admin', 'scaiflow_webhooks',
                                  'scaiflow_health', 'scaiflow_flows', 'scaiflow_preview', 'scaiflow_catalog',
                                  'scaiflow_deploy', 'scaiflow_tenants', 'scaiflow_dev', 'scaiflow_lookups',
                                  'scaiflow_scaicore', 'scaiflow_jobs', 'scaiflow_cli']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
        IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO %I', wanted, current_user);
        END IF;
    END LOOP;
END
$$;
