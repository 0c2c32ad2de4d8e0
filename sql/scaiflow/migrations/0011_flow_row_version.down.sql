DROP TRIGGER flow_acls_inserted ON scaiflow.flow_acls;
DROP TRIGGER flow_acls_updated ON scaiflow.flow_acls;
DROP TRIGGER flow_acls_deleted ON scaiflow.flow_acls;
DROP FUNCTION scaiflow.flow_access_changed();
