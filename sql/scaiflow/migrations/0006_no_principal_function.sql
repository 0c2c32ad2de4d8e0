-- The gate reads users, tenants and memberships by a statement of its own since 0005; nobody calls the function any more.

DROP FUNCTION scaiflow.principal(text, text);
