-- The directory: partners, tenants, users, groups, memberships, applications, assignments; webhook outbox.
-- Ids are unique over all tenants (the REST paths carry no tenant), so they are the keys; COLLATE "C", compared bytewise.
-- Partners, tenants, users, groups and applications are removed softly (deleted_at) and then appear nowhere;
-- memberships and assignments of what is removed are really deleted in the same transaction.
-- updated_at is clock_timestamp() of the statement, so that of two changes of a row the later has the later time.

CREATE TABLE scaikey.partners (
    id                           text COLLATE "C" NOT NULL,
    name                         text NOT NULL,
    slug                         text COLLATE "C" NOT NULL,
    status                       text NOT NULL DEFAULT 'ACTIVE',
    contact_email                text,
    max_tenants                  integer,
    max_users_per_tenant         integer,
    max_applications_per_tenant  integer,
    created_at                   timestamptz NOT NULL DEFAULT now(),
    updated_at                   timestamptz NOT NULL DEFAULT now(),
    deleted_at                   timestamptz,
    CONSTRAINT partners_pkey PRIMARY KEY (id),
    CONSTRAINT partners_status_check CHECK (status IN ('ACTIVE', 'SUSPENDED'))
);
CREATE UNIQUE INDEX partners_slug_key ON scaikey.partners (slug) WHERE deleted_at IS NULL;

CREATE TABLE scaikey.tenants (
    id             text COLLATE "C" NOT NULL,
    partner_id     text COLLATE "C",
    name           text NOT NULL,
    slug           text COLLATE "C" NOT NULL,
    status         text NOT NULL DEFAULT 'ACTIVE',
    contact_email  text,
    settings       jsonb NOT NULL DEFAULT '{}',
    branding       jsonb NOT NULL DEFAULT '{}',
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    deleted_at     timestamptz,
    CONSTRAINT tenants_pkey PRIMARY KEY (id),
    CONSTRAINT tenants_partner_fkey FOREIGN KEY (partner_id) REFERENCES scaikey.partners (id),
    CONSTRAINT tenants_status_check CHECK (status IN ('ACTIVE', 'SUSPENDED'))
);
CREATE UNIQUE INDEX tenants_slug_key ON scaikey.tenants (slug) WHERE deleted_at IS NULL;
CREATE INDEX tenants_partner_idx ON scaikey.tenants (partner_id, id) WHERE deleted_at IS NULL;

-- Live rows per tenant, kept by triggers, so that a page of a list does not count 100,000 rows; and a version that
-- every change of users, groups, memberships or assignments raises, so that the effective-user snapshot knows its age.
CREATE TABLE scaikey.tenant_stats (
    tenant_id  text COLLATE "C" NOT NULL,
    users      bigint NOT NULL DEFAULT 0,
    groups     bigint NOT NULL DEFAULT 0,
    version    bigint NOT NULL DEFAULT 1,
    CONSTRAINT tenant_stats_pkey PRIMARY KEY (tenant_id)
);

CREATE TABLE scaikey.users (
    id                 text COLLATE "C" NOT NULL,
    tenant_id          text COLLATE "C" NOT NULL,
    email              text NOT NULL,
    first_name         text,
    last_name          text,
    display_name       text NOT NULL DEFAULT '',
    status             text NOT NULL DEFAULT 'ACTIVE',
    admin_role         text,                          -- the `role` claim of this user's tokens
    title              text,
    department         text,
    manager            text,
    identity_source    text NOT NULL DEFAULT 'LOCAL',
    mfa_enabled        boolean NOT NULL DEFAULT false,
    custom_attributes  jsonb NOT NULL DEFAULT '{}',
    password_hash      text,                          -- lib/crypto hash_password; null: nobody can sign in
    password_changed_at timestamptz,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    deleted_at         timestamptz,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES scaikey.tenants (id),
    CONSTRAINT users_status_check CHECK (status IN ('ACTIVE', 'SUSPENDED')),
    CONSTRAINT users_admin_role_check CHECK (admin_role IN ('super_admin', 'partner_admin', 'tenant_admin'))
);
-- The same address may exist in several tenants; sign-in looks it up without knowing the tenant.
CREATE UNIQUE INDEX users_email_key ON scaikey.users (lower(email), tenant_id) WHERE deleted_at IS NULL;
CREATE INDEX users_page_idx ON scaikey.users (id) INCLUDE (tenant_id) WHERE deleted_at IS NULL;
CREATE INDEX users_tenant_page_idx ON scaikey.users (tenant_id, id) WHERE deleted_at IS NULL;

CREATE TABLE scaikey.groups (
    id            text COLLATE "C" NOT NULL,
    tenant_id     text COLLATE "C" NOT NULL,
    name          text NOT NULL,
    description   text,
    group_type    text NOT NULL DEFAULT 'SECURITY',
    status        text NOT NULL DEFAULT 'ACTIVE',
    member_count  bigint NOT NULL DEFAULT 0,          -- direct members, users and groups; kept by trigger
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    deleted_at    timestamptz,
    CONSTRAINT groups_pkey PRIMARY KEY (id),
    CONSTRAINT groups_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES scaikey.tenants (id),
    CONSTRAINT groups_type_check CHECK (group_type IN ('SECURITY', 'DISTRIBUTION_LIST')),
    CONSTRAINT groups_status_check CHECK (status IN ('ACTIVE', 'SUSPENDED'))
);
CREATE UNIQUE INDEX groups_name_key ON scaikey.groups (tenant_id, name) WHERE deleted_at IS NULL;
CREATE INDEX groups_page_idx ON scaikey.groups (id) INCLUDE (tenant_id) WHERE deleted_at IS NULL;
CREATE INDEX groups_tenant_page_idx ON scaikey.groups (tenant_id, id) WHERE deleted_at IS NULL;

-- Direct members. No foreign keys: a load of a million rows would pay for them row by row; the store locks and checks.
CREATE TABLE scaikey.group_members (
    tenant_id    text COLLATE "C" NOT NULL,
    group_id     text COLLATE "C" NOT NULL,
    member_id    text COLLATE "C" NOT NULL,           -- user or group id
    member_type  text COLLATE "C" NOT NULL,
    added_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT group_members_pkey PRIMARY KEY (tenant_id, group_id, member_id),
    CONSTRAINT group_members_type_check CHECK (member_type IN ('user', 'group')),
    CONSTRAINT group_members_self_check CHECK (group_id <> member_id)
);
CREATE INDEX group_members_member_idx ON scaikey.group_members (tenant_id, member_id);
CREATE INDEX group_members_nested_idx ON scaikey.group_members (tenant_id, group_id) WHERE member_type = 'group';

CREATE TABLE scaikey.applications (
    id                         text COLLATE "C" NOT NULL,
    client_id                  text COLLATE "C" NOT NULL,
    name                       text NOT NULL,
    application_type           text NOT NULL,
    scope                      text NOT NULL,
    partner_id                 text COLLATE "C",
    tenant_id                  text COLLATE "C",
    client_secret_hash         text,                  -- hex sha256: the secret is random, 165 bits; null: public client
    redirect_uris              text[] NOT NULL DEFAULT '{}',
    post_logout_redirect_uris  text[] NOT NULL DEFAULT '{}',
    allowed_origins            text[] NOT NULL DEFAULT '{}',
    allowed_scopes             text[] NOT NULL DEFAULT '{openid}',
    token_lifetime             integer NOT NULL DEFAULT 3600,
    assign_all_users           boolean NOT NULL DEFAULT false,  -- every user in reach is effective without assignment
    created_at                 timestamptz NOT NULL DEFAULT now(),
    updated_at                 timestamptz NOT NULL DEFAULT now(),
    deleted_at                 timestamptz,
    CONSTRAINT applications_pkey PRIMARY KEY (id),
    CONSTRAINT applications_client_id_key UNIQUE (client_id),
    CONSTRAINT applications_partner_fkey FOREIGN KEY (partner_id) REFERENCES scaikey.partners (id),
    CONSTRAINT applications_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES scaikey.tenants (id),
    CONSTRAINT applications_type_check CHECK (application_type IN ('WEB', 'SERVICE', 'SPA', 'NATIVE')),
    CONSTRAINT applications_scope_check CHECK (
        (scope = 'GLOBAL' AND partner_id IS NULL AND tenant_id IS NULL)
        OR (scope = 'PARTNER' AND partner_id IS NOT NULL AND tenant_id IS NULL)
        OR (scope = 'TENANT' AND partner_id IS NULL AND tenant_id IS NOT NULL)),
    CONSTRAINT applications_secret_check CHECK ((client_secret_hash IS NOT NULL) = (application_type IN ('WEB', 'SERVICE'))),
    CONSTRAINT applications_lifetime_check CHECK (token_lifetime BETWEEN 60 AND 86400)
);
CREATE INDEX applications_tenant_idx ON scaikey.applications (tenant_id) WHERE deleted_at IS NULL;

CREATE TABLE scaikey.app_assignments (
    tenant_id       text COLLATE "C" NOT NULL,
    application_id  text COLLATE "C" NOT NULL,
    principal_id    text COLLATE "C" NOT NULL,        -- user or group id
    principal_type  text COLLATE "C" NOT NULL,
    assigned_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT app_assignments_pkey PRIMARY KEY (tenant_id, application_id, principal_id),
    CONSTRAINT app_assignments_type_check CHECK (principal_type IN ('user', 'group'))
);
CREATE INDEX app_assignments_principal_idx ON scaikey.app_assignments (tenant_id, principal_id);

-- Effective users of one application in one tenant, computed once per tenant_stats.version and then paged by position.
-- A cache: unlogged, may vanish at any moment.
CREATE SEQUENCE scaikey.effective_sets_number;
CREATE UNLOGGED TABLE scaikey.effective_sets (
    tenant_id       text COLLATE "C" NOT NULL,
    application_id  text COLLATE "C" NOT NULL,
    number          bigint NOT NULL,
    version         bigint NOT NULL,
    all_users       boolean NOT NULL,
    total           bigint NOT NULL,
    built_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT effective_sets_pkey PRIMARY KEY (tenant_id, application_id)
);
CREATE UNLOGGED TABLE scaikey.effective_users (
    set_number  bigint NOT NULL,
    position    bigint NOT NULL,                      -- from 1, in order of the user id
    user_id     text COLLATE "C" NOT NULL,
    direct      boolean NOT NULL,
    via_groups  text[] NOT NULL,                      -- assigned groups through which the user gets it
    CONSTRAINT effective_users_pkey PRIMARY KEY (set_number, position)
);

CREATE TABLE scaikey.webhooks (
    id                     text COLLATE "C" NOT NULL,
    name                   text NOT NULL,
    url                    text NOT NULL,
    events                 text[] NOT NULL DEFAULT '{*}',   -- exact names, "family.*" or "*"
    secret                 text NOT NULL,                   -- needed in clear to sign
    previous_secret        text,                            -- after a rotation both sign until the time below
    previous_secret_until  timestamptz,
    tenant_id              text COLLATE "C",                -- null: all tenants (of the partner)
    partner_id             text COLLATE "C",
    enabled                boolean NOT NULL DEFAULT true,
    created_at             timestamptz NOT NULL DEFAULT now(),
    updated_at             timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT webhooks_pkey PRIMARY KEY (id)
);

-- Outbox: written in the transaction of the change itself. A trigger makes one delivery per matching subscription.
CREATE TABLE scaikey.events (
    seq            bigint GENERATED ALWAYS AS IDENTITY,
    event_id       text COLLATE "C" NOT NULL DEFAULT 'evt_' || replace(gen_random_uuid()::text, '-', ''),
    event_type     text NOT NULL,
    occurred_at    timestamptz NOT NULL DEFAULT clock_timestamp(),  -- after the row lock: later changes have later times
    tenant_id      text COLLATE "C",
    partner_id     text COLLATE "C",
    resource_type  text NOT NULL,
    resource_id    text NOT NULL,
    actor_type     text NOT NULL,                     -- admin, user, scim, system, api
    actor_id       text,
    data           jsonb NOT NULL,
    only_webhook   text COLLATE "C",                  -- a test event goes to this subscription alone
    CONSTRAINT events_pkey PRIMARY KEY (seq),
    CONSTRAINT events_event_id_key UNIQUE (event_id)
);
CREATE INDEX events_occurred_idx ON scaikey.events (occurred_at);

CREATE TABLE scaikey.deliveries (
    id               bigint GENERATED ALWAYS AS IDENTITY,   -- X-ScaiKey-Webhook-ID
    webhook_id       text COLLATE "C" NOT NULL,
    event_id         text COLLATE "C" NOT NULL,
    status           text NOT NULL DEFAULT 'pending',       -- pending, delivered, failed (ladder used up), cancelled
    attempts         integer NOT NULL DEFAULT 0,
    next_attempt_at  timestamptz DEFAULT now(),             -- null: nothing more to do; also the lease of a claim
    last_status      integer,                               -- HTTP status of the last attempt
    last_error       text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    finished_at      timestamptz,
    CONSTRAINT deliveries_pkey PRIMARY KEY (id),
    CONSTRAINT deliveries_webhook_fkey FOREIGN KEY (webhook_id) REFERENCES scaikey.webhooks (id) ON DELETE CASCADE,
    CONSTRAINT deliveries_event_fkey FOREIGN KEY (event_id) REFERENCES scaikey.events (event_id) ON DELETE CASCADE,
    CONSTRAINT deliveries_status_check CHECK (status IN ('pending', 'delivered', 'failed', 'cancelled'))
);
CREATE INDEX deliveries_due_idx ON scaikey.deliveries (next_attempt_at, id) WHERE status = 'pending';
CREATE INDEX deliveries_webhook_idx ON scaikey.deliveries (webhook_id, id);
CREATE INDEX deliveries_event_idx ON scaikey.deliveries (event_id);

CREATE TABLE scaikey.delivery_attempts (
    delivery_id  bigint NOT NULL,
    attempt      integer NOT NULL,
    at           timestamptz NOT NULL DEFAULT now(),
    duration_ms  integer NOT NULL,
    http_status  integer,
    error        text,
    CONSTRAINT delivery_attempts_pkey PRIMARY KEY (delivery_id, attempt),
    CONSTRAINT delivery_attempts_delivery_fkey FOREIGN KEY (delivery_id) REFERENCES scaikey.deliveries (id) ON DELETE CASCADE
);

CREATE TABLE scaikey.job_runs (
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
CREATE INDEX job_runs_job_idx ON scaikey.job_runs (job, started_at DESC);

-- Row-level security, the second wall. scai.tenant is set per transaction by lib/db; '*' is the deliberate "all
-- tenants" of platform and partner reach, jobs and sign-in; unset or '' shows nothing.
CREATE FUNCTION scaikey.tenant_visible(row_tenant text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN row_tenant = current_setting('scai.tenant', true) OR current_setting('scai.tenant', true) = '*';

DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['users', 'groups', 'group_members', 'app_assignments']
    LOOP
        EXECUTE format('ALTER TABLE scaikey.%I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY %I ON scaikey.%I USING (scaikey.tenant_visible(tenant_id)) '
                       'WITH CHECK (scaikey.tenant_visible(tenant_id))', protected || '_tenant', protected);
    END LOOP;
END
$$;

-- Counters and version. One function per table and one trigger per kind of statement (a transition table serves one
-- kind only); a load of a million rows fires each once.
CREATE FUNCTION scaikey.stats_apply(p_tenant text, p_users bigint, p_groups bigint) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
    BEGIN ATOMIC
        INSERT INTO scaikey.tenant_stats AS s (tenant_id, users, groups)
        VALUES (p_tenant, p_users, p_groups)
            ON CONFLICT (tenant_id) DO UPDATE
           SET users = s.users + excluded.users, groups = s.groups + excluded.groups, version = s.version + 1;
    END;

CREATE FUNCTION scaikey.principals_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
    changed record;
    is_user boolean := tg_table_name = 'users';
BEGIN
    IF tg_op = 'INSERT' THEN
        FOR changed IN SELECT n.tenant_id, count(*) FILTER (WHERE n.deleted_at IS NULL) AS live
                         FROM new_rows n GROUP BY n.tenant_id ORDER BY n.tenant_id
        LOOP
            PERFORM scaikey.stats_apply(changed.tenant_id, CASE WHEN is_user THEN changed.live ELSE 0 END,
                                        CASE WHEN is_user THEN 0 ELSE changed.live END);
        END LOOP;
    ELSE
        FOR changed IN SELECT d.tenant_id, sum(d.live)::bigint AS live
                         FROM (SELECT n.tenant_id, (n.deleted_at IS NULL)::int AS live FROM new_rows n
                               UNION ALL
                               SELECT o.tenant_id, -(o.deleted_at IS NULL)::int FROM old_rows o) d
                        GROUP BY d.tenant_id ORDER BY d.tenant_id
        LOOP
            PERFORM scaikey.stats_apply(changed.tenant_id, CASE WHEN is_user THEN changed.live ELSE 0 END,
                                        CASE WHEN is_user THEN 0 ELSE changed.live END);
        END LOOP;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION scaikey.members_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
    changed record;
    step integer := CASE WHEN tg_op = 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    PERFORM set_config('scai.counting', 'on', true);
    UPDATE scaikey.groups g
       SET member_count = g.member_count + step * c.n
      FROM (SELECT m.group_id, count(*) AS n FROM changed_rows m GROUP BY m.group_id) c
     WHERE g.id = c.group_id;
    PERFORM set_config('scai.counting', '', true);
    FOR changed IN SELECT DISTINCT m.tenant_id FROM changed_rows m ORDER BY m.tenant_id
    LOOP
        PERFORM scaikey.stats_apply(changed.tenant_id, 0, 0);
    END LOOP;
    RETURN NULL;
END
$$;

CREATE FUNCTION scaikey.assignments_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
    changed record;
BEGIN
    FOR changed IN SELECT DISTINCT m.tenant_id FROM changed_rows m ORDER BY m.tenant_id
    LOOP
        PERFORM scaikey.stats_apply(changed.tenant_id, 0, 0);
    END LOOP;
    RETURN NULL;
END
$$;

CREATE TRIGGER users_inserted AFTER INSERT ON scaikey.users REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION scaikey.principals_changed();
CREATE TRIGGER users_updated AFTER UPDATE ON scaikey.users REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION scaikey.principals_changed();
CREATE TRIGGER groups_inserted AFTER INSERT ON scaikey.groups REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION scaikey.principals_changed();
CREATE TRIGGER groups_updated AFTER UPDATE ON scaikey.groups REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (coalesce(current_setting('scai.counting', true), '') = '')
    EXECUTE FUNCTION scaikey.principals_changed();
CREATE TRIGGER group_members_inserted AFTER INSERT ON scaikey.group_members REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION scaikey.members_changed();
CREATE TRIGGER group_members_deleted AFTER DELETE ON scaikey.group_members REFERENCING OLD TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION scaikey.members_changed();
CREATE TRIGGER app_assignments_inserted AFTER INSERT ON scaikey.app_assignments REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION scaikey.assignments_changed();
CREATE TRIGGER app_assignments_deleted AFTER DELETE ON scaikey.app_assignments REFERENCING OLD TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION scaikey.assignments_changed();

CREATE FUNCTION scaikey.event_matches(p_patterns text[], p_type text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN EXISTS (SELECT FROM unnest(p_patterns) AS p(pattern)
                    WHERE p.pattern = '*' OR p.pattern = p_type
                       OR (right(p.pattern, 2) = '.*' AND starts_with(p_type, left(p.pattern, -1))));

CREATE FUNCTION scaikey.events_fan_out() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
    INSERT INTO scaikey.deliveries (webhook_id, event_id)
    SELECT w.id, e.event_id
      FROM new_rows e
      JOIN scaikey.webhooks w
        ON CASE WHEN e.only_webhook IS NOT NULL THEN w.id = e.only_webhook
                ELSE w.enabled AND scaikey.event_matches(w.events, e.event_type)
                     AND (w.tenant_id IS NULL OR w.tenant_id = e.tenant_id)
                     AND (w.partner_id IS NULL OR w.partner_id = e.partner_id)
           END
     ORDER BY e.seq, w.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER events_fan_out AFTER INSERT ON scaikey.events REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION scaikey.events_fan_out();

-- Objects as the API shows them, spelled once; a page of a list is aggregated by the server and passed through.
CREATE FUNCTION scaikey.iso(t timestamptz) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

CREATE FUNCTION scaikey.partner_json(p scaikey.partners) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (p).id, 'name', (p).name, 'slug', (p).slug, 'status', (p).status,
        'contact_email', (p).contact_email, 'max_tenants', (p).max_tenants,
        'max_users_per_tenant', (p).max_users_per_tenant,
        'max_applications_per_tenant', (p).max_applications_per_tenant,
        'created_at', scaikey.iso((p).created_at), 'updated_at', scaikey.iso((p).updated_at));

CREATE FUNCTION scaikey.tenant_json(t scaikey.tenants) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (t).id, 'name', (t).name, 'slug', (t).slug, 'status', (t).status,
        'partner_id', (t).partner_id, 'contact_email', (t).contact_email, 'settings', (t).settings,
        'branding', (t).branding, 'created_at', scaikey.iso((t).created_at), 'updated_at', scaikey.iso((t).updated_at));

CREATE FUNCTION scaikey.user_json(u scaikey.users) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (u).id, 'tenant_id', (u).tenant_id, 'email', (u).email,
        'first_name', (u).first_name, 'last_name', (u).last_name, 'display_name', (u).display_name,
        'status', (u).status, 'admin_role', (u).admin_role, 'title', (u).title, 'department', (u).department,
        'manager', (u).manager, 'identity_source', (u).identity_source, 'mfa_enabled', (u).mfa_enabled,
        'custom_attributes', (u).custom_attributes, 'created_at', scaikey.iso((u).created_at),
        'updated_at', scaikey.iso((u).updated_at));

CREATE FUNCTION scaikey.group_json(g scaikey.groups) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (g).id, 'tenant_id', (g).tenant_id, 'name', (g).name,
        'description', (g).description, 'group_type', (g).group_type, 'status', (g).status,
        'member_count', (g).member_count, 'created_at', scaikey.iso((g).created_at),
        'updated_at', scaikey.iso((g).updated_at));

CREATE FUNCTION scaikey.application_json(a scaikey.applications) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (a).id, 'client_id', (a).client_id, 'name', (a).name,
        'application_type', (a).application_type, 'scope', (a).scope, 'tenant_id', (a).tenant_id,
        'partner_id', (a).partner_id, 'redirect_uris', (a).redirect_uris,
        'post_logout_redirect_uris', (a).post_logout_redirect_uris, 'allowed_origins', (a).allowed_origins,
        'allowed_scopes', (a).allowed_scopes, 'token_lifetime', (a).token_lifetime,
        'assign_all_users', (a).assign_all_users, 'created_at', scaikey.iso((a).created_at),
        'updated_at', scaikey.iso((a).updated_at));

-- Without the secrets: they are shown when they are made, and never again.
CREATE FUNCTION scaikey.webhook_json(w scaikey.webhooks) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (w).id, 'name', (w).name, 'url', (w).url, 'events', (w).events,
        'tenant_id', (w).tenant_id, 'partner_id', (w).partner_id, 'enabled', (w).enabled,
        'created_at', scaikey.iso((w).created_at), 'updated_at', scaikey.iso((w).updated_at));

CREATE FUNCTION scaikey.delivery_json(d scaikey.deliveries) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
        SELECT json_build_object('id', d.id, 'webhook_id', d.webhook_id, 'event_id', d.event_id,
                   'event_type', e.event_type, 'status', d.status, 'attempts', d.attempts,
                   'next_attempt_at', CASE WHEN d.status = 'pending' THEN scaikey.iso(d.next_attempt_at) END,
                   'last_status', d.last_status, 'last_error', d.last_error,
                   'created_at', scaikey.iso(d.created_at), 'finished_at', scaikey.iso(d.finished_at))
          FROM scaikey.events e
         WHERE e.event_id = d.event_id;
    END;

-- `data` of a user event (contract scaikey.md 14.5).
CREATE FUNCTION scaikey.user_event_data(p_user text) RETURNS jsonb
    LANGUAGE sql STABLE
    BEGIN ATOMIC
        SELECT jsonb_build_object('id', u.id, 'user_id', u.id, 'tenant_id', u.tenant_id, 'email', u.email,
                   'first_name', u.first_name, 'last_name', u.last_name, 'display_name', u.display_name,
                   'status', u.status, 'tenant', jsonb_build_object('id', t.id, 'name', t.name, 'slug', t.slug),
                   'partner', CASE WHEN p.id IS NOT NULL
                                   THEN jsonb_build_object('id', p.id, 'name', p.name, 'slug', p.slug) END)
          FROM scaikey.users u
          JOIN scaikey.tenants t ON t.id = u.tenant_id
          LEFT JOIN scaikey.partners p ON p.id = t.partner_id
         WHERE u.id = p_user;
    END;

GRANT USAGE ON SCHEMA scaikey TO scaikey_handler, scaikey_jobs;
GRANT SELECT ON ALL TABLES IN SCHEMA scaikey TO scaikey_handler, scaikey_jobs;
GRANT INSERT, UPDATE ON scaikey.partners, scaikey.tenants, scaikey.users, scaikey.groups, scaikey.applications,
      scaikey.webhooks, scaikey.deliveries TO scaikey_handler, scaikey_jobs;
GRANT INSERT, DELETE ON scaikey.group_members, scaikey.app_assignments TO scaikey_handler, scaikey_jobs;
GRANT INSERT, UPDATE, DELETE ON scaikey.effective_sets, scaikey.effective_users TO scaikey_handler, scaikey_jobs;
GRANT USAGE ON SEQUENCE scaikey.effective_sets_number TO scaikey_handler, scaikey_jobs;
GRANT INSERT ON scaikey.events TO scaikey_handler, scaikey_jobs;
GRANT DELETE ON scaikey.webhooks TO scaikey_handler;
GRANT DELETE ON scaikey.events TO scaikey_jobs;
GRANT INSERT ON scaikey.delivery_attempts TO scaikey_jobs;
GRANT INSERT, UPDATE ON scaikey.job_runs TO scaikey_jobs;
