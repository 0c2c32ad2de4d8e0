-- The setting is read once per statement, as an initial plan, not twice per row: a page of 100 members touches some
-- 500 rows, and looking the setting up was a fifth of its time.
DO $$
DECLARE
    protected text;
    visible text := 'tenant_id = (SELECT current_setting(''scai.tenant'', true)) '
                    'OR (SELECT current_setting(''scai.tenant'', true)) = ''*''';
BEGIN
    FOREACH protected IN ARRAY ARRAY['users', 'groups', 'group_members', 'app_assignments', 'browser_sessions',
                                     'authorization_codes', 'grants']
    LOOP
        EXECUTE format('ALTER POLICY %I ON scaikey.%I USING (%s) WITH CHECK (%s)', protected || '_tenant', protected,
                       visible, visible);
    END LOOP;
END
$$;
DROP FUNCTION scaikey.tenant_visible(text);
