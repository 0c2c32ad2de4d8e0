-- ScaiQueue: scopes, queues, messages, the trail of what happened to them; ScaiBunker: records of sandboxes.
-- Time is the server's clock_timestamp(): claims of several hosts are compared with each other.

CREATE TABLE scaigrid.queue_scopes (
    tenant_id     text COLLATE "C" NOT NULL,
    id            text COLLATE "C" NOT NULL,
    slug          text COLLATE "C" NOT NULL,
    display_name  text NOT NULL,
    description   text,
    state         text NOT NULL DEFAULT 'active',
    created_by    text COLLATE "C" NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT queue_scopes_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT queue_scopes_slug_key UNIQUE (tenant_id, slug),
    CONSTRAINT queue_scopes_state_check CHECK (state IN ('active', 'paused', 'archived'))
);

CREATE TABLE scaigrid.queues (
    tenant_id             text COLLATE "C" NOT NULL,
    id                    text COLLATE "C" NOT NULL,
    scope_id              text COLLATE "C" NOT NULL,
    slug                  text COLLATE "C" NOT NULL,
    display_name          text NOT NULL,
    description           text,
    ordering              text NOT NULL DEFAULT 'fifo',
    consumer_mode         text NOT NULL DEFAULT 'competing',
    max_retries           integer NOT NULL DEFAULT 5,
    visibility_timeout_s  integer NOT NULL DEFAULT 60,
    max_depth             bigint,                        -- of pending messages; NULL = no limit
    overflow_policy       text NOT NULL DEFAULT 'reject',
    state                 text NOT NULL DEFAULT 'active',
    system                boolean NOT NULL DEFAULT false, -- one of the five every scope has
    created_by            text COLLATE "C" NOT NULL,
    created_at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT queues_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT queues_slug_key UNIQUE (tenant_id, scope_id, slug),
    CONSTRAINT queues_scope_fkey FOREIGN KEY (tenant_id, scope_id) REFERENCES scaigrid.queue_scopes (tenant_id, id),
    CONSTRAINT queues_ordering_check CHECK (ordering IN ('fifo', 'priority', 'deadline')),
    CONSTRAINT queues_consumer_mode_check CHECK (consumer_mode IN ('competing', 'broadcast')),
    CONSTRAINT queues_overflow_policy_check CHECK (overflow_policy IN ('reject', 'drop_oldest', 'dead_letter')),
    CONSTRAINT queues_state_check CHECK (state IN ('active', 'paused'))
);

-- How many wait and how many are claimed: sixteen rows a queue, so that publishers and claimers do not wait for one
-- another, kept by triggers on messages.
CREATE TABLE scaigrid.queue_depths (
    tenant_id  text COLLATE "C" NOT NULL,
    queue_id   text COLLATE "C" NOT NULL,
    shard      smallint NOT NULL,
    pending    bigint NOT NULL,
    claimed    bigint NOT NULL,
    CONSTRAINT queue_depths_pkey PRIMARY KEY (tenant_id, queue_id, shard),
    CONSTRAINT queue_depths_queue_fkey FOREIGN KEY (tenant_id, queue_id)
        REFERENCES scaigrid.queues (tenant_id, id) ON DELETE CASCADE
);

-- A message of a broadcast queue stays where it is; every consumer claims a copy of it (consumer <> '', parent_id = the
-- message). `rank` is where the queue's ordering puts it, worked out when it is published. A pending message is `ready`
-- when its delay is over, and due_at is when the clock alone changes it, so that a claim finds the first ready row and
-- what is overdue on an index each.
CREATE TABLE scaigrid.messages (
    tenant_id           text COLLATE "C" NOT NULL,
    id                  text COLLATE "C" NOT NULL,
    position            bigint GENERATED ALWAYS AS IDENTITY,
    scope_id            text COLLATE "C" NOT NULL,
    queue_id            text COLLATE "C" NOT NULL,
    consumer            text COLLATE "C" NOT NULL DEFAULT '',
    source_type         text NOT NULL DEFAULT 'api',
    source_id           text NOT NULL DEFAULT '',
    correlation_id      text COLLATE "C",
    causation_id        text COLLATE "C",
    parent_id           text COLLATE "C",
    message_type        text NOT NULL,
    priority_tier       text NOT NULL DEFAULT 'normal',
    priority_score      integer NOT NULL DEFAULT 500,
    rank                bigint NOT NULL DEFAULT 0,
    labels              json NOT NULL DEFAULT '{}',
    content_type        text NOT NULL DEFAULT 'application/json',
    body                json NOT NULL,
    ttl_seconds         bigint,
    deadline            timestamptz,
    visible_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at          timestamptz,
    idempotency_key     text,
    hitl_spec           json,
    state               text NOT NULL DEFAULT 'pending',
    ready               boolean NOT NULL DEFAULT true,
    attempts            integer NOT NULL DEFAULT 0,
    claim_id            text COLLATE "C",                -- of the newest claim; proves who holds the message
    claimed_by_id       text COLLATE "C",
    claimed_by_type     text,
    claimed_at          timestamptz,
    claim_expires_at    timestamptz,
    failure_reason      text,
    result              json,
    dead_lettered_from  text COLLATE "C",                -- the queue it was in
    dead_lettered_at    timestamptz,
    published_by        text COLLATE "C" NOT NULL DEFAULT '',
    published_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at         timestamptz,
    resume_at           timestamptz,                     -- completed for a checkpoint that is not resolved yet: next try
    due_at              timestamptz GENERATED ALWAYS AS (
        CASE state WHEN 'claimed' THEN claim_expires_at
                   WHEN 'pending' THEN CASE WHEN ready THEN expires_at ELSE least(visible_at, expires_at) END END) STORED,
    CONSTRAINT messages_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT messages_queue_fkey FOREIGN KEY (tenant_id, queue_id) REFERENCES scaigrid.queues (tenant_id, id),
    CONSTRAINT messages_state_check CHECK (state IN ('pending', 'claimed', 'completed', 'expired', 'cancelled')),
    CONSTRAINT messages_claim_check CHECK (state <> 'claimed' OR (claim_id IS NOT NULL AND claim_expires_at IS NOT NULL)),
    CONSTRAINT messages_priority_tier_check
        CHECK (priority_tier IN ('critical', 'high', 'normal', 'low', 'background')),
    CONSTRAINT messages_priority_score_check CHECK (priority_score BETWEEN 0 AND 1000)
);
CREATE INDEX messages_claim_idx ON scaigrid.messages (tenant_id, queue_id, consumer, rank, position)
    WHERE state = 'pending' AND ready;
CREATE INDEX messages_due_idx ON scaigrid.messages (tenant_id, queue_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX messages_all_due_idx ON scaigrid.messages (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX messages_queue_idx ON scaigrid.messages (tenant_id, queue_id, position) WHERE consumer = '';
CREATE INDEX messages_correlation_idx ON scaigrid.messages (tenant_id, correlation_id, position)
    WHERE correlation_id IS NOT NULL;
CREATE INDEX messages_parent_idx ON scaigrid.messages (tenant_id, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX messages_resume_idx ON scaigrid.messages (resume_at) WHERE resume_at IS NOT NULL;
CREATE INDEX messages_finished_idx ON scaigrid.messages (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE scaigrid.message_keys (
    tenant_id        text COLLATE "C" NOT NULL,
    queue_id         text COLLATE "C" NOT NULL,
    idempotency_key  text COLLATE "C" NOT NULL,
    message_id       text COLLATE "C" NOT NULL,
    body_hash        text NOT NULL,                      -- hex SHA-256 of the body with its members in order
    CONSTRAINT message_keys_pkey PRIMARY KEY (tenant_id, queue_id, idempotency_key)
);
CREATE INDEX message_keys_message_idx ON scaigrid.message_keys (tenant_id, message_id);

-- How far a consumer of a broadcast queue has taken copies.
CREATE TABLE scaigrid.queue_subscriptions (
    tenant_id   text COLLATE "C" NOT NULL,
    queue_id    text COLLATE "C" NOT NULL,
    consumer    text COLLATE "C" NOT NULL,
    position    bigint NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT queue_subscriptions_pkey PRIMARY KEY (tenant_id, queue_id, consumer),
    CONSTRAINT queue_subscriptions_queue_fkey FOREIGN KEY (tenant_id, queue_id)
        REFERENCES scaigrid.queues (tenant_id, id) ON DELETE CASCADE
);

-- Insert-only.
CREATE TABLE scaigrid.queue_audit (
    tenant_id       text COLLATE "C" NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    scope_id        text COLLATE "C" NOT NULL,
    queue_id        text COLLATE "C",
    message_id      text COLLATE "C",
    correlation_id  text COLLATE "C",
    action          text NOT NULL,                       -- message.published, queue.paused, ...
    actor           text NOT NULL,                       -- user or key; 'clock' when nobody asked
    detail          json NOT NULL DEFAULT '{}',
    at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT queue_audit_pkey PRIMARY KEY (tenant_id, id)
);
CREATE INDEX queue_audit_scope_idx ON scaigrid.queue_audit (tenant_id, scope_id, id);
CREATE INDEX queue_audit_correlation_idx ON scaigrid.queue_audit (tenant_id, correlation_id, id)
    WHERE correlation_id IS NOT NULL;

CREATE TABLE scaigrid.hitl_patterns (
    tenant_id   text COLLATE "C" NOT NULL,
    scope_id    text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    version     integer NOT NULL,
    id          text COLLATE "C" NOT NULL,
    spec        json NOT NULL,
    created_by  text COLLATE "C" NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT hitl_patterns_pkey PRIMARY KEY (tenant_id, scope_id, name, version),
    CONSTRAINT hitl_patterns_scope_fkey FOREIGN KEY (tenant_id, scope_id)
        REFERENCES scaigrid.queue_scopes (tenant_id, id)
);

CREATE TABLE scaigrid.bunkers (
    tenant_id          text COLLATE "C" NOT NULL,
    id                 text COLLATE "C" NOT NULL,
    position           bigint GENERATED ALWAYS AS IDENTITY,
    name               text,
    image              text NOT NULL,
    lifecycle_mode     text NOT NULL DEFAULT 'ephemeral',
    network_profile    text NOT NULL DEFAULT 'isolated',
    network_allowlist  text[] NOT NULL DEFAULT '{}',
    interfaces         text[] NOT NULL DEFAULT '{}',
    cpu_millicores     integer NOT NULL,
    memory_mb          integer NOT NULL,
    disk_mb            integer NOT NULL,
    gpu_count          integer NOT NULL,
    gpu_type           text,
    bandwidth_mbit     integer,
    max_lifetime_s     bigint,
    idle_timeout_s     bigint,
    session_type       text NOT NULL DEFAULT 'standalone',
    session_ref        text,
    label_set          json NOT NULL DEFAULT '{}',
    env_vars           json NOT NULL DEFAULT '{}',
    status             text NOT NULL DEFAULT 'pending',
    status_reason      text NOT NULL DEFAULT '',
    snapshots          integer NOT NULL DEFAULT 0,
    last_snapshot_at   timestamptz,
    created_by         text COLLATE "C" NOT NULL,
    created_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_active_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    terminated_at      timestamptz,
    due_at             timestamptz,                      -- when its lifetime or its patience ends
    CONSTRAINT bunkers_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT bunkers_lifecycle_mode_check CHECK (lifecycle_mode IN ('ephemeral', 'session', 'persistent')),
    CONSTRAINT bunkers_network_profile_check
        CHECK (network_profile IN ('isolated', 'registry', 'allowlisted', 'unrestricted', 'transit')),
    CONSTRAINT bunkers_session_type_check CHECK (session_type IN ('standalone', 'scaicore', 'scaiwave', 'api')),
    CONSTRAINT bunkers_status_check
        CHECK (status IN ('pending', 'provisioning', 'running', 'paused', 'terminated', 'failed'))
);
CREATE INDEX bunkers_page_idx ON scaigrid.bunkers (tenant_id, position);
CREATE INDEX bunkers_all_page_idx ON scaigrid.bunkers (position);
CREATE INDEX bunkers_due_idx ON scaigrid.bunkers (due_at) WHERE due_at IS NOT NULL;

CREATE FUNCTION scaigrid.count_messages() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO scaigrid.queue_depths AS d (tenant_id, queue_id, shard, pending, claimed)
        SELECT n.tenant_id, n.queue_id, pg_backend_pid() % 16,
               count(*) FILTER (WHERE n.state = 'pending' AND n.consumer = ''), count(*) FILTER (WHERE n.state = 'claimed')
          FROM new_rows n
         GROUP BY n.tenant_id, n.queue_id
         ORDER BY n.tenant_id, n.queue_id
            ON CONFLICT (tenant_id, queue_id, shard)
            DO UPDATE SET pending = d.pending + excluded.pending, claimed = d.claimed + excluded.claimed;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO scaigrid.queue_depths AS d (tenant_id, queue_id, shard, pending, claimed)
        SELECT o.tenant_id, o.queue_id, pg_backend_pid() % 16,
               - count(*) FILTER (WHERE o.state = 'pending' AND o.consumer = ''),
               - count(*) FILTER (WHERE o.state = 'claimed')
          FROM old_rows o
         WHERE o.state IN ('pending', 'claimed')
         GROUP BY o.tenant_id, o.queue_id
         ORDER BY o.tenant_id, o.queue_id
            ON CONFLICT (tenant_id, queue_id, shard)
            DO UPDATE SET pending = d.pending + excluded.pending, claimed = d.claimed + excluded.claimed;
    ELSE
        INSERT INTO scaigrid.queue_depths AS d (tenant_id, queue_id, shard, pending, claimed)
        SELECT c.tenant_id, c.queue_id, pg_backend_pid() % 16, sum(c.pending), sum(c.claimed)
          FROM (SELECT n.tenant_id, n.queue_id, (n.state = 'pending' AND n.consumer = '')::int AS pending,
                       (n.state = 'claimed')::int AS claimed
                  FROM new_rows n
                 UNION ALL
                SELECT o.tenant_id, o.queue_id, - (o.state = 'pending' AND o.consumer = '')::int,
                       - (o.state = 'claimed')::int
                  FROM old_rows o) c
         GROUP BY c.tenant_id, c.queue_id
        HAVING sum(c.pending) <> 0 OR sum(c.claimed) <> 0
         ORDER BY c.tenant_id, c.queue_id
            ON CONFLICT (tenant_id, queue_id, shard)
            DO UPDATE SET pending = d.pending + excluded.pending, claimed = d.claimed + excluded.claimed;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER messages_counted_in AFTER INSERT ON scaigrid.messages REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION scaigrid.count_messages();
CREATE TRIGGER messages_counted AFTER UPDATE ON scaigrid.messages REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION scaigrid.count_messages();
CREATE TRIGGER messages_counted_out AFTER DELETE ON scaigrid.messages REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION scaigrid.count_messages();

-- Objects as the API shows them, spelled once.
CREATE FUNCTION scaigrid.time_text(t timestamptz) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

CREATE FUNCTION scaigrid.scope_json(s scaigrid.queue_scopes) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (s).id, 'tenant_id', (s).tenant_id, 'slug', (s).slug, 'display_name', (s).display_name,
        'description', (s).description, 'state', (s).state, 'created_by', (s).created_by,
        'created_at', scaigrid.time_text((s).created_at), 'updated_at', scaigrid.time_text((s).updated_at));

CREATE FUNCTION scaigrid.queue_json(q scaigrid.queues) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (q).id, 'scope_id', (q).scope_id, 'slug', (q).slug, 'display_name', (q).display_name,
        'description', (q).description, 'ordering', (q).ordering, 'consumer_mode', (q).consumer_mode,
        'max_retries', (q).max_retries, 'visibility_timeout_s', (q).visibility_timeout_s, 'max_depth', (q).max_depth,
        'overflow_policy', (q).overflow_policy, 'state', (q).state, 'system', (q).system,
        'depth_pending', (SELECT coalesce(sum(d.pending), 0) FROM scaigrid.queue_depths d
                           WHERE d.tenant_id = (q).tenant_id AND d.queue_id = (q).id),
        'depth_claimed', (SELECT coalesce(sum(d.claimed), 0) FROM scaigrid.queue_depths d
                           WHERE d.tenant_id = (q).tenant_id AND d.queue_id = (q).id),
        'created_by', (q).created_by, 'created_at', scaigrid.time_text((q).created_at),
        'updated_at', scaigrid.time_text((q).updated_at));

CREATE FUNCTION scaigrid.message_json(m scaigrid.messages) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (m).id, 'queue_id', (m).queue_id, 'scope_id', (m).scope_id,
        'tenant_id', (m).tenant_id, 'source_type', (m).source_type, 'source_id', (m).source_id,
        'correlation_id', (m).correlation_id, 'causation_id', (m).causation_id, 'parent_id', (m).parent_id,
        'message_type', (m).message_type, 'priority_tier', (m).priority_tier, 'priority_score', (m).priority_score,
        'labels', (m).labels, 'content_type', (m).content_type, 'body', (m).body, 'ttl_seconds', (m).ttl_seconds,
        'deadline', scaigrid.time_text((m).deadline), 'visible_at', scaigrid.time_text((m).visible_at),
        'expires_at', scaigrid.time_text((m).expires_at), 'idempotency_key', (m).idempotency_key,
        'hitl_spec', (m).hitl_spec, 'state', (m).state, 'attempts', (m).attempts,
        'consumer', nullif((m).consumer, ''), 'claimed_by_id', (m).claimed_by_id,
        'claimed_by_type', (m).claimed_by_type, 'claimed_at', scaigrid.time_text((m).claimed_at),
        'claim_expires_at', scaigrid.time_text((m).claim_expires_at), 'failure_reason', (m).failure_reason,
        'result', (m).result, 'dead_lettered_from', (m).dead_lettered_from,
        'dead_lettered_at', scaigrid.time_text((m).dead_lettered_at), 'published_by', (m).published_by,
        'published_at', scaigrid.time_text((m).published_at), 'finished_at', scaigrid.time_text((m).finished_at));

CREATE FUNCTION scaigrid.audit_json(a scaigrid.queue_audit) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (a).id::text, 'scope_id', (a).scope_id, 'queue_id', (a).queue_id,
        'message_id', (a).message_id, 'correlation_id', (a).correlation_id, 'action', (a).action, 'actor', (a).actor,
        'detail', (a).detail, 'timestamp', scaigrid.time_text((a).at));

CREATE FUNCTION scaigrid.pattern_json(p scaigrid.hitl_patterns) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (p).id, 'scope_id', (p).scope_id, 'name', (p).name, 'version', (p).version,
        'spec', (p).spec, 'created_by', (p).created_by, 'created_at', scaigrid.time_text((p).created_at));

CREATE FUNCTION scaigrid.bunker_json(b scaigrid.bunkers) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (b).id, 'tenant_id', (b).tenant_id, 'name', (b).name, 'image', (b).image,
        'lifecycle_mode', (b).lifecycle_mode, 'status', (b).status, 'status_reason', nullif((b).status_reason, ''),
        'worker', NULL, 'network_profile', (b).network_profile, 'network_allowlist', (b).network_allowlist,
        'interfaces', (b).interfaces, 'cpu_millicores', (b).cpu_millicores, 'memory_mb', (b).memory_mb,
        'disk_mb', (b).disk_mb, 'gpu_count', (b).gpu_count, 'gpu_type', (b).gpu_type,
        'bandwidth_mbit', (b).bandwidth_mbit, 'max_lifetime_s', (b).max_lifetime_s,
        'idle_timeout_s', (b).idle_timeout_s, 'session_type', (b).session_type, 'session_ref', (b).session_ref,
        'label_set', (b).label_set, 'env_vars', (b).env_vars, 'snapshots', (b).snapshots,
        'last_snapshot_at', scaigrid.time_text((b).last_snapshot_at), 'created_by', (b).created_by,
        'created_at', scaigrid.time_text((b).created_at), 'updated_at', scaigrid.time_text((b).updated_at),
        'terminated_at', scaigrid.time_text((b).terminated_at));

DO $$
DECLARE
    protected text;
    visible text := 'tenant_id = (SELECT current_setting(''scai.tenant'', true)) '
                    'OR (SELECT current_setting(''scai.tenant'', true)) = ''*''';
BEGIN
    FOREACH protected IN ARRAY ARRAY['queue_scopes', 'queues', 'queue_depths', 'messages', 'message_keys',
                                     'queue_subscriptions', 'queue_audit', 'hitl_patterns', 'bunkers']
    LOOP
        EXECUTE format('ALTER TABLE scaigrid.%I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY %I ON scaigrid.%I USING (%s) WITH CHECK (%s)', protected || '_tenant', protected,
                       visible, visible);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE ON scaigrid.queue_depths, scaigrid.messages, scaigrid.queue_subscriptions, scaigrid.bunkers
    TO scaigrid_handler, scaigrid_jobs;
GRANT SELECT, INSERT ON scaigrid.message_keys, scaigrid.queue_audit TO scaigrid_handler, scaigrid_jobs;
GRANT SELECT, INSERT, UPDATE, DELETE ON scaigrid.queue_scopes, scaigrid.queues TO scaigrid_handler;
GRANT DELETE ON scaigrid.messages, scaigrid.message_keys, scaigrid.queue_subscriptions TO scaigrid_handler;
GRANT SELECT, INSERT, DELETE ON scaigrid.hitl_patterns TO scaigrid_handler;
GRANT SELECT, UPDATE ON scaigrid.queue_scopes, scaigrid.queues TO scaigrid_jobs;
GRANT SELECT ON scaigrid.hitl_patterns TO scaigrid_jobs;
GRANT DELETE ON scaigrid.messages, scaigrid.message_keys, scaigrid.bunkers TO scaigrid_jobs;
