DROP TABLE scaigrid.bunkers, scaigrid.hitl_patterns, scaigrid.queue_audit, scaigrid.queue_subscriptions,
    scaigrid.message_keys, scaigrid.messages, scaigrid.queue_depths, scaigrid.queues, scaigrid.queue_scopes CASCADE;
DROP FUNCTION scaigrid.count_messages();
DROP FUNCTION scaigrid.time_text(timestamptz);
