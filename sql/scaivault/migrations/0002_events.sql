-- Outbox, webhooks, subscriptions.

-- One row an event, inserted by the transaction of its cause. Readers go in (txid, seq) order and stop at the oldest
-- transaction still open, so that none is skipped whose transaction commits late. tenant_id is the owner, see 0001.
CREATE TABLE scaivault.events (
    tenant_id     text COLLATE "C" NOT NULL,
    txid          xid8 NOT NULL DEFAULT pg_current_xact_id(),
    seq           bigint GENERATED ALWAYS AS IDENTITY,
    event_id      text COLLATE "C" NOT NULL,
    event_type    text COLLATE "C" NOT NULL,
    at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    partner_id    text COLLATE "C" NOT NULL,
    identity_id   text NOT NULL,
    path          text COLLATE "C",                  -- null = no path resource
    secret_type   text,
    tags          text[] NOT NULL DEFAULT '{}',
    data          json NOT NULL,                     -- as it is sent
    request_id    text NOT NULL,
    only_webhook  text COLLATE "C",                  -- a test: for this webhook alone
    CONSTRAINT events_pkey PRIMARY KEY (tenant_id, txid, seq)
);
CREATE INDEX events_order_idx ON scaivault.events (txid, seq);
CREATE INDEX events_age_idx ON scaivault.events USING brin (at);

-- How far the outbox has been spread over the webhooks; one row. Whoever holds it spreads.
CREATE TABLE scaivault.event_position (
    one   boolean NOT NULL DEFAULT true,
    txid  xid8 NOT NULL,
    seq   bigint NOT NULL,
    CONSTRAINT event_position_pkey PRIMARY KEY (one),
    CONSTRAINT event_position_one_check CHECK (one)
);
INSERT INTO scaivault.event_position (txid, seq) VALUES ('0', 0);

CREATE TABLE scaivault.subscriptions (
    tenant_id      text COLLATE "C" NOT NULL,
    id             text COLLATE "C" NOT NULL,
    name           text NOT NULL,
    partner_id     text COLLATE "C" NOT NULL,
    identity       text COLLATE "C" NOT NULL,        -- canonical name of the owner
    identity_id    text NOT NULL,                    -- as shown
    paths          text[] NOT NULL,
    events         text[] NOT NULL,
    secret_type    text,
    tags           text[] NOT NULL DEFAULT '{}',
    delivery_type  text NOT NULL,
    buffer_size    integer NOT NULL DEFAULT 1000,
    position_txid  xid8 NOT NULL DEFAULT pg_current_xact_id(),
    position_seq   bigint NOT NULL DEFAULT 0,
    dropped        bigint NOT NULL DEFAULT 0,        -- events the buffer had no room for
    last_polled_at timestamptz,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT subscriptions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT subscriptions_delivery_check CHECK (delivery_type IN ('webhook', 'polling'))
);
CREATE INDEX subscriptions_owner_idx ON scaivault.subscriptions (tenant_id, identity, id);
-- What a polling subscription has been offered and whether it said thanks.
CREATE TABLE scaivault.subscription_events (
    tenant_id        text COLLATE "C" NOT NULL,
    subscription_id  text COLLATE "C" NOT NULL,
    txid             xid8 NOT NULL,
    seq              bigint NOT NULL,
    owner            text COLLATE "C" NOT NULL,      -- of the event: the tenant or its partner
    event_id         text COLLATE "C" NOT NULL,
    acked_at         timestamptz,
    CONSTRAINT subscription_events_pkey PRIMARY KEY (tenant_id, subscription_id, txid, seq),
    CONSTRAINT subscription_events_subscription_fkey FOREIGN KEY (tenant_id, subscription_id)
        REFERENCES scaivault.subscriptions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX subscription_events_open_idx ON scaivault.subscription_events (tenant_id, subscription_id, txid, seq)
    WHERE acked_at IS NULL;
CREATE INDEX subscription_events_event_idx ON scaivault.subscription_events (tenant_id, subscription_id, event_id);

-- subscription_id: the receiver of a subscription with delivery type webhook; not shown among the webhooks.
CREATE TABLE scaivault.webhooks (
    tenant_id             text COLLATE "C" NOT NULL,
    id                    text COLLATE "C" NOT NULL,
    name                  text NOT NULL,
    partner_id            text COLLATE "C" NOT NULL,
    subscription_id       text COLLATE "C",
    url                   text NOT NULL,
    events                text[] NOT NULL,
    path_prefix           text,
    secret_type           text,
    tags                  text[] NOT NULL DEFAULT '{}',
    enabled               boolean NOT NULL DEFAULT true,
    disabled_reason       text,                      -- set when it was switched off for failing
    consecutive_failures  integer NOT NULL DEFAULT 0,
    secret_number         bigint NOT NULL DEFAULT 1, -- counts changes of the secret; what its ciphertext is bound to
    secret_key_id         text COLLATE "C" NOT NULL,
    secret_wrapped_key    bytea NOT NULL,
    secret_ciphertext     bytea NOT NULL,
    previous_number       bigint,
    previous_key_id       text COLLATE "C",
    previous_wrapped_key  bytea,
    previous_ciphertext   bytea,
    previous_until        timestamptz,
    created_at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by            text NOT NULL,
    updated_at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT webhooks_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT webhooks_subscription_key UNIQUE (tenant_id, subscription_id),
    CONSTRAINT webhooks_secret_key_fkey FOREIGN KEY (secret_key_id) REFERENCES scaivault.keys (usable_id),
    CONSTRAINT webhooks_previous_key_fkey FOREIGN KEY (previous_key_id) REFERENCES scaivault.keys (usable_id),
    CONSTRAINT webhooks_subscription_fkey FOREIGN KEY (tenant_id, subscription_id)
        REFERENCES scaivault.subscriptions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX webhooks_partner_idx ON scaivault.webhooks (partner_id) WHERE enabled;
CREATE INDEX webhooks_key_idx ON scaivault.webhooks (secret_key_id, id);
CREATE INDEX webhooks_previous_key_idx ON scaivault.webhooks (previous_key_id, id) WHERE previous_key_id IS NOT NULL;

-- One row an event and webhook. next_attempt_at is the lease while an attempt runs.
CREATE TABLE scaivault.deliveries (
    tenant_id        text COLLATE "C" NOT NULL,
    id               text COLLATE "C" NOT NULL,
    seq              bigint GENERATED ALWAYS AS IDENTITY,
    webhook_id       text COLLATE "C" NOT NULL,
    owner            text COLLATE "C" NOT NULL,      -- of the event: the tenant or its partner
    txid             xid8 NOT NULL,
    event_seq        bigint NOT NULL,
    event_id         text COLLATE "C" NOT NULL,
    event_type       text COLLATE "C" NOT NULL,
    event_at         timestamptz NOT NULL,
    is_test          boolean NOT NULL DEFAULT false,
    status           text NOT NULL DEFAULT 'pending',
    attempts         integer NOT NULL DEFAULT 0,
    rung             integer NOT NULL DEFAULT 0,     -- attempts since it was queued last: where on the ladder it is
    next_attempt_at  timestamptz DEFAULT clock_timestamp(),
    response_code    integer,
    duration_ms      integer,
    error            text,
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at      timestamptz,
    CONSTRAINT deliveries_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT deliveries_event_key UNIQUE (tenant_id, webhook_id, event_id),
    CONSTRAINT deliveries_status_check CHECK (status IN ('pending', 'success', 'failed')),
    CONSTRAINT deliveries_webhook_fkey FOREIGN KEY (tenant_id, webhook_id)
        REFERENCES scaivault.webhooks (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX deliveries_list_idx ON scaivault.deliveries (tenant_id, webhook_id, seq);
CREATE INDEX deliveries_due_idx ON scaivault.deliveries (tenant_id, webhook_id, next_attempt_at) WHERE status = 'pending';
CREATE INDEX deliveries_age_idx ON scaivault.deliveries (created_at);
CREATE INDEX deliveries_event_idx ON scaivault.deliveries (owner, txid, event_seq);
CREATE TABLE scaivault.delivery_attempts (
    tenant_id      text COLLATE "C" NOT NULL,
    delivery_id    text COLLATE "C" NOT NULL,
    attempt        integer NOT NULL,
    webhook_id     text COLLATE "C" NOT NULL,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    duration_ms    integer NOT NULL,
    response_code  integer,
    error          text,
    CONSTRAINT delivery_attempts_pkey PRIMARY KEY (tenant_id, delivery_id, attempt),
    CONSTRAINT delivery_attempts_delivery_fkey FOREIGN KEY (tenant_id, delivery_id)
        REFERENCES scaivault.deliveries (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX delivery_attempts_recent_idx ON scaivault.delivery_attempts (tenant_id, webhook_id, at);

DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['events', 'subscriptions', 'subscription_events', 'webhooks', 'deliveries', 'delivery_attempts']
    LOOP
        EXECUTE format('ALTER TABLE scaivault.%I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY %I ON scaivault.%I USING (scaivault.tenant_visible(tenant_id)) '
                       'WITH CHECK (scaivault.tenant_visible(tenant_id))', protected || '_tenant', protected);
    END LOOP;
END
$$;

GRANT INSERT ON scaivault.events TO scaivault_secrets, scaivault_policies, scaivault_auth, scaivault_identity, scaivault_audit,
      scaivault_rotation, scaivault_webhooks, scaivault_subscriptions, scaivault_system, scaivault_jobs, scaivault_cli;
GRANT SELECT ON scaivault.events TO scaivault_webhooks, scaivault_subscriptions, scaivault_jobs;
GRANT DELETE ON scaivault.events TO scaivault_jobs;
GRANT SELECT, UPDATE ON scaivault.event_position TO scaivault_jobs;
GRANT SELECT ON scaivault.event_position TO scaivault_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON scaivault.webhooks TO scaivault_webhooks, scaivault_subscriptions;
GRANT SELECT, UPDATE ON scaivault.webhooks TO scaivault_jobs;
GRANT SELECT ON scaivault.webhooks TO scaivault_rotation, scaivault_system, scaivault_cli;
GRANT SELECT, INSERT, UPDATE, DELETE ON scaivault.deliveries TO scaivault_jobs;
GRANT SELECT, INSERT, UPDATE ON scaivault.deliveries TO scaivault_webhooks;
GRANT SELECT ON scaivault.deliveries TO scaivault_subscriptions, scaivault_system, scaivault_cli;
GRANT SELECT, INSERT, DELETE ON scaivault.delivery_attempts TO scaivault_jobs;
GRANT SELECT, INSERT ON scaivault.delivery_attempts TO scaivault_webhooks;
GRANT SELECT, INSERT, UPDATE, DELETE ON scaivault.subscriptions TO scaivault_subscriptions;
GRANT SELECT, UPDATE ON scaivault.subscriptions TO scaivault_jobs;
GRANT SELECT, INSERT, UPDATE, DELETE ON scaivault.subscription_events TO scaivault_subscriptions, scaivault_jobs;
