-- The roles of a key store in PostgreSQL: one owns the tables, the others use them and can do no more than they must.
-- Run it as an administrator of the database, after `hsm store prepare` ran as hsm_owner:
--
--   CREATE ROLE hsm_owner LOGIN; GRANT CREATE ON SCHEMA public TO hsm_owner;     -- before hsm store prepare
--   psql -d keys -f client/sql/roles.sql
--   GRANT hsm_operator TO alice; GRANT hsm_application TO web;
--
-- Nobody but the owner deletes a row: keys are destroyed by taking their wrapped form away, the journal only grows.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hsm_application') THEN CREATE ROLE hsm_application NOLOGIN; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hsm_operator') THEN CREATE ROLE hsm_operator NOLOGIN; END IF;
END
$$;

REVOKE ALL ON hsm_schema, mek, lineage, key, signing_key, journal, journal_head FROM PUBLIC;

-- Encrypts, decrypts, signs: reads, and counts the use of keys. Where data keys rotate by themselves (auto-rotate) it must be an operator.
GRANT SELECT ON hsm_schema, mek, lineage, key, signing_key, journal, journal_head TO hsm_application;
GRANT UPDATE (messages, bytes) ON key TO hsm_application;

-- Makes, rotates and retires keys, which is written down.
GRANT hsm_application TO hsm_operator;
GRANT INSERT ON mek, lineage, key, signing_key, journal TO hsm_operator;
GRANT UPDATE ON lineage, key, journal_head TO hsm_operator;
GRANT UPDATE (deletes, destroyed) ON mek TO hsm_operator;
GRANT UPDATE (retire_at, remove_at) ON signing_key TO hsm_operator;
