-- Roles of ScaiVault: one owner that migrates, one per process type with only its grants (design.md section 5).
-- Idempotent; run by `scaivault migrate`, or by a superuser beforehand when the migrating login may not create roles.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['scaivault_owner', 'scaivault_secrets', 'scaivault_policies', 'scaivault_auth',
                                  'scaivault_identity', 'scaivault_audit', 'scaivault_rotation', 'scaivault_webhooks',
                                  'scaivault_subscriptions', 'scaivault_system', 'scaivault_jobs', 'scaivault_cli']
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
