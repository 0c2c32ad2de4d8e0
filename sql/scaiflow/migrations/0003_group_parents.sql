-- From a group to the groups above it: what a member event and "why" walk. The primary key goes downwards only.
CREATE INDEX group_children_child_idx ON scaiflow.group_children (tenant_id, child_id);
