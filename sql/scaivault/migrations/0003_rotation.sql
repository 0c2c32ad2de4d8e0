-- Rotation policies, secret policies, schedules and their history.

-- Recipes of values. fields is checked before it is stored and before every use.
CREATE TABLE scaivault.secret_policies (
    tenant_id    text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    name         text NOT NULL,
    description  text NOT NULL DEFAULT '',
    policy_type  text NOT NULL DEFAULT 'custom',
    fields       json NOT NULL,
    is_active    boolean NOT NULL DEFAULT true,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by   text NOT NULL,
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT secret_policies_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT secret_policies_name_key UNIQUE (tenant_id, name),
    CONSTRAINT secret_policies_type_check CHECK (policy_type IN ('password', 'api_key', 'oauth_client', 'ssh_key', 'custom'))
);

-- Durations are kept as written and in seconds.
CREATE TABLE scaivault.rotation_policies (
    tenant_id         text COLLATE "C" NOT NULL,
    id                text COLLATE "C" NOT NULL,
    name              text NOT NULL,
    description       text NOT NULL DEFAULT '',
    interval_text     text NOT NULL,
    interval_seconds  bigint NOT NULL,
    grace_text        text NOT NULL,
    grace_seconds     bigint NOT NULL,
    warn_before       text NOT NULL DEFAULT '',
    warn_seconds      bigint[] NOT NULL DEFAULT '{}',
    auto_generate     boolean NOT NULL DEFAULT false,
    secret_policy_id  text COLLATE "C",
    webhook_ids       text[] NOT NULL DEFAULT '{}',
    is_active         boolean NOT NULL DEFAULT true,
    created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by        text NOT NULL,
    updated_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT rotation_policies_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT rotation_policies_name_key UNIQUE (tenant_id, name),
    CONSTRAINT rotation_policies_recipe_fkey FOREIGN KEY (tenant_id, secret_policy_id)
        REFERENCES scaivault.secret_policies (tenant_id, id)
);
CREATE INDEX rotation_policies_recipe_idx ON scaivault.rotation_policies (tenant_id, secret_policy_id);

-- One row a secret with a rotation policy; scaivault.secrets.rotation_policy_id says the same and is what others read.
CREATE TABLE scaivault.rotation_schedules (
    tenant_id         text COLLATE "C" NOT NULL,
    path              text COLLATE "C" NOT NULL,
    policy_id         text COLLATE "C" NOT NULL,
    assigned_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    assigned_by       text NOT NULL,
    last_rotated_at   timestamptz,
    next_rotation_at  timestamptz NOT NULL,
    warned            bigint,                        -- smallest threshold, in seconds, that has been announced
    due_sent          boolean NOT NULL DEFAULT false,
    overdue_sent      boolean NOT NULL DEFAULT false,
    open_history      text COLLATE "C",              -- rotation begun and not closed
    failures          integer NOT NULL DEFAULT 0,    -- in a row
    look_at           timestamptz NOT NULL DEFAULT clock_timestamp(), -- when there is something to do; a lease while it is done
    CONSTRAINT rotation_schedules_pkey PRIMARY KEY (tenant_id, path),
    CONSTRAINT rotation_schedules_policy_fkey FOREIGN KEY (tenant_id, policy_id)
        REFERENCES scaivault.rotation_policies (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX rotation_schedules_policy_idx ON scaivault.rotation_schedules (tenant_id, policy_id, path);
CREATE INDEX rotation_schedules_next_idx ON scaivault.rotation_schedules (tenant_id, next_rotation_at);
CREATE INDEX rotation_schedules_look_idx ON scaivault.rotation_schedules (look_at);

-- Written before the effect; a row that stays pending belongs to a rotation that waits for a value or was interrupted.
CREATE TABLE scaivault.rotation_history (
    tenant_id     text COLLATE "C" NOT NULL,
    id            text COLLATE "C" NOT NULL,
    seq           bigint GENERATED ALWAYS AS IDENTITY,
    policy_id     text COLLATE "C" NOT NULL,
    path          text COLLATE "C" NOT NULL,
    cause         text NOT NULL,                     -- schedule, request, write
    status        text NOT NULL DEFAULT 'pending',
    old_version   bigint,
    new_version   bigint,
    due_at        timestamptz,
    started_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    completed_at  timestamptz,
    error         text,
    CONSTRAINT rotation_history_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT rotation_history_status_check CHECK (status IN ('pending', 'success', 'failed'))
);
CREATE INDEX rotation_history_policy_idx ON scaivault.rotation_history (tenant_id, policy_id, seq);

CREATE INDEX secrets_rotation_idx ON scaivault.secrets (tenant_id, rotation_policy_id, path) WHERE rotation_policy_id IS NOT NULL;

DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['secret_policies', 'rotation_policies', 'rotation_schedules', 'rotation_history']
    LOOP
        EXECUTE format('ALTER TABLE scaivault.%I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY %I ON scaivault.%I USING (scaivault.tenant_visible(tenant_id)) '
                       'WITH CHECK (scaivault.tenant_visible(tenant_id))', protected || '_tenant', protected);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON scaivault.secret_policies, scaivault.rotation_policies TO scaivault_rotation;
GRANT SELECT, INSERT, UPDATE, DELETE ON scaivault.rotation_schedules TO scaivault_rotation, scaivault_secrets, scaivault_jobs;
GRANT SELECT, INSERT, UPDATE ON scaivault.rotation_history TO scaivault_rotation, scaivault_secrets, scaivault_jobs;
GRANT SELECT ON scaivault.secret_policies, scaivault.rotation_policies TO scaivault_secrets, scaivault_webhooks, scaivault_jobs,
      scaivault_cli;
GRANT SELECT ON scaivault.rotation_schedules TO scaivault_system;
