-- Keys, secrets, policies, audit. In every tenant table tenant_id is the owner: a tenant's id, or "partner/<id>" for what
-- belongs to a partner and is readable by each of its tenants.

-- Copy of the directory, as far as decisions need it.
CREATE TABLE scaivault.partners (
    id              text COLLATE "C" NOT NULL,
    slug            text NOT NULL DEFAULT '',
    name            text NOT NULL DEFAULT '',
    region          text,
    status          text NOT NULL DEFAULT 'ACTIVE',
    last_synced_at  timestamptz,
    deleted_at      timestamptz,
    CONSTRAINT partners_pkey PRIMARY KEY (id)
);
CREATE TABLE scaivault.tenants (
    id              text COLLATE "C" NOT NULL,
    partner_id      text COLLATE "C" NOT NULL,
    slug            text NOT NULL DEFAULT '',
    name            text NOT NULL DEFAULT '',
    status          text NOT NULL DEFAULT 'ACTIVE',
    last_synced_at  timestamptz,
    deleted_at      timestamptz,
    CONSTRAINT tenants_pkey PRIMARY KEY (id)
);
CREATE INDEX tenants_partner_idx ON scaivault.tenants (partner_id, id);
CREATE TABLE scaivault.users (
    tenant_id       text COLLATE "C" NOT NULL,
    id              text COLLATE "C" NOT NULL,
    email           text NOT NULL DEFAULT '',
    display_name    text NOT NULL DEFAULT '',
    status          text NOT NULL DEFAULT 'ACTIVE',
    mfa_enabled     boolean NOT NULL DEFAULT false,
    last_synced_at  timestamptz,
    deleted_at      timestamptz,
    CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id)
);
CREATE INDEX users_email_idx ON scaivault.users (tenant_id, lower(email)) WHERE deleted_at IS NULL;
CREATE TABLE scaivault.groups (
    tenant_id       text COLLATE "C" NOT NULL,
    id              text COLLATE "C" NOT NULL,
    name            text NOT NULL DEFAULT '',
    last_synced_at  timestamptz,
    deleted_at      timestamptz,
    CONSTRAINT groups_pkey PRIMARY KEY (tenant_id, id)
);
CREATE INDEX groups_name_idx ON scaivault.groups (tenant_id, name) WHERE deleted_at IS NULL;
CREATE TABLE scaivault.memberships (
    tenant_id       text COLLATE "C" NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    group_id        text COLLATE "C" NOT NULL,
    membership_type text NOT NULL DEFAULT 'DIRECT',
    added_at        timestamptz NOT NULL DEFAULT now(),
    deleted_at      timestamptz,
    CONSTRAINT memberships_pkey PRIMARY KEY (tenant_id, user_id, group_id)
);
CREATE INDEX memberships_group_idx ON scaivault.memberships (tenant_id, group_id) WHERE deleted_at IS NULL;
-- Admin roles of ScaiVault itself.
CREATE TABLE scaivault.admin_roles (
    tenant_id   text COLLATE "C" NOT NULL,
    user_id     text COLLATE "C" NOT NULL,
    role        text NOT NULL,
    granted_by  text NOT NULL,
    granted_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT admin_roles_pkey PRIMARY KEY (tenant_id, user_id, role),
    CONSTRAINT admin_roles_role_check CHECK (role IN ('super_admin', 'partner_admin', 'tenant_admin'))
);

-- BOOTSTRAP_SUPER_ADMIN: asked for by the settings, given once, when its user is known here and comes with a token.
CREATE TABLE scaivault.bootstrap_grants (
    identity        text COLLATE "C" NOT NULL,      -- "user:<address>" or "user:<id>"
    tenant_id       text COLLATE "C" NOT NULL,      -- '' = any
    state           text NOT NULL DEFAULT 'pending',
    user_tenant_id  text COLLATE "C",
    user_id         text COLLATE "C",
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    granted_at      timestamptz,
    CONSTRAINT bootstrap_grants_pkey PRIMARY KEY (identity, tenant_id),
    CONSTRAINT bootstrap_grants_state_check CHECK (state IN ('pending', 'ambiguous', 'granted'))
);
-- Runs with the rights of the owner, so that every process type can give what waits, and nothing else.
CREATE FUNCTION scaivault.apply_bootstrap(who_tenant text, who_user text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    address text;
    wanted  scaivault.bootstrap_grants;
BEGIN
    SELECT lower(u.email) INTO address FROM scaivault.users u
     WHERE u.tenant_id = who_tenant AND u.id = who_user AND u.deleted_at IS NULL AND upper(u.status) = 'ACTIVE';
    IF NOT FOUND THEN
        RETURN 'unknown';
    END IF;
    SELECT * INTO wanted FROM scaivault.bootstrap_grants g
     WHERE g.state <> 'granted' AND g.tenant_id IN ('', who_tenant)
       AND (g.identity = 'user:' || who_user OR (address <> '' AND lower(g.identity) = 'user:' || address))
     ORDER BY g.tenant_id DESC LIMIT 1 FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'none';
    END IF;
    IF wanted.tenant_id = '' AND wanted.identity <> 'user:' || who_user
       AND (SELECT count(*) FROM scaivault.users u WHERE lower(u.email) = address AND u.deleted_at IS NULL) > 1 THEN
        UPDATE scaivault.bootstrap_grants g SET state = 'ambiguous'
         WHERE g.identity = wanted.identity AND g.tenant_id = wanted.tenant_id;
        RETURN 'ambiguous';
    END IF;
    INSERT INTO scaivault.admin_roles (tenant_id, user_id, role, granted_by)
    VALUES (who_tenant, who_user, 'super_admin', 'bootstrap') ON CONFLICT DO NOTHING;
    UPDATE scaivault.bootstrap_grants g
       SET state = 'granted', user_tenant_id = who_tenant, user_id = who_user, granted_at = clock_timestamp()
     WHERE g.identity = wanted.identity AND g.tenant_id = wanted.tenant_id;
    RETURN 'granted';
END
$$;
REVOKE EXECUTE ON FUNCTION scaivault.apply_bootstrap(text, text) FROM PUBLIC;

-- Exchange of foreign workload tokens (RFC 8693): whose tokens are believed, and who their holders become.
CREATE TABLE scaivault.token_trusts (
    tenant_id      text COLLATE "C" NOT NULL,
    id             text COLLATE "C" NOT NULL,
    name           text NOT NULL,
    issuer         text COLLATE "C" NOT NULL,
    jwks_url       text NOT NULL,                   -- '' = by discovery
    audience       text NOT NULL,
    claims         jsonb NOT NULL,                  -- claim -> globs of which one must match
    identity       text COLLATE "C" NOT NULL,       -- sa:<name>
    scopes         text[] NOT NULL,
    allowed_paths  text[] NOT NULL,
    max_ttl        integer NOT NULL,                -- seconds
    is_active      boolean NOT NULL DEFAULT true,
    created_at     timestamptz NOT NULL,
    created_by     text NOT NULL,
    CONSTRAINT token_trusts_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT token_trusts_name_key UNIQUE (tenant_id, name)
);
CREATE INDEX token_trusts_issuer_idx ON scaivault.token_trusts (issuer) WHERE is_active;

CREATE TABLE scaivault.jwks_cache (
    url           text NOT NULL,
    document      text NOT NULL DEFAULT '',
    fetched_at    timestamptz,
    attempted_at  timestamptz,
    CONSTRAINT jwks_cache_pkey PRIMARY KEY (url)
);

-- Wrapped keys. A root row names a key of the KMS and wraps nothing itself; partner keys are wrapped by a root, tenant keys
-- by their partner's key, data keys (in secret_versions) by their tenant's key.
-- What a key wraps refers to usable_id, which is null once the key is destroyed: so the database itself refuses to destroy
-- a key that something still names, and to name one that is gone, whatever runs at the same time.
CREATE TABLE scaivault.keys (
    id            text COLLATE "C" NOT NULL,         -- "key_..."; named in everything it wraps
    usable_id     text COLLATE "C" GENERATED ALWAYS AS (CASE WHEN state = 'destroyed' THEN NULL ELSE id END) STORED,
    kind          text NOT NULL,                     -- root, partner, tenant
    owner_id      text COLLATE "C" NOT NULL,         -- '' for root, partner id, tenant id (or partner/<id>)
    generation    integer NOT NULL,
    parent_id     text COLLATE "C",                  -- null for root
    provider      text,                              -- of a root: local, pkcs11, hashicorp, aws
    reference     text,                              -- of a root: the KMS's name of the key, not a secret
    wrapped       bytea,                             -- null for root
    state         text NOT NULL,                     -- active: wraps new keys; retired: unwraps only; destroyed
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at    timestamptz,
    destroyed_at  timestamptz,
    CONSTRAINT keys_pkey PRIMARY KEY (id),
    CONSTRAINT keys_usable_key UNIQUE (usable_id),
    CONSTRAINT keys_generation_key UNIQUE (kind, owner_id, generation),
    CONSTRAINT keys_parent_fkey FOREIGN KEY (parent_id) REFERENCES scaivault.keys (usable_id),
    CONSTRAINT keys_kind_check CHECK (kind IN ('root', 'partner', 'tenant')),
    CONSTRAINT keys_state_check CHECK (state IN ('active', 'retired', 'destroyed')),
    CONSTRAINT keys_root_check CHECK ((kind = 'root') = (provider IS NOT NULL AND reference IS NOT NULL)),
    CONSTRAINT keys_wrapped_check CHECK ((kind = 'root' OR state = 'destroyed') = (wrapped IS NULL)),
    CONSTRAINT keys_parent_check CHECK ((kind = 'root' OR state = 'destroyed') = (parent_id IS NULL))
);
CREATE UNIQUE INDEX keys_active_key ON scaivault.keys (kind, owner_id) WHERE state = 'active';
CREATE INDEX keys_parent_idx ON scaivault.keys (parent_id);
CREATE INDEX keys_retired_idx ON scaivault.keys (id) WHERE state = 'retired';

-- Keys that sign the tokens ScaiVault exchanges; the private ones lie sealed. No tenant's: the owner is ScaiVault itself.
CREATE TABLE scaivault.token_keys (
    tenant_id    text COLLATE "C" NOT NULL DEFAULT 'scaivault',
    id           text COLLATE "C" NOT NULL,
    public_jwk   text NOT NULL,
    key_id       text COLLATE "C" NOT NULL,
    wrapped_key  bytea NOT NULL,
    ciphertext   bytea NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT token_keys_pkey PRIMARY KEY (id),
    CONSTRAINT token_keys_key_fkey FOREIGN KEY (key_id) REFERENCES scaivault.keys (usable_id)
);
CREATE INDEX token_keys_key_idx ON scaivault.token_keys (key_id);

CREATE TABLE scaivault.secrets (
    tenant_id           text COLLATE "C" NOT NULL,
    path                text COLLATE "C" NOT NULL,
    secret_id           text COLLATE "C" NOT NULL,   -- of this incarnation: part of what a ciphertext is bound to
    secret_type         text NOT NULL DEFAULT 'kv',
    version             bigint NOT NULL,             -- current; 0 = every version is destroyed
    last_version        bigint NOT NULL DEFAULT 1,   -- newest number ever given out; none is given out twice
    oldest_version      bigint NOT NULL DEFAULT 1,
    revision            bigint NOT NULL DEFAULT 1,   -- counts every change, of metadata too
    metadata            jsonb NOT NULL DEFAULT '{}', -- not secret
    tags                text[] NOT NULL DEFAULT '{}',
    max_versions        integer NOT NULL DEFAULT 10, -- 0 = unlimited
    expires_at          timestamptz,
    notice_at           timestamptz,                 -- when the next event about the expiry is due
    noticed_seconds     bigint,                      -- thresholds of so many seconds and more are behind us
    notify_before       text[] NOT NULL DEFAULT '{30d,7d,1d}',
    rotation_policy_id  text COLLATE "C",
    secret_policy_id    text COLLATE "C",
    created_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by          text NOT NULL,
    updated_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_by          text NOT NULL,
    last_accessed_at    timestamptz,
    deleted_at          timestamptz,
    deleted_by          text,
    recoverable_until   timestamptz,
    CONSTRAINT secrets_pkey PRIMARY KEY (tenant_id, path),
    CONSTRAINT secrets_id_key UNIQUE (secret_id)
);
-- Lists are walked in path order over rows that are shown, so that a page costs what it holds.
CREATE INDEX secrets_live_idx ON scaivault.secrets (tenant_id, path) WHERE deleted_at IS NULL;
CREATE INDEX secrets_type_idx ON scaivault.secrets (tenant_id, secret_type, path) WHERE deleted_at IS NULL;
CREATE INDEX secrets_notice_idx ON scaivault.secrets (notice_at) WHERE notice_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX secrets_expiring_idx ON scaivault.secrets (tenant_id, expires_at, path) WHERE expires_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX secrets_purge_idx ON scaivault.secrets (recoverable_until) WHERE deleted_at IS NOT NULL;
-- The tags of a secret again, one a row: an array cannot be searched in path order, and below row-level security not
-- through an index at all.
CREATE TABLE scaivault.secret_tags (
    tenant_id   text COLLATE "C" NOT NULL,
    tag         text COLLATE "C" NOT NULL,
    path        text COLLATE "C" NOT NULL,
    CONSTRAINT secret_tags_pkey PRIMARY KEY (tenant_id, tag, path)
);
CREATE INDEX secret_tags_path_idx ON scaivault.secret_tags (tenant_id, path);

CREATE TABLE scaivault.secret_versions (
    tenant_id       text COLLATE "C" NOT NULL,
    secret_id       text COLLATE "C" NOT NULL,
    version         bigint NOT NULL,
    key_id          text COLLATE "C" NOT NULL,       -- tenant key that wraps the data key
    wrapped_key     bytea NOT NULL,
    ciphertext      bytea NOT NULL,                  -- nonce, ciphertext, tag
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by      text NOT NULL,
    readable_until  timestamptz,                     -- set by a rotation: end of the grace period
    CONSTRAINT secret_versions_pkey PRIMARY KEY (tenant_id, secret_id, version),
    CONSTRAINT secret_versions_key_fkey FOREIGN KEY (key_id) REFERENCES scaivault.keys (usable_id)
);
ALTER TABLE scaivault.secret_versions ALTER COLUMN ciphertext SET STORAGE EXTERNAL;
CREATE INDEX secret_versions_key_idx ON scaivault.secret_versions (key_id, secret_id, version);
CREATE INDEX secret_versions_readable_idx ON scaivault.secret_versions (readable_until) WHERE readable_until IS NOT NULL;

CREATE TABLE scaivault.policies (
    tenant_id    text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    name         text NOT NULL,
    description  text NOT NULL DEFAULT '',
    rules        jsonb NOT NULL,
    is_active    boolean NOT NULL DEFAULT true,
    revision     bigint NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by   text NOT NULL,
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT policies_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT policies_name_key UNIQUE (tenant_id, name)
);
CREATE TABLE scaivault.policy_bindings (
    tenant_id      text COLLATE "C" NOT NULL,
    id             text COLLATE "C" NOT NULL,
    policy_id      text COLLATE "C" NOT NULL,
    identity_type  text NOT NULL,                    -- user, service_account, group, system
    identity_id    text COLLATE "C" NOT NULL,        -- canonical: "user:usr_1", "sa:name", "group:grp_1", "system:x"
    expires_at     timestamptz,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by     text NOT NULL,
    CONSTRAINT policy_bindings_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT policy_bindings_once_key UNIQUE (tenant_id, policy_id, identity_id),
    CONSTRAINT policy_bindings_policy_fkey FOREIGN KEY (tenant_id, policy_id)
        REFERENCES scaivault.policies (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX policy_bindings_identity_idx ON scaivault.policy_bindings (tenant_id, identity_id);
-- Counts every change of the policies and bindings of an owner: a process whose compiled set has another number reads
-- them again, so a change counts for the very next request.
CREATE TABLE scaivault.policy_generations (
    tenant_id   text COLLATE "C" NOT NULL,
    generation  bigint NOT NULL DEFAULT 1,
    CONSTRAINT policy_generations_pkey PRIMARY KEY (tenant_id)
);

-- One row a request, a partition a month. Insert-only by grants, and the columns that prove order (seq, at, txid) cannot
-- be given: nobody writes a row into the past. txid orders rows for the seals: once no transaction below a number is
-- open, no row below it can come any more.
CREATE TABLE scaivault.audit_log (
    tenant_id      text COLLATE "C" NOT NULL,        -- '' when nobody could be recognised
    seq            bigint GENERATED ALWAYS AS IDENTITY,
    id             text COLLATE "C" NOT NULL,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    txid           xid8 NOT NULL DEFAULT pg_current_xact_id(),
    action         text COLLATE "C" NOT NULL,
    identity_type  text COLLATE "C" NOT NULL,
    identity_id    text COLLATE "C" NOT NULL,
    secret_path    text COLLATE "C",
    source_ip      text COLLATE "C" NOT NULL,
    user_agent     text NOT NULL,
    success        boolean NOT NULL,
    duration_ms    integer NOT NULL,
    request_id     text COLLATE "C" NOT NULL,
    extra_data     jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT audit_log_pkey PRIMARY KEY (tenant_id, at, seq)
) PARTITION BY RANGE (at);
-- Takes what falls into no month: a request is never refused for want of a partition.
CREATE TABLE scaivault.audit_log_other PARTITION OF scaivault.audit_log DEFAULT;
CREATE INDEX audit_log_path_idx ON scaivault.audit_log (tenant_id, secret_path, at, seq) WHERE secret_path IS NOT NULL;
CREATE INDEX audit_log_identity_idx ON scaivault.audit_log (tenant_id, identity_id, at, seq);
CREATE INDEX audit_log_request_idx ON scaivault.audit_log (request_id);
CREATE INDEX audit_log_seal_idx ON scaivault.audit_log (txid, tenant_id, seq);
-- Hash chain of a tenant: a seal covers its rows of the transactions [begin_txid, end_txid) and the hash of the seal
-- before. The windows of all tenants are the same and lie end to end.
CREATE TABLE scaivault.audit_seals (
    tenant_id   text COLLATE "C" NOT NULL,
    number      bigint NOT NULL,
    begin_txid  xid8 NOT NULL,
    end_txid    xid8 NOT NULL,
    row_count   bigint NOT NULL,
    last_at     timestamptz NOT NULL,
    rows_hash   text NOT NULL,                       -- hex sha256 over the rows in (txid, seq) order
    hash        text NOT NULL,                       -- hex sha256 over the columns above and the previous hash
    sealed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT audit_seals_pkey PRIMARY KEY (tenant_id, number)
);
CREATE INDEX audit_seals_end_idx ON scaivault.audit_seals (end_txid);

CREATE TABLE scaivault.job_runs (
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
CREATE INDEX job_runs_job_idx ON scaivault.job_runs (job, started_at DESC);

-- Row-level security, the second wall. scai.tenant is set by lib/db to the owner whose rows a statement may see;
-- "*" is the deliberate "all tenants" of jobs.
CREATE FUNCTION scaivault.tenant_visible(row_tenant text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN row_tenant = current_setting('scai.tenant', true) OR current_setting('scai.tenant', true) = '*';

DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['users', 'groups', 'memberships', 'admin_roles', 'secrets', 'secret_tags', 'secret_versions',
                                     'policies', 'policy_bindings', 'audit_seals', 'token_trusts']
    LOOP
        EXECUTE format('ALTER TABLE scaivault.%I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY %I ON scaivault.%I USING (scaivault.tenant_visible(tenant_id)) '
                       'WITH CHECK (scaivault.tenant_visible(tenant_id))', protected || '_tenant', protected);
    END LOOP;
END
$$;
-- A row goes to the trail of the caller's tenant, whoever owns what he changed: adding is free, reading is not.
ALTER TABLE scaivault.audit_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY audit_log_read ON scaivault.audit_log FOR SELECT USING (scaivault.tenant_visible(tenant_id));
CREATE POLICY audit_log_add ON scaivault.audit_log FOR INSERT WITH CHECK (true);

-- What every request needs: who calls, what is bound to him, where the row of the trail goes.
DO $$
DECLARE
    process text;
BEGIN
    FOREACH process IN ARRAY ARRAY['secrets', 'policies', 'auth', 'identity', 'audit', 'rotation', 'webhooks', 'subscriptions',
                                   'system', 'jobs', 'cli']
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA scaivault TO %I', 'scaivault_' || process);
        EXECUTE format('GRANT SELECT ON scaivault.partners, scaivault.tenants, scaivault.users, scaivault.groups, '
                       'scaivault.memberships, scaivault.admin_roles, scaivault.policies, scaivault.policy_bindings, '
                       'scaivault.policy_generations, scaivault.token_trusts TO %I', 'scaivault_' || process);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON scaivault.jwks_cache TO %I', 'scaivault_' || process);
        EXECUTE format('GRANT SELECT (id, public_jwk, created_at) ON scaivault.token_keys TO %I', 'scaivault_' || process);
        EXECUTE format('GRANT EXECUTE ON FUNCTION scaivault.apply_bootstrap(text, text) TO %I', 'scaivault_' || process);
        EXECUTE format('GRANT INSERT (tenant_id, id, action, identity_type, identity_id, secret_path, source_ip, user_agent, '
                       'success, duration_ms, request_id, extra_data) ON scaivault.audit_log TO %I', 'scaivault_' || process);
    END LOOP;
END
$$;
GRANT SELECT ON scaivault.audit_log, scaivault.audit_seals TO scaivault_audit, scaivault_jobs, scaivault_cli;
GRANT INSERT ON scaivault.audit_seals TO scaivault_jobs;
GRANT SELECT, INSERT, UPDATE ON scaivault.keys TO scaivault_secrets, scaivault_rotation, scaivault_webhooks, scaivault_subscriptions,
      scaivault_audit, scaivault_jobs, scaivault_cli;
GRANT SELECT ON scaivault.keys TO scaivault_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON scaivault.secrets, scaivault.secret_tags, scaivault.secret_versions TO scaivault_secrets, scaivault_rotation,
      scaivault_jobs;
GRANT SELECT ON scaivault.secrets TO scaivault_policies, scaivault_audit, scaivault_webhooks, scaivault_system, scaivault_cli;
GRANT SELECT ON scaivault.secret_versions TO scaivault_audit, scaivault_cli;
GRANT INSERT, UPDATE, DELETE ON scaivault.policies, scaivault.policy_bindings, scaivault.policy_generations TO scaivault_policies;
GRANT INSERT, UPDATE ON scaivault.partners, scaivault.tenants, scaivault.users, scaivault.groups, scaivault.memberships
      TO scaivault_identity, scaivault_jobs, scaivault_cli;
GRANT INSERT, DELETE ON scaivault.admin_roles TO scaivault_identity, scaivault_auth, scaivault_jobs, scaivault_cli;
GRANT SELECT, INSERT, UPDATE ON scaivault.job_runs TO scaivault_identity, scaivault_jobs, scaivault_cli;
GRANT SELECT ON scaivault.job_runs TO scaivault_system;
GRANT INSERT, UPDATE, DELETE ON scaivault.token_trusts TO scaivault_auth;
GRANT SELECT, INSERT ON scaivault.token_keys TO scaivault_auth;
GRANT SELECT, UPDATE ON scaivault.token_keys TO scaivault_jobs, scaivault_cli;
GRANT SELECT, INSERT, UPDATE ON scaivault.keys TO scaivault_auth;
GRANT SELECT ON scaivault.bootstrap_grants TO scaivault_system;
GRANT SELECT, INSERT ON scaivault.bootstrap_grants TO scaivault_auth, scaivault_jobs, scaivault_cli;
