-- The list of deleted secrets, in path order: what is deleted is little beside what is not.
CREATE INDEX secrets_deleted_idx ON scaivault.secrets (tenant_id, path) WHERE deleted_at IS NOT NULL;
