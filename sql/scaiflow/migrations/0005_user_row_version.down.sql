DROP TRIGGER memberships_inserted ON scaiflow.memberships;
DROP TRIGGER memberships_updated ON scaiflow.memberships;
DROP TRIGGER memberships_deleted ON scaiflow.memberships;
DROP FUNCTION scaiflow.memberships_changed();
ALTER TABLE scaiflow.users DROP COLUMN memberships_changed_at;
