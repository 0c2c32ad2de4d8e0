DROP TABLE scaikey.sign_in_choices, scaikey.sign_in_attempts, scaikey.revoked_tokens, scaikey.refresh_tokens,
           scaikey.grants, scaikey.authorization_codes, scaikey.browser_sessions, scaikey.signing_keys;
ALTER TABLE scaikey.applications DROP COLUMN signing_algorithm;
