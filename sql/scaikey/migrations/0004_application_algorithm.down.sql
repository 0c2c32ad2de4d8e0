DROP INDEX scaikey.users_id_hash_idx;
CREATE OR REPLACE FUNCTION scaikey.application_json(a scaikey.applications) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (a).id, 'client_id', (a).client_id, 'name', (a).name,
        'application_type', (a).application_type, 'scope', (a).scope, 'tenant_id', (a).tenant_id,
        'partner_id', (a).partner_id, 'redirect_uris', (a).redirect_uris,
        'post_logout_redirect_uris', (a).post_logout_redirect_uris, 'allowed_origins', (a).allowed_origins,
        'allowed_scopes', (a).allowed_scopes, 'token_lifetime', (a).token_lifetime,
        'assign_all_users', (a).assign_all_users, 'created_at', scaikey.iso((a).created_at),
        'updated_at', scaikey.iso((a).updated_at));
