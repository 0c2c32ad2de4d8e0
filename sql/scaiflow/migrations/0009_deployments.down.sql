REVOKE SELECT ON scaiflow.flows FROM scaiflow_jobs;
REVOKE SELECT, UPDATE ON scaiflow.flow_deployments FROM scaiflow_jobs;
REVOKE ALL ON ALL TABLES IN SCHEMA scaiflow FROM scaiflow_deploy, scaiflow_tenants, scaiflow_dev;
REVOKE USAGE ON SCHEMA scaiflow FROM scaiflow_deploy, scaiflow_tenants, scaiflow_dev;
DROP TABLE scaiflow.flow_deployment_steps;
DROP INDEX scaiflow.flow_deployments_running_idx, scaiflow.flow_deployments_key_idx;
ALTER TABLE scaiflow.flow_deployments
    DROP COLUMN kind, DROP COLUMN rollback_of, DROP COLUMN publish, DROP COLUMN grid_url, DROP COLUMN attempt,
    DROP COLUMN idempotency_key, DROP COLUMN request_sha256, DROP COLUMN request_id;
