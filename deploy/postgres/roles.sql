-- The two roles of nii-hub and its database, for a PostgreSQL server of your own, 15 or later. Run it once as an administrator:
--
--   psql --set=ON_ERROR_STOP=1 --file=deploy/postgres/roles.sql postgres
--   psql --command='\password nii_owner' postgres && psql --command='\password nii_service' postgres
--
-- then `nii migrate` (docs/how-to/operations.md, Roles of the database): it gives nii_service what each table needs and no more.
-- Tried by a test on a real PostgreSQL 18: the statements run, `nii migrate` runs as the owner, and the service's role can neither
-- make tables nor change the audit. Not tried: PostgreSQL 15 to 17.

CREATE ROLE nii_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
CREATE ROLE nii_service LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
CREATE DATABASE nii_hub OWNER nii_owner ENCODING 'UTF8' TEMPLATE template0;
-- nobody else connects, and nobody but the owner makes temporary tables
REVOKE ALL ON DATABASE nii_hub FROM PUBLIC;
GRANT CONNECT ON DATABASE nii_hub TO nii_service;
