-- Synchronisation of the copy of the directory: what orders its rows, requests and runs, events, staging.

-- upstream_at: the time of the newest event that wrote the row; an older one never writes it again.
ALTER TABLE scaivault.tenants ADD COLUMN upstream_at timestamptz, ADD COLUMN swept_at timestamptz;
ALTER TABLE scaivault.users ADD COLUMN upstream_at timestamptz, ADD COLUMN seen_by text NOT NULL DEFAULT 'effective_users';
ALTER TABLE scaivault.groups ADD COLUMN upstream_at timestamptz, ADD COLUMN status text NOT NULL DEFAULT 'ACTIVE';
ALTER TABLE scaivault.memberships ADD COLUMN upstream_at timestamptz;

-- One row a request or run. A pending one is what the job does at its next start.
CREATE TABLE scaivault.identity_syncs (
    number        bigint GENERATED ALWAYS AS IDENTITY,
    id            text COLLATE "C" NOT NULL,         -- "sync_..."
    partner_id    text COLLATE "C",                  -- what was asked for; both null: everything
    tenant_id     text COLLATE "C",
    trigger       text NOT NULL,                     -- api, cron, manual, webhook
    requested_by  text NOT NULL,
    status        text NOT NULL DEFAULT 'pending',
    requested_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at    timestamptz,
    completed_at  timestamptz,
    users_synced  bigint,
    groups_synced bigint,
    counters      jsonb NOT NULL DEFAULT '{}',
    messages      jsonb NOT NULL DEFAULT '[]',
    error         text,
    CONSTRAINT identity_syncs_pkey PRIMARY KEY (number),
    CONSTRAINT identity_syncs_id_key UNIQUE (id),
    CONSTRAINT identity_syncs_status_check
        CHECK (status IN ('pending', 'running', 'completed', 'partial', 'failed', 'stopped'))
);
CREATE INDEX identity_syncs_open_idx ON scaivault.identity_syncs (number) WHERE status IN ('pending', 'running');

-- Events of ScaiKey that came, once each.
CREATE TABLE scaivault.identity_events (
    id           text COLLATE "C" NOT NULL,
    type         text NOT NULL,
    tenant_id    text COLLATE "C" NOT NULL,
    outcome      text NOT NULL,
    handled      boolean NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT identity_events_pkey PRIMARY KEY (id)
);
CREATE INDEX identity_events_received_idx ON scaivault.identity_events (received_at);

CREATE SEQUENCE scaivault.sweep_walks;
CREATE UNLOGGED TABLE scaivault.sweep_users (
    walk          bigint NOT NULL,
    id            text COLLATE "C" NOT NULL,
    email         text NOT NULL,
    display_name  text NOT NULL,
    status        text NOT NULL,
    upstream_at   timestamptz
);
CREATE UNLOGGED TABLE scaivault.sweep_groups (
    walk          bigint NOT NULL,
    id            text COLLATE "C" NOT NULL,
    name          text NOT NULL,
    status        text NOT NULL,
    upstream_at   timestamptz
);
CREATE UNLOGGED TABLE scaivault.sweep_members (
    walk          bigint NOT NULL,
    group_id      text COLLATE "C" NOT NULL,
    member_id     text COLLATE "C" NOT NULL,
    is_group      boolean NOT NULL
);
-- Groups whose members are unknown in this walk, and the groups above them.
CREATE UNLOGGED TABLE scaivault.sweep_frozen (
    walk          bigint NOT NULL,
    group_id      text COLLATE "C" NOT NULL
);
CREATE UNLOGGED TABLE scaivault.sweep_effective (
    walk          bigint NOT NULL,
    group_id      text COLLATE "C" NOT NULL,
    user_id       text COLLATE "C" NOT NULL,
    direct        boolean NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON scaivault.identity_syncs TO scaivault_identity, scaivault_jobs, scaivault_cli;
GRANT SELECT, INSERT, UPDATE, DELETE ON scaivault.identity_events TO scaivault_identity;
GRANT USAGE ON SEQUENCE scaivault.sweep_walks TO scaivault_jobs;
GRANT SELECT, INSERT, DELETE, TRUNCATE ON scaivault.sweep_users, scaivault.sweep_groups, scaivault.sweep_members,
      scaivault.sweep_frozen, scaivault.sweep_effective TO scaivault_jobs;
