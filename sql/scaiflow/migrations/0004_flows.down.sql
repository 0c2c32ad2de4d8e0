DROP TABLE scaiflow.catalog_versions, scaiflow.catalog_packages, scaiflow.idempotency_keys, scaiflow.flow_presence,
           scaiflow.flow_deployments, scaiflow.flow_acls, scaiflow.flow_versions, scaiflow.flows;
REVOKE ALL ON ALL TABLES IN SCHEMA scaiflow FROM scaiflow_flows, scaiflow_preview, scaiflow_catalog;
REVOKE USAGE ON SCHEMA scaiflow FROM scaiflow_flows, scaiflow_preview, scaiflow_catalog;
