-- What somebody has published reaches him by the same index as what is shown to his groups. An index on the packages'
-- authors would do, but a plan made without knowing the author may rather walk all packages in the order of the list.

ALTER TABLE scaiflow.catalog_audience ADD COLUMN author boolean NOT NULL DEFAULT false;
ALTER TABLE scaiflow.catalog_audience RENAME COLUMN group_id TO reader_id; -- the author, or a group
ALTER TABLE scaiflow.catalog_audience DROP CONSTRAINT catalog_audience_pkey,
    ADD CONSTRAINT catalog_audience_pkey PRIMARY KEY (tenant_id, package_id, author, reader_id);
DROP INDEX scaiflow.catalog_audience_list_idx;
CREATE INDEX catalog_audience_list_idx
    ON scaiflow.catalog_audience (tenant_id, author, reader_id, listed_at DESC, package_id);
DROP INDEX scaiflow.catalog_packages_author_idx;

CREATE OR REPLACE FUNCTION scaiflow.catalog_package_changed() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM scaiflow.catalog_audience a WHERE a.tenant_id = NEW.tenant_id AND a.package_id = NEW.package_id;
    INSERT INTO scaiflow.catalog_audience (tenant_id, package_id, author, reader_id, listed_at)
    SELECT DISTINCT NEW.tenant_id, NEW.package_id, r.author, r.id, NEW.updated_at
      FROM (SELECT true, NEW.author_id
            UNION ALL
            SELECT false, g.id FROM unnest(NEW.visibility_group_ids) AS g (id) WHERE NEW.visibility = 'groups')
           AS r (author, id)
     WHERE NEW.deleted_at IS NULL;
    RETURN NULL;
END
$$;

INSERT INTO scaiflow.catalog_audience (tenant_id, package_id, author, reader_id, listed_at)
SELECT c.tenant_id, c.package_id, true, c.author_id, c.updated_at
  FROM scaiflow.catalog_packages c
 WHERE c.deleted_at IS NULL;
