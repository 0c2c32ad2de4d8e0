-- Users as ScaiGrid knows them, API keys, Cores and their publications, fault switches of tests.

-- A row comes with the first thing kept for a user: a key, a role, a module permission.
CREATE TABLE scaigrid.users (
    tenant_id           text COLLATE "C" NOT NULL,
    id                  text COLLATE "C" NOT NULL,
    email               text NOT NULL DEFAULT '',
    name                text NOT NULL DEFAULT '',
    status              text NOT NULL DEFAULT 'active',
    token_role          text NOT NULL DEFAULT '',        -- role the newest token named; what a key of this user goes by
    roles               text[] NOT NULL DEFAULT '{}',    -- given here; empty: token_role counts
    module_permissions  text[] NOT NULL DEFAULT '{}',    -- beside those of the roles
    created_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT users_status_check CHECK (status IN ('active', 'suspended'))
);

-- The key itself is never stored: key_hash is the hex SHA-256 of all of it.
CREATE TABLE scaigrid.api_keys (
    tenant_id   text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    user_id     text COLLATE "C" NOT NULL,               -- carries this user's permissions
    name        text NOT NULL,
    key_hash    text COLLATE "C" NOT NULL,
    hint        text NOT NULL,                           -- last four characters
    created_by  text COLLATE "C" NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz,
    revoked_at  timestamptz,
    CONSTRAINT api_keys_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT api_keys_hash_key UNIQUE (key_hash),
    CONSTRAINT api_keys_user_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES scaigrid.users (tenant_id, id)
);

CREATE TABLE scaigrid.cores (
    tenant_id            text COLLATE "C" NOT NULL,
    id                   text COLLATE "C" NOT NULL,
    name                 text NOT NULL,
    slug                 text COLLATE "C" NOT NULL,
    status               text NOT NULL DEFAULT 'created',
    status_reason        text NOT NULL DEFAULT '',       -- why it is in error
    runtime_mode         text NOT NULL DEFAULT 'event_driven',
    concurrency_mode     text NOT NULL DEFAULT 'stateless',
    entity_key_field     text,
    privilege_level      text NOT NULL DEFAULT 'standard',
    checkpoint_mode      text NOT NULL DEFAULT 'auto',
    source               json NOT NULL DEFAULT '{}',     -- as it came: the manifest as a tree, or an IR object
    module               json NOT NULL DEFAULT '{}',     -- the IR that runs, members in the compiler's order
    revision             bigint NOT NULL DEFAULT 1,      -- counts the changes of module
    plugins              json NOT NULL DEFAULT '[]',
    environment          json NOT NULL DEFAULT '{}',     -- secrets in it are sealed
    resource_limits      json NOT NULL DEFAULT '{}',
    metadata             json NOT NULL DEFAULT '{}',
    avatar               bytea,
    avatar_content_type  text,
    created_by           text COLLATE "C" NOT NULL,
    created_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT cores_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT cores_slug_key UNIQUE (tenant_id, slug),
    CONSTRAINT cores_status_check CHECK (status IN ('created', 'starting', 'running', 'paused', 'stopping', 'stopped',
                                                    'error', 'crashed', 'restarting')),
    CONSTRAINT cores_runtime_mode_check CHECK (runtime_mode IN ('event_driven', 'interactive', 'model', 'api')),
    CONSTRAINT cores_concurrency_mode_check CHECK (concurrency_mode IN ('stateless', 'entity', 'singleton')),
    CONSTRAINT cores_entity_check CHECK (concurrency_mode <> 'entity' OR entity_key_field <> ''),
    CONSTRAINT cores_privilege_level_check CHECK (privilege_level IN ('standard', 'elevated', 'admin')),
    CONSTRAINT cores_checkpoint_mode_check CHECK (checkpoint_mode IN ('auto', 'visual_queue', 'routed'))
);
CREATE INDEX cores_created_idx ON scaigrid.cores (tenant_id, created_at, id);

-- A Core published as a model: what a chat names by its slug.
CREATE TABLE scaigrid.publications (
    tenant_id     text COLLATE "C" NOT NULL,
    core_id       text COLLATE "C" NOT NULL,
    model_id      text COLLATE "C" NOT NULL,
    backend_id    text COLLATE "C" NOT NULL,
    slug          text COLLATE "C" NOT NULL,             -- scaicore/<tenant>/<core>
    display_name  text NOT NULL,
    description   text NOT NULL DEFAULT '',
    group_ids     text[] NOT NULL DEFAULT '{}',
    published_by  text COLLATE "C" NOT NULL,
    published_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT publications_pkey PRIMARY KEY (tenant_id, core_id),
    CONSTRAINT publications_model_key UNIQUE (tenant_id, model_id),
    CONSTRAINT publications_slug_key UNIQUE (tenant_id, slug),
    CONSTRAINT publications_core_fkey FOREIGN KEY (tenant_id, core_id)
        REFERENCES scaigrid.cores (tenant_id, id) ON DELETE CASCADE
);

-- Switched by tests, read by every process before every request when SCAIGRID_TEST_FAULTS is set.
CREATE TABLE scaigrid.test_faults (
    id         text COLLATE "C" NOT NULL,
    position   bigint GENERATED ALWAYS AS IDENTITY,
    method     text NOT NULL DEFAULT '',                 -- '' = any
    path       text NOT NULL DEFAULT '',                 -- pattern as in the route table; '' = any
    fault      json NOT NULL,
    remaining  bigint,                                   -- times left; NULL = until it is taken away
    CONSTRAINT test_faults_pkey PRIMARY KEY (id)
);

CREATE TABLE scaigrid.jwks_cache (
    url           text NOT NULL,
    document      text NOT NULL DEFAULT '',
    fetched_at    timestamptz,
    attempted_at  timestamptz,
    CONSTRAINT jwks_cache_pkey PRIMARY KEY (url)
);

CREATE TABLE scaigrid.job_runs (
    id           text NOT NULL,
    job          text NOT NULL,
    trigger      text NOT NULL,
    host         text NOT NULL,
    pid          integer NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz,
    outcome      text,
    exit_code    integer,
    counters     jsonb,
    error        text,
    CONSTRAINT job_runs_pkey PRIMARY KEY (id)
);
CREATE INDEX job_runs_job_idx ON scaigrid.job_runs (job, started_at DESC);

-- Row-level security, the second wall. scai.tenant is set by lib/db to the tenant whose rows a statement may see; "*" is
-- the deliberate "all tenants" of the gate and the jobs. The setting is read once per statement, as an initial plan.
DO $$
DECLARE
    protected text;
    visible text := 'tenant_id = (SELECT current_setting(''scai.tenant'', true)) '
                    'OR (SELECT current_setting(''scai.tenant'', true)) = ''*''';
BEGIN
    FOREACH protected IN ARRAY ARRAY['users', 'api_keys', 'cores', 'publications']
    LOOP
        EXECUTE format('ALTER TABLE scaigrid.%I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY %I ON scaigrid.%I USING (%s) WITH CHECK (%s)', protected || '_tenant', protected,
                       visible, visible);
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA scaigrid TO scaigrid_handler, scaigrid_jobs;
GRANT SELECT, INSERT, UPDATE ON scaigrid.users, scaigrid.api_keys, scaigrid.jwks_cache TO scaigrid_handler;
GRANT SELECT, INSERT, UPDATE, DELETE ON scaigrid.cores, scaigrid.publications, scaigrid.test_faults TO scaigrid_handler;
GRANT SELECT ON scaigrid.users, scaigrid.cores, scaigrid.publications TO scaigrid_jobs;
GRANT UPDATE (status, status_reason, updated_at) ON scaigrid.cores TO scaigrid_jobs;
GRANT SELECT, INSERT, UPDATE ON scaigrid.job_runs TO scaigrid_jobs;
