-- An emergency release tells whose information-sharing agreement was over.
ALTER TABLE mash.emergency ADD COLUMN agreements_over text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN mash.emergency.agreements_over IS 'Of the owners whose words left and the recipient: it warns and is recorded, and stops nothing.';
GRANT SELECT (agreements_over) ON mash.emergency TO mash_siro_reader;

-- They return it, too.
DROP FUNCTION IF EXISTS door.hub_emergency(text, uuid, uuid, uuid, bigint, boolean, text, text, bytea, bytea, bytea, uuid,
    bytea, uuid, bytea, uuid[], text[], bigint[], bigint[], text[], text, text, text[], bigint[], text[]);
DROP FUNCTION IF EXISTS door.hub_emergencies(boolean), mash.emergencies(uuid);
DROP VIEW IF EXISTS siro.emergencies;
DROP FUNCTION IF EXISTS siro.emergencies_now();
