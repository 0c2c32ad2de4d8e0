DELETE FROM scaiflow.catalog_audience WHERE author;
DROP INDEX scaiflow.catalog_audience_list_idx;
ALTER TABLE scaiflow.catalog_audience DROP CONSTRAINT catalog_audience_pkey;
ALTER TABLE scaiflow.catalog_audience DROP COLUMN author;
ALTER TABLE scaiflow.catalog_audience RENAME COLUMN reader_id TO group_id;
ALTER TABLE scaiflow.catalog_audience ADD CONSTRAINT catalog_audience_pkey PRIMARY KEY (tenant_id, package_id, group_id);
CREATE INDEX catalog_audience_list_idx ON scaiflow.catalog_audience (tenant_id, group_id, listed_at DESC, package_id);
CREATE INDEX catalog_packages_author_idx ON scaiflow.catalog_packages (tenant_id, author_id, updated_at DESC, package_id)
    WHERE deleted_at IS NULL;

CREATE OR REPLACE FUNCTION scaiflow.catalog_package_changed() RETURNS trigger
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
