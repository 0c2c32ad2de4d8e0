DROP INDEX scaiflow.group_children_child_idx;
