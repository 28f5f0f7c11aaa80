-- What an agency's people signed to change who speaks for it (16_people.sql). A key enrolled in the ceremony
-- has no row here: its leaf alone says so.
CREATE TABLE mash.people_act (
    leaf_index bigint      NOT NULL,
    agency     text        NOT NULL,
    act        text        NOT NULL,
    signatures text        NOT NULL,
    loaded_by  text        NOT NULL,
    loaded_at  timestamptz NOT NULL,
    CONSTRAINT people_act_pk PRIMARY KEY (leaf_index),
    CONSTRAINT people_act_act CHECK (act IN ('enrol', 'rotate', 'revoke', 'delegate', 'withdraw'))
);
COMMENT ON TABLE mash.people_act IS 'The signatures under each act of an agency''s people; what was signed is in the act''s leaf.';
COMMENT ON COLUMN mash.people_act.leaf_index IS 'The leaf of the act; a rotation''s is that of the new key.';
COMMENT ON COLUMN mash.people_act.signatures IS 'A line each: key id, blank, Ed25519 signature in hex. The hub verifies them whenever the register changes.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mash.people_act
    FOR EACH ROW EXECUTE FUNCTION mash.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON mash.people_act
    FOR EACH STATEMENT EXECUTE FUNCTION mash.refuse_change();
