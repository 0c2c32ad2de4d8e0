-- OpenID Connect: signing keys, browser sessions, authorization codes, grants with their refresh tokens, revocations.
-- What a client or a browser holds (code, refresh token, session cookie) is stored as hex SHA-256 only.
-- Times come from the program's clock; scaikey-job-purge removes rows some time after they stopped to matter.

CREATE TABLE scaikey.signing_keys (
    kid          text COLLATE "C" NOT NULL,           -- RFC 7638 thumbprint
    algorithm    text NOT NULL,
    private_key  text NOT NULL,                       -- private JWK; "sealed:..." when SCAIKEY_KEY_PASSPHRASE is set
    created_at   timestamptz NOT NULL,                -- published from here on
    active_from  timestamptz NOT NULL,                -- signs from here on, until a newer key is active
    retire_at    timestamptz,                         -- set when a successor exists: the last token it signed has expired
    CONSTRAINT signing_keys_pkey PRIMARY KEY (kid),
    CONSTRAINT signing_keys_algorithm_check CHECK (algorithm IN ('RS256', 'ES256'))
);

ALTER TABLE scaikey.applications
    ADD COLUMN signing_algorithm text,                -- null: SCAIKEY_SIGNING_ALGORITHM
    ADD CONSTRAINT applications_algorithm_check CHECK (signing_algorithm IN ('RS256', 'ES256'));

CREATE TABLE scaikey.browser_sessions (
    id           text COLLATE "C" NOT NULL,           -- `sid` of ID tokens; knowing it opens nothing
    secret_hash  text COLLATE "C" NOT NULL,
    tenant_id    text COLLATE "C" NOT NULL,
    user_id      text COLLATE "C" NOT NULL,
    auth_time    timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    CONSTRAINT browser_sessions_pkey PRIMARY KEY (id),
    CONSTRAINT browser_sessions_secret_key UNIQUE (secret_hash)
);
CREATE INDEX browser_sessions_user_idx ON scaikey.browser_sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX browser_sessions_expires_idx ON scaikey.browser_sessions (expires_at);

CREATE TABLE scaikey.authorization_codes (
    code_hash       text COLLATE "C" NOT NULL,
    grant_id        text COLLATE "C" NOT NULL,        -- the grant the exchange makes
    client_id       text COLLATE "C" NOT NULL,
    tenant_id       text COLLATE "C" NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    session_id      text COLLATE "C" NOT NULL,
    redirect_uri    text NOT NULL,
    scopes          text NOT NULL,                    -- space separated, as granted
    nonce           text NOT NULL,
    code_challenge  text NOT NULL,                    -- '' without PKCE
    auth_time       timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    used_at         timestamptz,
    CONSTRAINT authorization_codes_pkey PRIMARY KEY (code_hash)
);
CREATE INDEX authorization_codes_expires_idx ON scaikey.authorization_codes (expires_at);

-- A family: everything that came from one sign-in to one client.
CREATE TABLE scaikey.grants (
    id          text COLLATE "C" NOT NULL,            -- also the first part of `jti` of its access tokens
    client_id   text COLLATE "C" NOT NULL,
    tenant_id   text COLLATE "C" NOT NULL,
    user_id     text COLLATE "C" NOT NULL,
    session_id  text COLLATE "C" NOT NULL,
    scopes      text NOT NULL,
    auth_time   timestamptz NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,                 -- of the newest token in it
    revoked_at  timestamptz,
    CONSTRAINT grants_pkey PRIMARY KEY (id)
);
CREATE INDEX grants_session_idx ON scaikey.grants (session_id) WHERE revoked_at IS NULL;
CREATE INDEX grants_user_idx ON scaikey.grants (user_id) WHERE revoked_at IS NULL;
CREATE INDEX grants_expires_idx ON scaikey.grants (expires_at);

CREATE TABLE scaikey.refresh_tokens (
    token_hash  text COLLATE "C" NOT NULL,
    grant_id    text COLLATE "C" NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,                          -- seen again after this: the family dies
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT refresh_tokens_grant_fkey FOREIGN KEY (grant_id) REFERENCES scaikey.grants (id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_grant_idx ON scaikey.refresh_tokens (grant_id);

-- Access tokens that are refused before they expire: a whole jti, or a grant id for all tokens of the grant.
CREATE TABLE scaikey.revoked_tokens (
    id          text COLLATE "C" NOT NULL,
    expires_at  timestamptz NOT NULL,
    CONSTRAINT revoked_tokens_pkey PRIMARY KEY (id)
);
CREATE INDEX revoked_tokens_expires_idx ON scaikey.revoked_tokens (expires_at);

-- Failed passwords per address, known or not. The address itself is not kept.
CREATE TABLE scaikey.sign_in_attempts (
    account_hash  text COLLATE "C" NOT NULL,
    failures      integer NOT NULL,
    last_at       timestamptz NOT NULL,
    CONSTRAINT sign_in_attempts_pkey PRIMARY KEY (account_hash)
);
CREATE INDEX sign_in_attempts_last_idx ON scaikey.sign_in_attempts (last_at);

-- Between the right password and the choice of an organisation.
CREATE TABLE scaikey.sign_in_choices (
    choice_hash   text COLLATE "C" NOT NULL,
    browser_hash  text COLLATE "C" NOT NULL,          -- only the browser that typed the password may choose
    user_ids      text[] NOT NULL,
    expires_at    timestamptz NOT NULL,
    CONSTRAINT sign_in_choices_pkey PRIMARY KEY (choice_hash)
);
CREATE INDEX sign_in_choices_expires_idx ON scaikey.sign_in_choices (expires_at);

-- The tenant flavour runs with the tenant in scai.tenant: a grant of another tenant does not exist there.
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['browser_sessions', 'authorization_codes', 'grants']
    LOOP
        EXECUTE format('ALTER TABLE scaikey.%I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY %I ON scaikey.%I USING (scaikey.tenant_visible(tenant_id)) '
                       'WITH CHECK (scaikey.tenant_visible(tenant_id))', protected || '_tenant', protected);
    END LOOP;
END
$$;

GRANT SELECT, INSERT ON scaikey.signing_keys TO scaikey_handler;
GRANT UPDATE (retire_at) ON scaikey.signing_keys TO scaikey_handler;
GRANT SELECT, INSERT, UPDATE ON scaikey.browser_sessions, scaikey.authorization_codes, scaikey.grants,
      scaikey.refresh_tokens, scaikey.revoked_tokens, scaikey.sign_in_attempts TO scaikey_handler;
GRANT SELECT, INSERT, DELETE ON scaikey.sign_in_choices TO scaikey_handler;
GRANT DELETE ON scaikey.sign_in_attempts TO scaikey_handler;
GRANT SELECT, INSERT, UPDATE, DELETE ON scaikey.signing_keys TO scaikey_jobs;
GRANT SELECT, DELETE ON scaikey.browser_sessions, scaikey.authorization_codes, scaikey.grants, scaikey.refresh_tokens,
      scaikey.revoked_tokens, scaikey.sign_in_attempts, scaikey.sign_in_choices TO scaikey_jobs;
