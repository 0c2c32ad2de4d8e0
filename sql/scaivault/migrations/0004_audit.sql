-- Partitions, retention and exports of the audit trail. What removes rows is a function of the owner with its own
-- conditions: no process role can delete from the trail in any other way.

-- Years a tenant's rows are kept; 7 for who has no row here.
CREATE TABLE scaivault.audit_retention (
    tenant_id  text COLLATE "C" NOT NULL,
    years      integer NOT NULL,
    set_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT audit_retention_pkey PRIMARY KEY (tenant_id),
    CONSTRAINT audit_retention_years_check CHECK (years BETWEEN 1 AND 100)
);
-- Where the chain of a tenant begins once its oldest seals were retired: the last one of them.
CREATE TABLE scaivault.audit_anchors (
    tenant_id   text COLLATE "C" NOT NULL,
    number      bigint NOT NULL,
    hash        text NOT NULL,
    end_txid    xid8 NOT NULL,
    last_at     timestamptz NOT NULL,
    retired_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT audit_anchors_pkey PRIMARY KEY (tenant_id)
);
-- Jobs of POST /v1/audit/export and of the command line.
CREATE TABLE scaivault.audit_exports (
    tenant_id          text COLLATE "C" NOT NULL,
    id                 text COLLATE "C" NOT NULL,
    status             text NOT NULL DEFAULT 'pending',
    requested_by       text NOT NULL,
    partner_id         text COLLATE "C" NOT NULL DEFAULT '',
    format             text NOT NULL,
    from_at            timestamptz NOT NULL,
    to_at              timestamptz NOT NULL,
    filters            jsonb NOT NULL DEFAULT '{}',
    destination        jsonb NOT NULL,                   -- names where the credentials are, never holds them
    estimated_records  bigint NOT NULL DEFAULT 0,
    attempts           integer NOT NULL DEFAULT 0,
    created_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at         timestamptz,
    completed_at       timestamptz,
    records            bigint,
    manifest           jsonb,
    error              text,
    CONSTRAINT audit_exports_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT audit_exports_status_check CHECK (status IN ('pending', 'running', 'completed', 'failed')),
    CONSTRAINT audit_exports_format_check CHECK (format IN ('jsonl', 'csv'))
);
CREATE INDEX audit_exports_list_idx ON scaivault.audit_exports (tenant_id, created_at, id);
CREATE INDEX audit_exports_open_idx ON scaivault.audit_exports (created_at) WHERE status IN ('pending', 'running');

DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['audit_retention', 'audit_anchors', 'audit_exports']
    LOOP
        EXECUTE format('ALTER TABLE scaivault.%I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY %I ON scaivault.%I USING (scaivault.tenant_visible(tenant_id)) '
                       'WITH CHECK (scaivault.tenant_visible(tenant_id))', protected || '_tenant', protected);
    END LOOP;
END
$$;

-- Partitions of this month and the p_ahead next ones. A month of which rows lie in audit_log_other already is left alone.
-- Making one locks the trail for a moment: who cannot have the lock soon tries again next time, instead of holding up every
-- request behind a long query. Returns how many were made.
CREATE FUNCTION scaivault.audit_make_partitions(p_ahead integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '1s'
AS $$
DECLARE
    month date;
    wanted text;
    made integer := 0;
BEGIN
    FOR month IN SELECT generate_series(date_trunc('month', now() AT TIME ZONE 'UTC'),
                                        date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => p_ahead),
                                        interval '1 month')::date
    LOOP
        wanted := 'audit_log_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass('scaivault.' || wanted) IS NOT NULL;
        BEGIN
            EXECUTE format('CREATE TABLE scaivault.%I PARTITION OF scaivault.audit_log FOR VALUES FROM (%L) TO (%L)', wanted,
                           month::text || ' 00:00:00+00', (month + interval '1 month')::date::text || ' 00:00:00+00');
            made := made + 1;
        EXCEPTION WHEN check_violation OR duplicate_table OR lock_not_available THEN
            CONTINUE;
        END;
    END LOOP;
    RETURN made;
END
$$;

-- Takes the oldest seals of a tenant, at most p_limit, out of the chain once everything they cover is older than the
-- tenant's retention, and leaves the anchor from which the rest still verifies. Returns how many seals went.
CREATE FUNCTION scaivault.audit_retire(p_tenant text, p_limit bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
    kept_from timestamptz := now() - make_interval(years => coalesce(
        (SELECT r.years FROM scaivault.audit_retention r WHERE r.tenant_id = p_tenant), 7));
    upto bigint;
    gone bigint;
BEGIN
    SELECT max(s.number) INTO upto
      FROM (SELECT o.number, bool_and(o.last_at < kept_from) OVER (ORDER BY o.number) AS old
              FROM (SELECT number, last_at FROM scaivault.audit_seals
                     WHERE tenant_id = p_tenant ORDER BY number LIMIT p_limit) o) s
     WHERE s.old;
    IF upto IS NULL THEN
        RETURN 0;
    END IF;
    INSERT INTO scaivault.audit_anchors (tenant_id, number, hash, end_txid, last_at)
    SELECT tenant_id, number, hash, end_txid, last_at FROM scaivault.audit_seals WHERE tenant_id = p_tenant AND number = upto
    ON CONFLICT (tenant_id) DO UPDATE
       SET number = EXCLUDED.number, hash = EXCLUDED.hash, end_txid = EXCLUDED.end_txid, last_at = EXCLUDED.last_at,
           retired_at = clock_timestamp();
    DELETE FROM scaivault.audit_seals WHERE tenant_id = p_tenant AND number <= upto;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;

-- Removes rows that retired seals covered: a month of which nothing else is left is dropped, from the others at most
-- p_limit rows are deleted. Returns what was removed.
CREATE FUNCTION scaivault.audit_reclaim(p_limit bigint, OUT months integer, OUT deleted bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '1s'
AS $$
DECLARE
    part regclass;
    keeps boolean;
    gone bigint;
BEGIN
    months := 0;
    deleted := 0;
    FOR part IN SELECT i.inhrelid::regclass FROM pg_inherits i
                 WHERE i.inhparent = 'scaivault.audit_log'::regclass ORDER BY i.inhrelid::regclass::text
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s r LEFT JOIN scaivault.audit_anchors a ON a.tenant_id = r.tenant_id '
                       '                WHERE a.tenant_id IS NULL OR r.txid >= a.end_txid)', part) INTO keeps;
        IF NOT keeps AND part::text ~ '_[0-9]{4}_[0-9]{2}$'
           AND to_date(right(part::text, 7), 'YYYY_MM') + interval '2 months' < now() THEN
            BEGIN
                EXECUTE format('DROP TABLE %s', part);
                months := months + 1;
                CONTINUE;
            EXCEPTION WHEN lock_not_available THEN
                CONTINUE;
            END;
        END IF;
        EXECUTE format('DELETE FROM %s WHERE ctid IN (SELECT r.ctid FROM %s r JOIN scaivault.audit_anchors a '
                       'ON a.tenant_id = r.tenant_id AND r.txid < a.end_txid LIMIT $1)', part, part) USING p_limit - deleted;
        GET DIAGNOSTICS gone = ROW_COUNT;
        deleted := deleted + gone;
        EXIT WHEN deleted >= p_limit;
    END LOOP;
END
$$;

SELECT scaivault.audit_make_partitions(3);

REVOKE ALL ON FUNCTION scaivault.audit_make_partitions(integer), scaivault.audit_retire(text, bigint), scaivault.audit_reclaim(bigint)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION scaivault.audit_make_partitions(integer), scaivault.audit_retire(text, bigint), scaivault.audit_reclaim(bigint)
    TO scaivault_jobs;
GRANT SELECT ON scaivault.audit_retention, scaivault.audit_anchors TO scaivault_audit, scaivault_jobs, scaivault_cli;
GRANT INSERT, UPDATE, DELETE ON scaivault.audit_retention TO scaivault_cli;
GRANT SELECT, INSERT ON scaivault.audit_exports TO scaivault_audit, scaivault_cli;
GRANT SELECT, UPDATE ON scaivault.audit_exports TO scaivault_jobs, scaivault_cli;
