DROP VIEW scaigrid.shown_checkpoints;
DROP TABLE scaigrid.hook_secrets, scaigrid.schedule_firings, scaigrid.schedules, scaigrid.events, scaigrid.event_positions,
    scaigrid.checkpoints, scaigrid.busy_instances, scaigrid.execution_answers, scaigrid.executions, scaigrid.run_modules;
