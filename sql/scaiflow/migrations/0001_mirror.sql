-- The identity mirror, admin roles and their audit. Text ids are foreign and opaque: COLLATE "C", compared bytewise.
-- Rows of users, groups and memberships are never removed, only marked (deleted_at), so no foreign key guards them:
-- a sweep of a million memberships would pay for it row by row.
-- added_run/changed_run/deleted_run name the sync run (sync_runs.number) that did it last: the per-object changes of
-- a run are read from here, whatever its size.

CREATE TABLE scaiflow.tenants (
    id              text COLLATE "C" NOT NULL,
    slug            text,
    name            text,
    status          text NOT NULL DEFAULT 'ACTIVE',
    users_method    text,                 -- of the last complete run
    last_synced_at  timestamptz,          -- last run that completed for this tenant
    last_run        bigint,               -- its number; its started_at is the tenant's watermark (see "Order" below)
    upstream_at     timestamptz,
    deleted_at      timestamptz,
    CONSTRAINT tenants_pkey PRIMARY KEY (id)
);

CREATE TABLE scaiflow.users (
    tenant_id          text COLLATE "C" NOT NULL,
    id                 text COLLATE "C" NOT NULL,
    email              text NOT NULL DEFAULT '',
    display_name       text NOT NULL DEFAULT '',
    status             text NOT NULL DEFAULT 'ACTIVE',   -- verbatim; only ACTIVE (any case) is active
    admin_role         text,              -- effective: highest of role_grants; kept in step by lib/scaiflow/roles
    admin_role_source  text,
    seen_by            text NOT NULL,     -- effective_users | member_walk | webhook
    upstream_at        timestamptz,       -- newest upstream timestamp applied (event or updated_at): older events are ignored
    added_run          bigint,
    changed_run        bigint,
    deleted_run        bigint,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    deleted_at         timestamptz,
    CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT users_admin_role_check CHECK (admin_role IN ('tenant_admin', 'super_admin')),
    CONSTRAINT users_admin_role_source_check CHECK (admin_role_source IN ('manual', 'group', 'bootstrap'))
);
CREATE INDEX users_id_idx ON scaiflow.users (id);
CREATE INDEX users_email_idx ON scaiflow.users (lower(email), tenant_id, id);
CREATE INDEX users_admin_idx ON scaiflow.users (admin_role) WHERE admin_role IS NOT NULL;

CREATE TABLE scaiflow.groups (
    tenant_id    text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    name         text NOT NULL DEFAULT '',
    status       text NOT NULL DEFAULT 'ACTIVE',
    upstream_at  timestamptz,
    members_unknown_since timestamptz,     -- last walk of its members failed: members are frozen
    added_run    bigint,
    changed_run  bigint,
    deleted_run  bigint,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    deleted_at   timestamptz,
    CONSTRAINT groups_pkey PRIMARY KEY (tenant_id, id)
);
CREATE INDEX groups_id_idx ON scaiflow.groups (id);
CREATE INDEX groups_name_idx ON scaiflow.groups (tenant_id, name) WHERE deleted_at IS NULL;

-- Group in group, as upstream says it.
CREATE TABLE scaiflow.group_children (
    tenant_id  text COLLATE "C" NOT NULL,
    parent_id  text COLLATE "C" NOT NULL,
    child_id   text COLLATE "C" NOT NULL,
    CONSTRAINT group_children_pkey PRIMARY KEY (tenant_id, parent_id, child_id)
);

-- Effective membership: direct, or through nested groups (direct = false).
CREATE TABLE scaiflow.memberships (
    tenant_id    text COLLATE "C" NOT NULL,
    group_id     text COLLATE "C" NOT NULL,
    user_id      text COLLATE "C" NOT NULL,
    direct       boolean NOT NULL DEFAULT true,
    upstream_at  timestamptz,
    added_run    bigint,
    deleted_run  bigint,
    deleted_at   timestamptz,
    CONSTRAINT memberships_pkey PRIMARY KEY (tenant_id, group_id, user_id)
);
CREATE INDEX memberships_user_idx ON scaiflow.memberships (tenant_id, user_id) WHERE deleted_at IS NULL;
CREATE INDEX memberships_upstream_idx ON scaiflow.memberships (tenant_id, upstream_at) WHERE upstream_at IS NOT NULL;

-- Grants are a set with sources; the effective role is the highest. Removing one never removes another.
CREATE TABLE scaiflow.role_grants (
    tenant_id   text COLLATE "C" NOT NULL,
    user_id     text COLLATE "C" NOT NULL,
    role        text NOT NULL,
    source      text NOT NULL,
    group_id    text COLLATE "C" NOT NULL DEFAULT '',   -- of source group; '' otherwise
    granted_by  text NOT NULL,                          -- actor: user id, "cli:<login>", "sync:<run id>", "webhook:<event id>"
    granted_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT role_grants_pkey PRIMARY KEY (tenant_id, user_id, role, source, group_id),
    CONSTRAINT role_grants_role_check CHECK (role IN ('tenant_admin', 'super_admin')),
    CONSTRAINT role_grants_source_check CHECK (source IN ('manual', 'group', 'bootstrap')),
    CONSTRAINT role_grants_group_check CHECK ((source = 'group') = (group_id <> ''))
);

-- A grant for somebody the mirror does not know yet: applied when the user appears.
CREATE TABLE scaiflow.pending_grants (
    id               bigint GENERATED ALWAYS AS IDENTITY,
    email            text NOT NULL,                     -- lower case
    tenant_id        text COLLATE "C",                  -- null: whichever tenant the user appears in (home tenant when set)
    role             text NOT NULL,
    source           text NOT NULL,
    requested_by     text NOT NULL,
    requested_at     timestamptz NOT NULL DEFAULT now(),
    applied_at       timestamptz,
    applied_tenant   text COLLATE "C",
    applied_user     text COLLATE "C",
    cancelled_at     timestamptz,
    CONSTRAINT pending_grants_pkey PRIMARY KEY (id),
    CONSTRAINT pending_grants_email_check CHECK (email = lower(email)),
    CONSTRAINT pending_grants_role_check CHECK (role IN ('tenant_admin', 'super_admin')),
    CONSTRAINT pending_grants_source_check CHECK (source IN ('manual', 'bootstrap'))
);
CREATE UNIQUE INDEX pending_grants_open_key ON scaiflow.pending_grants (email, coalesce(tenant_id, ''), role, source)
    WHERE applied_at IS NULL AND cancelled_at IS NULL;

-- Every change of a role, with its cause. Insert-only by grants.
CREATE TABLE scaiflow.audit_log (
    id           bigint GENERATED ALWAYS AS IDENTITY,
    at           timestamptz NOT NULL DEFAULT now(),
    tenant_id    text COLLATE "C" NOT NULL,
    actor        text NOT NULL,           -- as role_grants.granted_by
    action       text NOT NULL,           -- role.granted, role.revoked, role.promoted, role.demoted, role.kept_last_super_admin, ...
    object_type  text NOT NULL,
    object_id    text NOT NULL,
    before       jsonb,
    after        jsonb,
    cause        jsonb NOT NULL,          -- {"run_id"} | {"event_id"} | {"request_id"} | {"command"}
    CONSTRAINT audit_log_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_log_object_idx ON scaiflow.audit_log (tenant_id, object_type, object_id, id);

CREATE TABLE scaiflow.sync_runs (
    number       bigint GENERATED ALWAYS AS IDENTITY,
    id           text NOT NULL,           -- "run_..." shared with job_runs.id
    trigger      text NOT NULL,           -- cron, manual, api, register, webhook
    dry_run      boolean NOT NULL,
    actor        text NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz,
    outcome      text,                    -- done, partial, breaker, skipped, unavailable, failed, killed
    result       jsonb,                   -- the printed object of design.md section 3, without changes
    messages     jsonb NOT NULL DEFAULT '[]',  -- [{"level","code","text","tenant_id"}]: the troubles in words
    CONSTRAINT sync_runs_pkey PRIMARY KEY (number),
    CONSTRAINT sync_runs_id_key UNIQUE (id)
);

-- Per-object changes of a run: removals, role changes and attribute changes always; additions up to a cap per table
-- (the rest is counted in the result and can be read from added_run).
CREATE TABLE scaiflow.sync_changes (
    run          bigint NOT NULL,
    seq          bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id    text COLLATE "C" NOT NULL,
    object_type  text NOT NULL,           -- user, group, membership, role
    object_id    text NOT NULL,           -- membership: "<group>/<user>"
    change       text NOT NULL,           -- added, updated, undeleted, soft_deleted, promoted, demoted
    before       jsonb,
    after        jsonb,
    CONSTRAINT sync_changes_pkey PRIMARY KEY (run, seq)
);

CREATE TABLE scaiflow.webhook_events (
    event_id     text NOT NULL,
    type         text NOT NULL,
    tenant_id    text COLLATE "C",
    event_at     timestamptz,
    received_at  timestamptz NOT NULL DEFAULT now(),
    handled      boolean NOT NULL,
    outcome      text NOT NULL,           -- applied, unchanged, ignored_old, ignored_tenant, unknown_type, needs_sync
    CONSTRAINT webhook_events_pkey PRIMARY KEY (event_id)
);
CREATE INDEX webhook_events_received_idx ON scaiflow.webhook_events (received_at);
CREATE INDEX webhook_events_needs_sync_idx ON scaiflow.webhook_events (received_at) WHERE outcome = 'needs_sync';

CREATE TABLE scaiflow.job_runs (
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
CREATE INDEX job_runs_job_idx ON scaiflow.job_runs (job, started_at DESC);

-- JWKS shared between processes (design.md section 4).
CREATE TABLE scaiflow.jwks_cache (
    url           text NOT NULL,
    document      text NOT NULL DEFAULT '',
    fetched_at    timestamptz,
    attempted_at  timestamptz,
    CONSTRAINT jwks_cache_pkey PRIMARY KEY (url)
);

-- Double submit of a code exchange: the twin gets the first one's answer. The answer is encrypted under a key derived
-- from code and verifier, which only the caller holds; rows live for seconds.
CREATE TABLE scaiflow.code_exchanges (
    code_hash    text NOT NULL,           -- hex sha256 of code, verifier and redirect URI
    claimed_at   timestamptz NOT NULL DEFAULT now(),
    status       integer,                 -- HTTP status of the answer; null while the first one works
    answer       text,                    -- base64 of the sealed answer
    CONSTRAINT code_exchanges_pkey PRIMARY KEY (code_hash)
);

-- Row-level security, the second wall. scai.tenant is set per transaction by lib/db; '*' is the deliberate
-- "all tenants" of sweeps and super_admin views; unset or '' shows nothing.
CREATE FUNCTION scaiflow.tenant_visible(row_tenant text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN row_tenant = current_setting('scai.tenant', true) OR current_setting('scai.tenant', true) = '*';

DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['users', 'groups', 'group_children', 'memberships', 'role_grants', 'audit_log',
                                     'sync_changes']
    LOOP
        EXECUTE format('ALTER TABLE scaiflow.%I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY %I ON scaiflow.%I USING (scaiflow.tenant_visible(tenant_id)) '
                       'WITH CHECK (scaiflow.tenant_visible(tenant_id))', protected || '_tenant', protected);
    END LOOP;
END
$$;

-- Order between sweeps and webhooks. A webhook carries the time of its change, a sweep is true as of its start:
--   * a webhook stamps upstream_at of the rows it writes, and is ignored where the row's upstream_at or the tenant's
--     watermark (sync_runs.started_at of tenants.last_run) is newer;
--   * a sweep leaves alone what a webhook changed after the sweep began: rows with upstream_at > started_at of the run,
--     and memberships of users who have such a membership (their inherited ones follow the direct ones). A sweep that
--     writes upstream_at itself writes the object's upstream timestamp, never its own clock;
--   * both write under lock_mirror: webhooks share it, a sweep's apply phase has it alone.
CREATE FUNCTION scaiflow.lock_mirror(p_tenant text, p_alone boolean) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF p_alone THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('scaiflow.mirror/' || p_tenant, 0));
    ELSE
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('scaiflow.mirror/' || p_tenant, 0));
    END IF;
END
$$;

-- True when a webhook asked for a sweep (outcome needs_sync) after the last completed one began and the last attempt is
-- at least p_gap old: then `sync --if-due` is due at once.
CREATE FUNCTION scaiflow.sync_requested(p_gap interval DEFAULT '5 minutes') RETURNS boolean
    LANGUAGE sql STABLE
    RETURN EXISTS (SELECT FROM scaiflow.webhook_events w
                    WHERE w.outcome = 'needs_sync'
                      AND w.received_at > coalesce((SELECT r.started_at FROM scaiflow.sync_runs r
                                                     WHERE NOT r.dry_run AND r.outcome IN ('done', 'partial')
                                                     ORDER BY r.number DESC LIMIT 1), '-infinity'))
           AND NOT EXISTS (SELECT FROM scaiflow.sync_runs r WHERE NOT r.dry_run AND r.started_at > now() - p_gap);

-- Effective role of one user from its grants: highest role; among its sources manual, then bootstrap, then group.
CREATE FUNCTION scaiflow.effective_grant(p_tenant text, p_user text, OUT role text, OUT source text)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
        SELECT g.role, g.source
          FROM scaiflow.role_grants g
         WHERE g.tenant_id = p_tenant AND g.user_id = p_user
         ORDER BY g.role = 'super_admin' DESC, array_position(ARRAY['manual', 'bootstrap', 'group'], g.source)
         LIMIT 1;
    END;

-- Who is calling: one round trip for every request. Sets the tenant for row-level security itself, so the second wall
-- stands although the statement is alone in its transaction. Unknown users give no row; status and deleted are for the caller
-- to judge. A tenant that is suspended or deleted takes its users with it.
CREATE FUNCTION scaiflow.principal(p_tenant text, p_user text)
    RETURNS TABLE (email text, display_name text, status text, deleted boolean, admin_role text, admin_role_source text,
                   group_ids text[])
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM set_config('scai.tenant', p_tenant, true);
    RETURN QUERY
        SELECT u.email, u.display_name,
               CASE WHEN upper(t.status) <> 'ACTIVE' THEN 'TENANT_' || t.status ELSE u.status END,
               u.deleted_at IS NOT NULL OR t.deleted_at IS NOT NULL, u.admin_role, u.admin_role_source,
               coalesce((SELECT array_agg(m.group_id ORDER BY m.group_id)
                           FROM scaiflow.memberships m
                          WHERE m.tenant_id = p_tenant AND m.user_id = p_user AND m.deleted_at IS NULL), '{}'::text[])
          FROM scaiflow.users u LEFT JOIN scaiflow.tenants t ON t.id = u.tenant_id
         WHERE u.tenant_id = p_tenant AND u.id = p_user;
END
$$;

GRANT USAGE ON SCHEMA scaiflow TO scaiflow_auth, scaiflow_admin, scaiflow_webhooks, scaiflow_health, scaiflow_jobs, scaiflow_cli;
GRANT SELECT ON ALL TABLES IN SCHEMA scaiflow TO scaiflow_admin, scaiflow_webhooks, scaiflow_jobs, scaiflow_cli;
GRANT SELECT ON scaiflow.users, scaiflow.memberships, scaiflow.groups, scaiflow.tenants TO scaiflow_auth, scaiflow_health;
GRANT SELECT ON scaiflow.job_runs, scaiflow.sync_runs TO scaiflow_health;
GRANT SELECT, INSERT, UPDATE ON scaiflow.jwks_cache TO scaiflow_auth, scaiflow_admin, scaiflow_webhooks, scaiflow_health, scaiflow_cli;
GRANT SELECT, INSERT, UPDATE, DELETE ON scaiflow.code_exchanges TO scaiflow_auth;
-- Whoever may sync writes the mirror: the job, POST /v1/admin/sync, the webhook receiver, the CLI's first run.
GRANT INSERT, UPDATE ON scaiflow.tenants, scaiflow.users, scaiflow.groups, scaiflow.memberships, scaiflow.pending_grants,
      scaiflow.sync_runs, scaiflow.job_runs TO scaiflow_admin, scaiflow_webhooks, scaiflow_jobs, scaiflow_cli;
GRANT INSERT, DELETE ON scaiflow.group_children, scaiflow.role_grants
      TO scaiflow_admin, scaiflow_webhooks, scaiflow_jobs, scaiflow_cli;
GRANT UPDATE ON scaiflow.role_grants TO scaiflow_admin, scaiflow_webhooks, scaiflow_jobs, scaiflow_cli;
GRANT INSERT ON scaiflow.audit_log, scaiflow.sync_changes TO scaiflow_admin, scaiflow_webhooks, scaiflow_jobs, scaiflow_cli;
GRANT INSERT, UPDATE, DELETE ON scaiflow.webhook_events TO scaiflow_webhooks;
GRANT INSERT, DELETE ON scaiflow.webhook_events TO scaiflow_jobs;
