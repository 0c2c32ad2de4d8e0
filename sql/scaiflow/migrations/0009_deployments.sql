-- Deployments as they are made: what was asked for, on which ScaiGrid, and every step with its intent and its outcome. A row
-- stays `running` when its process died; who next holds the lock of the flow finishes it or marks it failed.
ALTER TABLE scaiflow.flow_deployments
    ADD COLUMN kind            text NOT NULL DEFAULT 'deploy',  -- deploy, rollback
    ADD COLUMN rollback_of     text COLLATE "C",                -- deployment whose version this one brings back
    ADD COLUMN publish         boolean NOT NULL DEFAULT false,  -- as a chat model
    ADD COLUMN grid_url        text,                            -- a core_id means something there only
    ADD COLUMN attempt         integer NOT NULL DEFAULT 1,      -- counts the processes that worked on it
    ADD COLUMN idempotency_key text COLLATE "C",
    ADD COLUMN request_sha256  text,                            -- hex, of the request that brought the key
    ADD COLUMN request_id      text,
    ADD CONSTRAINT flow_deployments_kind_check CHECK (kind IN ('deploy', 'rollback'));
CREATE UNIQUE INDEX flow_deployments_running_idx ON scaiflow.flow_deployments (tenant_id, flow_id) WHERE status = 'running';
-- A failed deployment gives its key back: the same request may be sent again.
CREATE UNIQUE INDEX flow_deployments_key_idx ON scaiflow.flow_deployments (tenant_id, deployed_by, idempotency_key)
    WHERE idempotency_key IS NOT NULL AND status <> 'failed';

CREATE TABLE scaiflow.flow_deployment_steps (
    tenant_id      text COLLATE "C" NOT NULL,
    deployment_id  text COLLATE "C" NOT NULL,
    ordinal        integer NOT NULL,
    attempt        integer NOT NULL,
    step           text NOT NULL,               -- scope, queue, core_update, core_find, core_create, publish
    intent_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at    timestamptz,
    outcome        text,                        -- null: not known yet
    detail         jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT flow_deployment_steps_pkey PRIMARY KEY (tenant_id, deployment_id, ordinal),
    CONSTRAINT flow_deployment_steps_outcome_check CHECK (outcome IN ('ok', 'failed', 'unknown', 'interrupted')),
    CONSTRAINT flow_deployment_steps_deployment_fkey FOREIGN KEY (tenant_id, deployment_id)
        REFERENCES scaiflow.flow_deployments (tenant_id, id)
);
ALTER TABLE scaiflow.flow_deployment_steps ENABLE ROW LEVEL SECURITY;
CREATE POLICY flow_deployment_steps_tenant ON scaiflow.flow_deployment_steps USING (scaiflow.tenant_visible(tenant_id))
    WITH CHECK (scaiflow.tenant_visible(tenant_id));

GRANT SELECT ON scaiflow.flow_deployment_steps TO scaiflow_flows;
GRANT USAGE ON SCHEMA scaiflow TO scaiflow_deploy, scaiflow_tenants, scaiflow_dev;
GRANT SELECT, INSERT, UPDATE ON scaiflow.jwks_cache TO scaiflow_deploy, scaiflow_tenants;
GRANT SELECT ON scaiflow.users, scaiflow.memberships, scaiflow.groups, scaiflow.tenants TO scaiflow_deploy, scaiflow_tenants;
GRANT SELECT ON scaiflow.flows, scaiflow.flow_versions, scaiflow.flow_acls TO scaiflow_deploy;
GRANT SELECT, INSERT, UPDATE ON scaiflow.flow_deployments, scaiflow.flow_deployment_steps TO scaiflow_deploy;
GRANT INSERT ON scaiflow.audit_log TO scaiflow_deploy, scaiflow_tenants;
GRANT SELECT, UPDATE ON scaiflow.flow_deployments, scaiflow.flow_deployment_steps TO scaiflow_jobs;
GRANT SELECT ON scaiflow.flows TO scaiflow_jobs;
