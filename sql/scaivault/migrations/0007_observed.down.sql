DROP POLICY identity_events_tenant ON scaivault.identity_events;
ALTER TABLE scaivault.identity_events DISABLE ROW LEVEL SECURITY;
DROP POLICY identity_syncs_tenant ON scaivault.identity_syncs;
ALTER TABLE scaivault.identity_syncs DISABLE ROW LEVEL SECURITY;
DROP FUNCTION scaivault.observe(text[], boolean[], text[], text[], text[], text[], text[], text[]);
DROP FUNCTION scaivault.observers();
DROP INDEX scaivault.subscriptions_observers_idx;
DROP INDEX scaivault.webhooks_observers_idx;
