-- Whatever decides what somebody may do with a flow changes the flow's row or his own: the versions of the two rows and of
-- his tenant's (their xmin) then tell a handler that remembers the decision whether it still holds. Owner, deletion and
-- content are columns of the flow's row; here its access rows follow, whoever writes them. An access row never moves to
-- another flow. A row that this transaction has written already has a new version: saving a flow writes it once.

CREATE FUNCTION scaiflow.flow_access_changed() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE scaiflow.flows f
       SET revision = f.revision
     WHERE f.xmin <> pg_current_xact_id()::xid
       AND (f.tenant_id, f.id) IN (SELECT c.tenant_id, c.flow_id FROM changed c);
    RETURN NULL;
END
$$;

CREATE TRIGGER flow_acls_inserted AFTER INSERT ON scaiflow.flow_acls
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION scaiflow.flow_access_changed();
CREATE TRIGGER flow_acls_updated AFTER UPDATE ON scaiflow.flow_acls
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION scaiflow.flow_access_changed();
CREATE TRIGGER flow_acls_deleted AFTER DELETE ON scaiflow.flow_acls
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION scaiflow.flow_access_changed();
