-- Staging of the sweep. A walk (one tenant in one run) copies what it reads here, page by page, in short transactions;
-- one transaction then compares it with the mirror and applies the difference. Nothing here outlives a run: rows carry
-- the number of their walk, a new run empties the tables first, so what a killed run left is never taken for its own.
-- UNLOGGED: no WAL. A database that crashes empties them, which the apply phase notices because it counts the rows.
-- No keys and no indexes: every statement reads a whole walk. No autovacuum: the rows live for minutes.

CREATE SEQUENCE scaiflow.sweep_walks;

CREATE UNLOGGED TABLE scaiflow.sweep_users (
    walk          bigint NOT NULL,
    id            text COLLATE "C" NOT NULL,
    email         text NOT NULL,
    display_name  text NOT NULL,
    status        text NOT NULL,
    upstream_at   timestamptz
) WITH (autovacuum_enabled = off);

CREATE UNLOGGED TABLE scaiflow.sweep_groups (
    walk         bigint NOT NULL,
    id           text COLLATE "C" NOT NULL,
    name         text NOT NULL,
    status       text NOT NULL,
    upstream_at  timestamptz
) WITH (autovacuum_enabled = off);

-- Direct members as upstream lists them: users and groups.
CREATE UNLOGGED TABLE scaiflow.sweep_members (
    walk       bigint NOT NULL,
    group_id   text COLLATE "C" NOT NULL,
    member_id  text COLLATE "C" NOT NULL,
    is_group   boolean NOT NULL
) WITH (autovacuum_enabled = off);

-- Groups whose members are unknown, and every group they are nested in: their memberships stay as they are.
CREATE UNLOGGED TABLE scaiflow.sweep_frozen (
    walk      bigint NOT NULL,
    group_id  text COLLATE "C" NOT NULL
) WITH (autovacuum_enabled = off);

-- Nested groups: every group below another, at any depth.
CREATE UNLOGGED TABLE scaiflow.sweep_closure (
    walk           bigint NOT NULL,
    ancestor_id    text COLLATE "C" NOT NULL,
    descendant_id  text COLLATE "C" NOT NULL
) WITH (autovacuum_enabled = off);

-- The difference: what the apply statements read, and the list of changes afterwards.
CREATE UNLOGGED TABLE scaiflow.sweep_user_diff (
    walk              bigint NOT NULL,
    kind              text NOT NULL,      -- added, undeleted, updated, touched (no visible attribute), removed
    id                text COLLATE "C" NOT NULL,
    email             text NOT NULL,
    display_name      text NOT NULL,
    status            text NOT NULL,
    seen_by           text NOT NULL,
    upstream_at       timestamptz,
    old_email         text,
    old_display_name  text,
    old_status        text
) WITH (autovacuum_enabled = off);

CREATE UNLOGGED TABLE scaiflow.sweep_group_diff (
    walk         bigint NOT NULL,
    kind         text NOT NULL,           -- as in sweep_user_diff
    id           text COLLATE "C" NOT NULL,
    name         text NOT NULL,
    status       text NOT NULL,
    upstream_at  timestamptz,
    old_name     text,
    old_status   text
) WITH (autovacuum_enabled = off);

CREATE UNLOGGED TABLE scaiflow.sweep_membership_diff (
    walk      bigint NOT NULL,
    kind      text NOT NULL,              -- added, undeleted, updated (direct or inherited), removed
    group_id  text COLLATE "C" NOT NULL,
    user_id   text COLLATE "C" NOT NULL,
    direct    boolean NOT NULL
) WITH (autovacuum_enabled = off);

GRANT USAGE ON SEQUENCE scaiflow.sweep_walks TO scaiflow_admin, scaiflow_webhooks, scaiflow_jobs, scaiflow_cli;
GRANT SELECT, INSERT, DELETE, TRUNCATE
   ON scaiflow.sweep_users, scaiflow.sweep_groups, scaiflow.sweep_members, scaiflow.sweep_frozen, scaiflow.sweep_closure,
      scaiflow.sweep_user_diff, scaiflow.sweep_group_diff, scaiflow.sweep_membership_diff
   TO scaiflow_admin, scaiflow_webhooks, scaiflow_jobs, scaiflow_cli;
