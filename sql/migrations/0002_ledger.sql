-- The ledger: append-only leaves with dense indexes, the tree over them, and its signed heads.

-- What a leaf says of itself, read from its text: the columns cannot be set apart from what is hashed and
-- signed. NULL where the text is no leaf. Bodies of this form are bound to their objects (nothing to pin)
-- and are inlined: intake writes hundreds of leaves at once.
CREATE FUNCTION mash.leaf_at(p_body bytea) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN split_part(encode(p_body, 'escape'), E'\n', 3) LIKE 'at ____-__-__T__:__:__.______Z'
                THEN make_timestamp(substr(split_part(encode(p_body, 'escape'), E'\n', 3), 4, 4)::integer,
                                    substr(split_part(encode(p_body, 'escape'), E'\n', 3), 9, 2)::integer,
                                    substr(split_part(encode(p_body, 'escape'), E'\n', 3), 12, 2)::integer,
                                    substr(split_part(encode(p_body, 'escape'), E'\n', 3), 15, 2)::integer,
                                    substr(split_part(encode(p_body, 'escape'), E'\n', 3), 18, 2)::integer,
                                    substr(split_part(encode(p_body, 'escape'), E'\n', 3), 21, 9)::double precision)
                     AT TIME ZONE 'UTC' END;
CREATE FUNCTION mash.leaf_act(p_body bytea) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN split_part(encode(p_body, 'escape'), E'\n', 4) LIKE 'act _%'
                THEN substr(split_part(encode(p_body, 'escape'), E'\n', 4), 5) END;
-- Between the act and the first "actor" there are agencies only.
CREATE FUNCTION mash.leaf_agencies(p_body bytea) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (string_to_array(split_part(encode(p_body, 'escape'), E'\nactor ', 1), E'\nagency '))[2:];
CREATE FUNCTION mash.leaf_actor(p_body bytea) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN nullif(split_part(split_part(encode(p_body, 'escape'), E'\nactor ', 2), E'\n', 1), '');
CREATE FUNCTION mash.leaf_subject(p_body bytea) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN split_part(split_part(encode(p_body, 'escape'), E'\nactor ', 2), E'\n', 2) LIKE 'subject %'
                THEN substr(split_part(split_part(encode(p_body, 'escape'), E'\nactor ', 2), E'\n', 2), 9)::uuid END;

CREATE TABLE mash.ledger_leaf (
    idx      bigint      NOT NULL,
    at       timestamptz GENERATED ALWAYS AS (mash.leaf_at(body)) STORED,
    act      text        GENERATED ALWAYS AS (mash.leaf_act(body)) STORED,
    agencies text[]      GENERATED ALWAYS AS (mash.leaf_agencies(body)) STORED,
    actor    text        GENERATED ALWAYS AS (mash.leaf_actor(body)) STORED,
    subject  uuid        GENERATED ALWAYS AS (mash.leaf_subject(body)) STORED,
    body     bytea       NOT NULL,
    hash     bytea       NOT NULL,
    CONSTRAINT ledger_leaf_pk PRIMARY KEY (idx),
    CONSTRAINT ledger_leaf_idx CHECK (idx >= 0),
    CONSTRAINT ledger_leaf_form CHECK (at IS NOT NULL AND act IS NOT NULL AND agencies IS NOT NULL AND actor IS NOT NULL),
    CONSTRAINT ledger_leaf_hash_length CHECK (octet_length(hash) = 32)
);
COMMENT ON TABLE mash.ledger_leaf IS 'One row per act, for ever. body is the leaf; the other columns are read from it, for search.';
COMMENT ON COLUMN mash.ledger_leaf.idx IS 'Dense: rows = ledger_head.size in every snapshot (R18). A row past the head is obeyed by nobody.';
COMMENT ON COLUMN mash.ledger_leaf.agencies IS 'Whose information the act concerns; their SIROs see the row.';
COMMENT ON COLUMN mash.ledger_leaf.subject IS 'The message, enquiry, item, product or letter acted on.';
COMMENT ON COLUMN mash.ledger_leaf.hash IS 'SHA-256(0x00 || body), RFC 6962.';
CREATE INDEX ledger_leaf_subject ON mash.ledger_leaf (subject, act);
CREATE INDEX ledger_leaf_agencies ON mash.ledger_leaf USING gin (agencies);

CREATE TABLE mash.ledger_head (
    one    boolean NOT NULL DEFAULT true,
    size   bigint  NOT NULL,
    folded bigint  NOT NULL,
    CONSTRAINT ledger_head_pk PRIMARY KEY (one),
    CONSTRAINT ledger_head_one CHECK (one),
    CONSTRAINT ledger_head_folded CHECK (folded <= size)
);
COMMENT ON TABLE mash.ledger_head IS 'One row: how many leaves there are, and how many the node table covers.';
INSERT INTO mash.ledger_head (size, folded) VALUES (0, 0);

CREATE TABLE mash.ledger_node (
    level smallint NOT NULL,
    idx   bigint   NOT NULL,
    hash  bytea    NOT NULL,
    CONSTRAINT ledger_node_pk PRIMARY KEY (level, idx)
);
COMMENT ON TABLE mash.ledger_node IS 'Roots of complete subtrees of 2^level leaves; level 0 is the leaf hash. Written by the notary''s fold.';

CREATE TABLE mash.checkpoint (
    size      bigint      NOT NULL,
    root      bytea       NOT NULL,
    note      text        NOT NULL,
    signed_at timestamptz NOT NULL,
    CONSTRAINT checkpoint_pk PRIMARY KEY (size)
);
COMMENT ON TABLE mash.checkpoint IS 'Every signed head ever published (C2SP note).';

CREATE TABLE mash.cosignature (
    size        bigint      NOT NULL,
    agency      text        NOT NULL,
    line        text        NOT NULL,
    received_at timestamptz NOT NULL,
    CONSTRAINT cosignature_pk PRIMARY KEY (size, agency)
);
COMMENT ON TABLE mash.cosignature IS 'A witness''s word that a checkpoint extends the last one it saw.';
