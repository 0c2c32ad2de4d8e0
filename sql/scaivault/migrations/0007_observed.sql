-- Events of what requests read and were denied, and the second wall around requests of the identity synchronisation.

-- secret.accessed and policy.violation come with every request: they are written where somebody asks for them only.
CREATE INDEX webhooks_observers_idx ON scaivault.webhooks (tenant_id)
    WHERE enabled AND events && ARRAY['*', 'secret.*', 'secret.accessed', 'policy.*', 'policy.violation'];
CREATE INDEX subscriptions_observers_idx ON scaivault.subscriptions (tenant_id)
    WHERE events && ARRAY['*', 'secret.*', 'secret.accessed', 'policy.*', 'policy.violation'];

-- Tenants with a receiver of such events. Every process asks, none of them may read the receivers.
CREATE FUNCTION scaivault.observers() RETURNS TABLE (tenant_id text, accessed boolean, violation boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
    SELECT r.tenant_id, bool_or(r.events && ARRAY['*', 'secret.*', 'secret.accessed']),
           bool_or(r.events && ARRAY['*', 'policy.*', 'policy.violation'])
      FROM (SELECT w.tenant_id, w.events FROM scaivault.webhooks w
             WHERE w.enabled AND w.events && ARRAY['*', 'secret.*', 'secret.accessed', 'policy.*', 'policy.violation']
             UNION ALL
            SELECT s.tenant_id, s.events FROM scaivault.subscriptions s
             WHERE s.events && ARRAY['*', 'secret.*', 'secret.accessed', 'policy.*', 'policy.violation']) r
     GROUP BY r.tenant_id
$$;

-- Puts them into the outbox: what belongs to the partner under its name, with type and tags for the filters.
CREATE FUNCTION scaivault.observe(p_tenants text[], p_of_partner boolean[], p_ids text[], p_types text[], p_identities text[],
                                  p_paths text[], p_data text[], p_requests text[]) RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
    WITH added AS (
        INSERT INTO scaivault.events (tenant_id, event_id, event_type, partner_id, identity_id, path, secret_type, tags, data,
                                      request_id)
        SELECT o.owner, x.id, x.type, coalesce(t.partner_id, ''), x.identity, x.path, s.secret_type, coalesce(s.tags, '{}'),
               x.data::json, x.request
          FROM unnest(p_tenants, p_of_partner, p_ids, p_types, p_identities, p_paths, p_data, p_requests)
               AS x (tenant, of_partner, id, type, identity, path, data, request)
          LEFT JOIN scaivault.tenants t ON t.id = x.tenant
         CROSS JOIN LATERAL (SELECT CASE WHEN x.of_partner THEN 'partner/' || coalesce(t.partner_id, '') ELSE x.tenant END
                                    AS owner) AS o
          LEFT JOIN scaivault.secrets s ON s.tenant_id = o.owner AND s.path = x.path
        RETURNING 1)
    SELECT count(*) FROM added
$$;

REVOKE ALL ON FUNCTION scaivault.observers(), scaivault.observe(text[], boolean[], text[], text[], text[], text[], text[], text[])
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION scaivault.observers(), scaivault.observe(text[], boolean[], text[], text[], text[], text[], text[], text[])
    TO scaivault_secrets, scaivault_policies, scaivault_auth, scaivault_identity, scaivault_audit, scaivault_rotation,
       scaivault_webhooks, scaivault_subscriptions, scaivault_system, scaivault_jobs, scaivault_cli;

-- A run of everything, or of a partner, is nobody's tenant's alone.
ALTER TABLE scaivault.identity_syncs ENABLE ROW LEVEL SECURITY;
CREATE POLICY identity_syncs_tenant ON scaivault.identity_syncs
    USING (tenant_id IS NULL OR scaivault.tenant_visible(tenant_id))
    WITH CHECK (tenant_id IS NULL OR scaivault.tenant_visible(tenant_id));
ALTER TABLE scaivault.identity_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY identity_events_tenant ON scaivault.identity_events USING (scaivault.tenant_visible(tenant_id))
    WITH CHECK (scaivault.tenant_visible(tenant_id));
