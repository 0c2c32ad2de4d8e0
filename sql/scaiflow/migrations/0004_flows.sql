-- Flows, their immutable versions, access rows, catalog. Times of a list are sort keys: microseconds matter.
CREATE TABLE scaiflow.flows (
    tenant_id    text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    name         text NOT NULL,
    description  text,
    owner_id     text COLLATE "C" NOT NULL,
    version      text NOT NULL,                      -- semver of the current content
    number       bigint NOT NULL DEFAULT 1,          -- flow_versions.number of the current content
    revision     bigint NOT NULL DEFAULT 1,          -- counts every change: the ETag
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by   text COLLATE "C" NOT NULL,
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_by   text COLLATE "C" NOT NULL,
    deleted_at   timestamptz,
    deleted_by   text COLLATE "C",
    CONSTRAINT flows_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT flows_id_key UNIQUE (id)
);
-- Lists walk these backwards, newest first.
CREATE INDEX flows_tenant_list_idx ON scaiflow.flows (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX flows_owner_list_idx ON scaiflow.flows (tenant_id, owner_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX flows_list_idx ON scaiflow.flows (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX flows_tenant_deleted_idx ON scaiflow.flows (tenant_id, deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX flows_deleted_idx ON scaiflow.flows (deleted_at, id) WHERE deleted_at IS NOT NULL;

-- Insert-only by grants. The content is the flow's JSON text as it is served.
CREATE TABLE scaiflow.flow_versions (
    tenant_id      text COLLATE "C" NOT NULL,
    flow_id        text COLLATE "C" NOT NULL,
    number         bigint NOT NULL,
    version        text NOT NULL,
    content        text COMPRESSION lz4 NOT NULL,
    content_sha256 text NOT NULL,                    -- hex
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by     text COLLATE "C" NOT NULL,
    restored_from  text,                             -- version whose content this one repeats
    CONSTRAINT flow_versions_pkey PRIMARY KEY (tenant_id, flow_id, number),
    CONSTRAINT flow_versions_version_key UNIQUE (tenant_id, version, flow_id),  -- so ordered, no plan takes it for the key
    CONSTRAINT flow_versions_flow_fkey FOREIGN KEY (tenant_id, flow_id) REFERENCES scaiflow.flows (tenant_id, id)
) WITH (toast_tuple_target = 8160);                    -- a content that compresses well stays in the row

-- Explicit access rows; owner and admin roles hold admin without one. listed_at repeats flows.updated_at of a live flow
-- (null: deleted), so that a list walks one index per principal and costs the same however many flows there are.
CREATE TABLE scaiflow.flow_acls (
    tenant_id       text COLLATE "C" NOT NULL,
    id              text COLLATE "C" NOT NULL,
    flow_id         text COLLATE "C" NOT NULL,
    principal_type  text COLLATE "C" NOT NULL,
    principal_id    text COLLATE "C" NOT NULL,
    level           smallint NOT NULL,               -- 1 view, 2 edit, 3 deploy, 4 admin
    granted_by      text COLLATE "C" NOT NULL,
    granted_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    listed_at       timestamptz,
    CONSTRAINT flow_acls_pkey PRIMARY KEY (tenant_id, flow_id, principal_type, principal_id),
    CONSTRAINT flow_acls_id_key UNIQUE (id),
    CONSTRAINT flow_acls_type_check CHECK (principal_type IN ('user', 'group')),
    CONSTRAINT flow_acls_level_check CHECK (level BETWEEN 1 AND 4),
    CONSTRAINT flow_acls_flow_fkey FOREIGN KEY (tenant_id, flow_id) REFERENCES scaiflow.flows (tenant_id, id)
);
CREATE INDEX flow_acls_list_idx ON scaiflow.flow_acls (tenant_id, principal_type, principal_id, listed_at, flow_id)
    WHERE listed_at IS NOT NULL;

CREATE TABLE scaiflow.flow_deployments (
    tenant_id       text COLLATE "C" NOT NULL,
    id              text COLLATE "C" NOT NULL,
    number          bigint GENERATED ALWAYS AS IDENTITY,
    flow_id         text COLLATE "C" NOT NULL,
    version         text NOT NULL,
    status          text NOT NULL,                   -- running, succeeded, failed
    core_id         text,
    published_slug  text,
    credential_kind text,                            -- user_token, tenant_key, server_key; never the credential
    deployed_by     text COLLATE "C" NOT NULL,
    deployed_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at     timestamptz,
    error           jsonb,
    CONSTRAINT flow_deployments_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT flow_deployments_status_check CHECK (status IN ('running', 'succeeded', 'failed')),
    CONSTRAINT flow_deployments_flow_fkey FOREIGN KEY (tenant_id, flow_id) REFERENCES scaiflow.flows (tenant_id, id)
);
CREATE INDEX flow_deployments_list_idx ON scaiflow.flow_deployments (tenant_id, flow_id, number DESC);

-- Who has a flow open. Lost with a crash, which is right: entries live for seconds.
CREATE UNLOGGED TABLE scaiflow.flow_presence (
    tenant_id     text COLLATE "C" NOT NULL,
    flow_id       text COLLATE "C" NOT NULL,
    user_id       text COLLATE "C" NOT NULL,
    display_name  text NOT NULL,
    last_seen_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT flow_presence_pkey PRIMARY KEY (tenant_id, flow_id, user_id)
);

-- A POST repeated with its Idempotency-Key gets the first answer. Written in the transaction of the effect.
CREATE TABLE scaiflow.idempotency_keys (
    tenant_id       text COLLATE "C" NOT NULL,
    subject         text COLLATE "C" NOT NULL,
    key             text COLLATE "C" NOT NULL,
    request_sha256  text NOT NULL,                   -- hex, of method, path, query and body
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    status          integer,
    headers         jsonb,
    answer          text COMPRESSION lz4,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, subject, key)
);
CREATE INDEX idempotency_keys_created_idx ON scaiflow.idempotency_keys (created_at);

-- One row a package, pointing at its newest version.
CREATE TABLE scaiflow.catalog_packages (
    tenant_id             text COLLATE "C" NOT NULL,
    package_id            text COLLATE "C" NOT NULL,
    name                  text NOT NULL,
    description           text NOT NULL DEFAULT '',
    version               text NOT NULL,
    author_id             text COLLATE "C" NOT NULL,
    author_email          text NOT NULL DEFAULT '',
    visibility            text NOT NULL DEFAULT 'tenant',
    visibility_group_ids  text[] NOT NULL DEFAULT '{}',
    created_at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    deleted_at            timestamptz,
    CONSTRAINT catalog_packages_pkey PRIMARY KEY (tenant_id, package_id),
    CONSTRAINT catalog_packages_visibility_check CHECK (visibility IN ('tenant', 'groups'))
);
CREATE INDEX catalog_packages_list_idx ON scaiflow.catalog_packages (tenant_id, updated_at DESC, package_id)
    WHERE deleted_at IS NULL;
CREATE INDEX catalog_packages_all_idx ON scaiflow.catalog_packages (updated_at DESC, tenant_id, package_id)
    WHERE deleted_at IS NULL;
CREATE INDEX catalog_packages_id_idx ON scaiflow.catalog_packages (package_id);

-- Insert-only by grants; kept when a package is deleted.
CREATE TABLE scaiflow.catalog_versions (
    tenant_id    text COLLATE "C" NOT NULL,
    package_id   text COLLATE "C" NOT NULL,
    number       bigint NOT NULL,
    version      text NOT NULL,
    name         text NOT NULL,
    description  text NOT NULL,
    readme       text,
    flow_id      text COLLATE "C",                   -- null: published from inline content
    package      bytea NOT NULL,                     -- the .scaipkg
    sha256       text NOT NULL,                      -- hex, of the package
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by   text COLLATE "C" NOT NULL,
    CONSTRAINT catalog_versions_pkey PRIMARY KEY (tenant_id, package_id, number),
    CONSTRAINT catalog_versions_version_key UNIQUE (tenant_id, package_id, version),
    CONSTRAINT catalog_versions_package_fkey FOREIGN KEY (tenant_id, package_id)
        REFERENCES scaiflow.catalog_packages (tenant_id, package_id)
);
ALTER TABLE scaiflow.catalog_versions ALTER COLUMN package SET STORAGE EXTERNAL;

DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['flows', 'flow_versions', 'flow_acls', 'flow_deployments', 'flow_presence',
                                     'idempotency_keys', 'catalog_packages', 'catalog_versions']
    LOOP
        EXECUTE format('ALTER TABLE scaiflow.%I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY %I ON scaiflow.%I USING (scaiflow.tenant_visible(tenant_id)) '
                       'WITH CHECK (scaiflow.tenant_visible(tenant_id))', protected || '_tenant', protected);
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA scaiflow TO scaiflow_flows, scaiflow_preview, scaiflow_catalog;
GRANT SELECT ON scaiflow.users, scaiflow.memberships, scaiflow.groups, scaiflow.tenants
      TO scaiflow_flows, scaiflow_preview, scaiflow_catalog;
GRANT SELECT, INSERT, UPDATE ON scaiflow.jwks_cache TO scaiflow_flows, scaiflow_preview, scaiflow_catalog;
GRANT SELECT, INSERT, UPDATE ON scaiflow.flows TO scaiflow_flows;
GRANT SELECT, INSERT ON scaiflow.flow_versions TO scaiflow_flows;
GRANT SELECT, INSERT, UPDATE, DELETE ON scaiflow.flow_acls, scaiflow.flow_presence TO scaiflow_flows;
GRANT SELECT ON scaiflow.flow_deployments TO scaiflow_flows;
GRANT SELECT, INSERT, UPDATE, DELETE ON scaiflow.idempotency_keys TO scaiflow_flows, scaiflow_catalog;
GRANT SELECT ON scaiflow.idempotency_keys TO scaiflow_jobs;
GRANT DELETE ON scaiflow.idempotency_keys, scaiflow.flow_presence TO scaiflow_jobs;
GRANT SELECT ON scaiflow.flow_presence TO scaiflow_jobs;
GRANT INSERT ON scaiflow.audit_log TO scaiflow_flows, scaiflow_catalog;
GRANT SELECT ON scaiflow.flows, scaiflow.flow_versions, scaiflow.flow_acls TO scaiflow_admin, scaiflow_catalog;
GRANT SELECT, INSERT, UPDATE ON scaiflow.catalog_packages TO scaiflow_catalog;
GRANT SELECT, INSERT ON scaiflow.catalog_versions TO scaiflow_catalog;
