DROP TABLE scaivault.sweep_users, scaivault.sweep_groups, scaivault.sweep_members, scaivault.sweep_frozen,
           scaivault.sweep_effective, scaivault.identity_events, scaivault.identity_syncs;
DROP SEQUENCE scaivault.sweep_walks;
ALTER TABLE scaivault.memberships DROP COLUMN upstream_at;
ALTER TABLE scaivault.groups DROP COLUMN upstream_at, DROP COLUMN status;
ALTER TABLE scaivault.users DROP COLUMN upstream_at, DROP COLUMN seen_by;
ALTER TABLE scaivault.tenants DROP COLUMN upstream_at, DROP COLUMN swept_at;
