-- The trail stays; its monthly partitions and the seals go on as they are.
DROP FUNCTION scaivault.audit_reclaim(bigint), scaivault.audit_retire(text, bigint), scaivault.audit_make_partitions(integer);
DROP TABLE scaivault.audit_exports, scaivault.audit_anchors, scaivault.audit_retention;
