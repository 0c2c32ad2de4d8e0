-- A process remembers what it read about a caller together with the version (xmin) of his row in users, and reads it again
-- when the row has another one. What else decides about him gives his row a new version: memberships, the groups they are
-- of, admin roles. Policies count their changes themselves, and a tenant's row has a version of its own.
-- A row that this transaction wrote has a new version already.
CREATE FUNCTION scaivault.users_standing_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM changed) THEN
        RETURN NULL;
    END IF;
    UPDATE scaivault.users u
       SET last_synced_at = u.last_synced_at
     WHERE u.xmin <> pg_current_xact_id()::xid
       AND (u.tenant_id, u.id) IN (SELECT c.tenant_id, c.user_id FROM changed c);
    RETURN NULL;
END
$$;
-- Of a group only whether it is there decides.
CREATE FUNCTION scaivault.groups_standing_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
    tenants text[];
    ids     text[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT array_agg(c.tenant_id), array_agg(c.id) INTO tenants, ids
          FROM changed c JOIN was w ON w.tenant_id = c.tenant_id AND w.id = c.id
         WHERE (c.deleted_at IS NULL) <> (w.deleted_at IS NULL);
    ELSE
        SELECT array_agg(c.tenant_id), array_agg(c.id) INTO tenants, ids FROM changed c WHERE c.deleted_at IS NULL;
    END IF;
    IF ids IS NOT NULL THEN
        UPDATE scaivault.users u
           SET last_synced_at = u.last_synced_at
         WHERE u.xmin <> pg_current_xact_id()::xid
           AND (u.tenant_id, u.id) IN (SELECT m.tenant_id, m.user_id
                                         FROM unnest(tenants, ids) AS g (tenant_id, id)
                                         JOIN scaivault.memberships m ON m.tenant_id = g.tenant_id AND m.group_id = g.id
                                          AND m.deleted_at IS NULL);
    END IF;
    RETURN NULL;
END
$$;
DO $$
DECLARE
    watched text;
    call text;
BEGIN
    FOREACH watched IN ARRAY ARRAY['memberships', 'admin_roles', 'groups']
    LOOP
        call := 'FOR EACH STATEMENT EXECUTE FUNCTION scaivault.' ||
                CASE watched WHEN 'groups' THEN 'groups' ELSE 'users' END || '_standing_changed()';
        EXECUTE format('CREATE TRIGGER standing_inserted AFTER INSERT ON scaivault.%I REFERENCING NEW TABLE AS changed ',
                       watched) || call;
        EXECUTE format('CREATE TRIGGER standing_updated AFTER UPDATE ON scaivault.%I REFERENCING NEW TABLE AS changed '
                       'OLD TABLE AS was ', watched) || call;
        EXECUTE format('CREATE TRIGGER standing_deleted AFTER DELETE ON scaivault.%I REFERENCING OLD TABLE AS changed ',
                       watched) || call;
    END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION scaivault.users_standing_changed(), scaivault.groups_standing_changed() FROM PUBLIC;
