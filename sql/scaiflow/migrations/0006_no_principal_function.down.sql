-- As 0001 made it.

CREATE FUNCTION scaiflow.principal(p_tenant text, p_user text)
    RETURNS TABLE (email text, display_name text, status text, deleted boolean, admin_role text, admin_role_source text,
                   group_ids text[])
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM set_config('scai.tenant', p_tenant, true);
    RETURN QUERY
        SELECT u.email, u.display_name,
               CASE WHEN upper(t.status) <> 'ACTIVE' THEN 'TENANT_' || t.status ELSE u.status END,
               u.deleted_at IS NOT NULL OR t.deleted_at IS NOT NULL, u.admin_role, u.admin_role_source,
               coalesce((SELECT array_agg(m.group_id ORDER BY m.group_id)
                           FROM scaiflow.memberships m
                          WHERE m.tenant_id = p_tenant AND m.user_id = p_user AND m.deleted_at IS NULL), '{}'::text[])
          FROM scaiflow.users u LEFT JOIN scaiflow.tenants t ON t.id = u.tenant_id
         WHERE u.tenant_id = p_tenant AND u.id = p_user;
END
$$;
