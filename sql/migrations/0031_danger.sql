-- An emergency share rates its enquiry red: its door is no longer told a rating.
DROP FUNCTION IF EXISTS door.hub_emergency(text, uuid, uuid, uuid, bigint, boolean, text, text, bytea, bytea, bytea, uuid,
    bytea, uuid, bytea, uuid[], text[], bigint[], bigint[], text[], text, text, text[], bigint[], text[]);

COMMENT ON COLUMN mash.rating.reason_id IS
    'The vault''s id of the reason''s key; NULL where the hub rated, or an emergency share did, which is justified.';
