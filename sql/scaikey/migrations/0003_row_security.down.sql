CREATE FUNCTION scaikey.tenant_visible(row_tenant text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN row_tenant = current_setting('scai.tenant', true) OR current_setting('scai.tenant', true) = '*';
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['users', 'groups', 'group_members', 'app_assignments', 'browser_sessions',
                                     'authorization_codes', 'grants']
    LOOP
        EXECUTE format('ALTER POLICY %I ON scaikey.%I USING (scaikey.tenant_visible(tenant_id)) '
                       'WITH CHECK (scaikey.tenant_visible(tenant_id))', protected || '_tenant', protected);
    END LOOP;
END
$$;
