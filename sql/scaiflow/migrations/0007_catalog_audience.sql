-- A list of the catalog walks one index for each way a package can reach its reader, so that it costs the same however
-- many packages he does not see. For packages shown to groups that index is a table of its own, kept by a trigger: an
-- index on the array would not be used below row-level security, since its operator is not leakproof.

CREATE TABLE scaiflow.catalog_audience (
    tenant_id   text COLLATE "C" NOT NULL,
    package_id  text COLLATE "C" NOT NULL,
    group_id    text COLLATE "C" NOT NULL,
    listed_at   timestamptz NOT NULL, -- updated_at of the package
    CONSTRAINT catalog_audience_pkey PRIMARY KEY (tenant_id, package_id, group_id),
    CONSTRAINT catalog_audience_package_fkey FOREIGN KEY (tenant_id, package_id)
        REFERENCES scaiflow.catalog_packages (tenant_id, package_id) ON DELETE CASCADE
);
CREATE INDEX catalog_audience_list_idx ON scaiflow.catalog_audience (tenant_id, group_id, listed_at DESC, package_id);
ALTER TABLE scaiflow.catalog_audience ENABLE ROW LEVEL SECURITY;
CREATE POLICY catalog_audience_tenant ON scaiflow.catalog_audience USING (scaiflow.tenant_visible(tenant_id))
    WITH CHECK (scaiflow.tenant_visible(tenant_id));
GRANT SELECT, INSERT, DELETE ON scaiflow.catalog_audience TO scaiflow_catalog;

CREATE FUNCTION scaiflow.catalog_package_changed() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM scaiflow.catalog_audience a WHERE a.tenant_id = NEW.tenant_id AND a.package_id = NEW.package_id;
    INSERT INTO scaiflow.catalog_audience (tenant_id, package_id, group_id, listed_at)
    SELECT DISTINCT NEW.tenant_id, NEW.package_id, g.id, NEW.updated_at
      FROM unnest(NEW.visibility_group_ids) AS g (id)
     WHERE NEW.visibility = 'groups' AND NEW.deleted_at IS NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER catalog_package_changed
    AFTER INSERT OR UPDATE OF visibility, visibility_group_ids, updated_at, deleted_at ON scaiflow.catalog_packages
    FOR EACH ROW EXECUTE FUNCTION scaiflow.catalog_package_changed();

INSERT INTO scaiflow.catalog_audience (tenant_id, package_id, group_id, listed_at)
SELECT DISTINCT c.tenant_id, c.package_id, g.id, c.updated_at
  FROM scaiflow.catalog_packages c CROSS JOIN LATERAL unnest(c.visibility_group_ids) AS g (id)
 WHERE c.visibility = 'groups' AND c.deleted_at IS NULL;

CREATE INDEX catalog_packages_tenant_idx ON scaiflow.catalog_packages (tenant_id, updated_at DESC, package_id)
    WHERE deleted_at IS NULL AND visibility = 'tenant';
CREATE INDEX catalog_packages_author_idx ON scaiflow.catalog_packages (tenant_id, author_id, updated_at DESC, package_id)
    WHERE deleted_at IS NULL;
