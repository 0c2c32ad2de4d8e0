-- Runs of Cores, what they were answered, the checkpoints they wait at, the events they report, schedules and hooks.
-- JSON is kept as json: the order of members is part of what a flow sees.

-- The module a run began with, once per revision: a Core that is replaced does not change a run under way.
CREATE TABLE scaigrid.run_modules (
    tenant_id  text COLLATE "C" NOT NULL,
    core_id    text COLLATE "C" NOT NULL,
    revision   bigint NOT NULL,
    module     json NOT NULL,
    CONSTRAINT run_modules_pkey PRIMARY KEY (tenant_id, core_id, revision)
);

-- running: somebody works at it until lease_until (lease_token says who), or nobody does and whoever looks for work
-- takes it up. suspended: waits for a checkpoint or a run it called; woken: what it waited for is there.
CREATE TABLE scaigrid.executions (
    tenant_id        text COLLATE "C" NOT NULL,
    id               text COLLATE "C" NOT NULL,
    core_id          text COLLATE "C" NOT NULL,
    revision         bigint NOT NULL,
    trigger_name     text NOT NULL DEFAULT '',
    input            json NOT NULL,
    instance_key     text,
    exclusive        boolean NOT NULL DEFAULT false,       -- holds its instance while it runs
    caused_by        text NOT NULL,
    request_key      text COLLATE "C",                     -- the same call once more is this run
    parent_id        text COLLATE "C",                     -- run that called this one, and where in it
    parent_path      text,
    chain            text[] NOT NULL DEFAULT '{}',         -- Cores above this one
    status           text NOT NULL DEFAULT 'running',
    woken            boolean NOT NULL DEFAULT false,
    lease_token      text COLLATE "C",
    lease_until      timestamptz NOT NULL,
    attempts         integer NOT NULL DEFAULT 0,           -- times taken up since the last answer
    events_reported  bigint NOT NULL DEFAULT 0,
    steps            bigint NOT NULL DEFAULT 0,
    output           json,
    error            json,
    started_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at      timestamptz,
    CONSTRAINT executions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT executions_module_fkey FOREIGN KEY (tenant_id, core_id, revision)
        REFERENCES scaigrid.run_modules (tenant_id, core_id, revision),
    CONSTRAINT executions_status_check CHECK (status IN ('running', 'suspended', 'completed', 'failed')),
    CONSTRAINT executions_finished_check CHECK ((finished_at IS NOT NULL) = (status IN ('completed', 'failed')))
);
CREATE INDEX executions_started_idx ON scaigrid.executions (tenant_id, started_at, id);
CREATE INDEX executions_core_idx ON scaigrid.executions (tenant_id, core_id, revision, started_at, id);
CREATE INDEX executions_work_idx ON scaigrid.executions (lease_until) WHERE status = 'running' OR woken;
CREATE INDEX executions_finished_idx ON scaigrid.executions (finished_at) WHERE finished_at IS NOT NULL;
CREATE UNIQUE INDEX executions_request_key ON scaigrid.executions (tenant_id, core_id, request_key)
    WHERE request_key IS NOT NULL;
CREATE UNIQUE INDEX executions_parent_key ON scaigrid.executions (tenant_id, parent_id, parent_path)
    WHERE parent_id IS NOT NULL;

-- What the world said to each call of a run, by the call's path: value, or code and message of a failure.
CREATE TABLE scaigrid.execution_answers (
    tenant_id     text COLLATE "C" NOT NULL,
    execution_id  text COLLATE "C" NOT NULL,
    path          text COLLATE "C" NOT NULL,
    value         json,
    code          text,
    message       text,
    answered_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT execution_answers_pkey PRIMARY KEY (tenant_id, execution_id, path),
    CONSTRAINT execution_answers_execution_fkey FOREIGN KEY (tenant_id, execution_id)
        REFERENCES scaigrid.executions (tenant_id, id) ON DELETE CASCADE
);

-- Singleton and entity Cores: one run of an instance at a time. A killed process leaves the row; the run that has it
-- keeps it when it is taken up.
CREATE TABLE scaigrid.busy_instances (
    tenant_id     text COLLATE "C" NOT NULL,
    core_id       text COLLATE "C" NOT NULL,
    instance_key  text NOT NULL,
    execution_id  text COLLATE "C" NOT NULL,
    CONSTRAINT busy_instances_pkey PRIMARY KEY (tenant_id, core_id, instance_key)
);

CREATE TABLE scaigrid.checkpoints (
    tenant_id            text COLLATE "C" NOT NULL,
    id                   text COLLATE "C" NOT NULL,
    core_id              text COLLATE "C" NOT NULL,
    execution_id         text COLLATE "C" NOT NULL,
    path                 text COLLATE "C" NOT NULL,
    node_id              text NOT NULL,
    flow_name            text NOT NULL,
    block_index          integer NOT NULL,                -- calls the run had made before this one
    instance_key         text,
    checkpoint_type      text NOT NULL,
    prompt               text,
    options              json NOT NULL DEFAULT '[]',
    assignee_raw         text,
    assignee_type        text NOT NULL,
    assignee_resolved    text,
    context              json NOT NULL DEFAULT '{}',
    status               text NOT NULL DEFAULT 'pending',
    priority             text NOT NULL DEFAULT 'normal',
    timeout_seconds      bigint,
    expires_at           timestamptz,
    expiry_action        text NOT NULL DEFAULT 'fail',
    escalation_target    text,
    escalated_at         timestamptz,
    notification_sent    boolean NOT NULL DEFAULT false,
    reminder_count       integer NOT NULL DEFAULT 0,
    reminder_interval_m  integer,
    hitl_target          json,
    message_id           text,
    resolution           json,
    resolved_by          text,
    resolved_at          timestamptz,
    created_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT checkpoints_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT checkpoints_path_key UNIQUE (tenant_id, execution_id, path),
    CONSTRAINT checkpoints_execution_fkey FOREIGN KEY (tenant_id, execution_id)
        REFERENCES scaigrid.executions (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT checkpoints_status_check CHECK (status IN ('pending', 'resolved', 'expired', 'cancelled')),
    CONSTRAINT checkpoints_assignee_check
        CHECK (assignee_type IN ('user', 'group', 'role', 'delegated_user', 'unrouted')),
    CONSTRAINT checkpoints_priority_check CHECK (priority IN ('low', 'normal', 'high', 'critical'))
);
CREATE INDEX checkpoints_status_idx ON scaigrid.checkpoints (tenant_id, status, created_at, id);
CREATE INDEX checkpoints_core_idx ON scaigrid.checkpoints (tenant_id, core_id, status, created_at, id);
CREATE INDEX checkpoints_due_idx ON scaigrid.checkpoints (expires_at) WHERE status = 'pending';

-- As contract scaigrid.md 5.2 has them.
CREATE VIEW scaigrid.shown_checkpoints WITH (security_invoker = true) AS
SELECT tenant_id, id, core_id, status, created_at, json_build_object(
    'id', id, 'core_id', core_id, 'tenant_id', tenant_id, 'execution_id', execution_id, 'flow_name', flow_name,
    'block_index', block_index, 'node_id', node_id, 'instance_key', instance_key, 'checkpoint_type', checkpoint_type,
    'prompt', prompt, 'options', options, 'assignee_raw', assignee_raw, 'assignee_type', assignee_type,
    'assignee_resolved', assignee_resolved, 'context', context, 'status', status, 'priority', priority,
    'expires_at', to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'expiry_action', expiry_action,
    'escalation_target', escalation_target, 'notification_sent', notification_sent, 'reminder_count', reminder_count,
    'reminder_interval_m', reminder_interval_m, 'hitl_target', hitl_target, 'message_id', message_id,
    'resolution', resolution, 'resolved_by', resolved_by,
    'resolved_at', to_char(resolved_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'created_at', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text AS shown
FROM scaigrid.checkpoints;

-- The last position given in a tenant's feed. Its row is locked until the events are committed.
CREATE TABLE scaigrid.event_positions (
    tenant_id  text COLLATE "C" NOT NULL,
    last       bigint NOT NULL,
    CONSTRAINT event_positions_pkey PRIMARY KEY (tenant_id)
) WITH (fillfactor = 50);

CREATE TABLE scaigrid.events (
    tenant_id    text COLLATE "C" NOT NULL,
    position     bigint NOT NULL,
    type         text NOT NULL,
    core_id      text COLLATE "C" NOT NULL,               -- '' when it belongs to none
    happened_at  timestamptz NOT NULL,
    payload      json NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (tenant_id, position)
);
CREATE INDEX events_core_idx ON scaigrid.events (tenant_id, core_id, position);

-- Schedules of the Cores' triggers as of a revision, made by the job; a row without trigger marks a Core that has none.
CREATE TABLE scaigrid.schedules (
    tenant_id     text COLLATE "C" NOT NULL,
    core_id       text COLLATE "C" NOT NULL,
    trigger_name  text NOT NULL,
    revision      bigint NOT NULL,
    cron          text NOT NULL DEFAULT '',
    timezone      text NOT NULL DEFAULT '',
    next_due      timestamptz,
    last_due      timestamptz,
    CONSTRAINT schedules_pkey PRIMARY KEY (tenant_id, core_id, trigger_name)
);
CREATE INDEX schedules_due_idx ON scaigrid.schedules (next_due) WHERE next_due IS NOT NULL;

CREATE TABLE scaigrid.schedule_firings (
    tenant_id     text COLLATE "C" NOT NULL,
    core_id       text COLLATE "C" NOT NULL,
    trigger_name  text NOT NULL,
    due_at        timestamptz NOT NULL,
    fired_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    execution_id  text COLLATE "C",                       -- none: the Core took no calls then
    CONSTRAINT schedule_firings_pkey PRIMARY KEY (tenant_id, core_id, trigger_name, due_at)
);
CREATE INDEX schedule_firings_fired_idx ON scaigrid.schedule_firings (fired_at);

-- What a caller of a webhook trigger proves that it knows.
CREATE TABLE scaigrid.hook_secrets (
    tenant_id     text COLLATE "C" NOT NULL,
    core_id       text COLLATE "C" NOT NULL,
    trigger_name  text NOT NULL,
    secret        text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT hook_secrets_pkey PRIMARY KEY (tenant_id, core_id, trigger_name),
    CONSTRAINT hook_secrets_core_fkey FOREIGN KEY (tenant_id, core_id)
        REFERENCES scaigrid.cores (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX hook_secrets_core_idx ON scaigrid.hook_secrets (core_id, trigger_name);

DO $$
DECLARE
    protected text;
    visible text := 'tenant_id = (SELECT current_setting(''scai.tenant'', true)) '
                    'OR (SELECT current_setting(''scai.tenant'', true)) = ''*''';
BEGIN
    FOREACH protected IN ARRAY ARRAY['run_modules', 'executions', 'execution_answers', 'busy_instances', 'checkpoints',
                                     'event_positions', 'events', 'schedules', 'schedule_firings', 'hook_secrets']
    LOOP
        EXECUTE format('ALTER TABLE scaigrid.%I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY %I ON scaigrid.%I USING (%s) WITH CHECK (%s)', protected || '_tenant', protected,
                       visible, visible);
    END LOOP;
END
$$;

GRANT SELECT, INSERT ON scaigrid.run_modules TO scaigrid_handler, scaigrid_jobs;
GRANT SELECT, INSERT, UPDATE ON scaigrid.executions, scaigrid.checkpoints, scaigrid.event_positions
    TO scaigrid_handler, scaigrid_jobs;
GRANT SELECT, INSERT ON scaigrid.execution_answers, scaigrid.events TO scaigrid_handler, scaigrid_jobs;
GRANT SELECT, INSERT, UPDATE, DELETE ON scaigrid.busy_instances TO scaigrid_handler, scaigrid_jobs;
GRANT SELECT ON scaigrid.shown_checkpoints TO scaigrid_handler, scaigrid_jobs;
GRANT SELECT ON scaigrid.schedules, scaigrid.schedule_firings TO scaigrid_handler;
GRANT SELECT, INSERT, UPDATE, DELETE ON scaigrid.hook_secrets TO scaigrid_handler;
GRANT SELECT, INSERT, UPDATE, DELETE ON scaigrid.schedules, scaigrid.schedule_firings TO scaigrid_jobs;
GRANT DELETE ON scaigrid.run_modules, scaigrid.executions, scaigrid.events TO scaigrid_jobs;
