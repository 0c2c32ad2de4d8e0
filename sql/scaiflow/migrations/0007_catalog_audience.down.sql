DROP INDEX scaiflow.catalog_packages_author_idx;
DROP INDEX scaiflow.catalog_packages_tenant_idx;
DROP TRIGGER catalog_package_changed ON scaiflow.catalog_packages;
DROP FUNCTION scaiflow.catalog_package_changed();
DROP TABLE scaiflow.catalog_audience;
