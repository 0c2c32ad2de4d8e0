-- Roles of the embedded ScaiGrid: one owner that migrates, one for the handler, one for the jobs.
-- Idempotent; run by `scaigrid-job-migrate`, or by a superuser beforehand when the migrating login may not create roles.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['scaigrid_owner', 'scaigrid_handler', 'scaigrid_jobs']
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
