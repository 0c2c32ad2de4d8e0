DROP INDEX scaivault.secrets_rotation_idx;
DROP TABLE scaivault.rotation_history, scaivault.rotation_schedules, scaivault.rotation_policies, scaivault.secret_policies;
