-- Whatever decides what a user may do changes his row: the version of that row (its xmin) then tells a handler that
-- remembers him whether he is still the same, and one narrow read by primary key takes the place of the whole question.
-- Status, name, role and deleted_at are columns of the row; here his memberships follow, whoever writes them.
-- A row that this transaction has written already has a new version: the first sweep writes none twice.

ALTER TABLE scaiflow.users ADD COLUMN memberships_changed_at timestamptz;

CREATE FUNCTION scaiflow.memberships_changed() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE scaiflow.users u
       SET memberships_changed_at = now()
     WHERE u.xmin <> pg_current_xact_id()::xid
       AND (u.tenant_id, u.id) IN (SELECT c.tenant_id, c.user_id FROM changed c);
    RETURN NULL;
END
$$;

CREATE TRIGGER memberships_inserted AFTER INSERT ON scaiflow.memberships
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION scaiflow.memberships_changed();
CREATE TRIGGER memberships_updated AFTER UPDATE ON scaiflow.memberships
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION scaiflow.memberships_changed();
CREATE TRIGGER memberships_deleted AFTER DELETE ON scaiflow.memberships
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION scaiflow.memberships_changed();
