DROP INDEX scaivault.secrets_deleted_idx;
