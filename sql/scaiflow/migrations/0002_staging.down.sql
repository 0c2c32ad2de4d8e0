DROP TABLE scaiflow.sweep_users, scaiflow.sweep_groups, scaiflow.sweep_members, scaiflow.sweep_frozen, scaiflow.sweep_closure,
           scaiflow.sweep_user_diff, scaiflow.sweep_group_diff, scaiflow.sweep_membership_diff;
DROP SEQUENCE scaiflow.sweep_walks;
