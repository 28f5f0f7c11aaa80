-- The ledger: append-only leaves with dense indexes, the tree over them, and its signed heads.

-- When a leaf says that it happened; NULL where the text is no leaf. Not written into the column below: its
-- plan would cost every act more than the act's own row.
CREATE FUNCTION mash.leaf_at(p_body bytea) RETURNS timestamptz
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_at text := encode(substring(p_body FROM position('\x0a617420'::bytea IN p_body) + 4 FOR 28), 'escape');
    BEGIN
        RETURN CASE WHEN v_at LIKE E'____-__-__T__:__:__.______Z\n' THEN left(v_at, 26)::timestamp AT TIME ZONE 'UTC' END;
    END
    $$;

-- The columns beside a leaf's text are read from it: they cannot be set apart from what is hashed and signed.
-- NULL where the text is no leaf.
CREATE TABLE mash.ledger_leaf (
    idx      bigint      NOT NULL,
    at       timestamptz GENERATED ALWAYS AS (mash.leaf_at(body)) STORED,
    act      text        GENERATED ALWAYS AS (
                 split_part(encode(substring(body FROM nullif(position('\x0a61637420'::bytea IN body), 0) + 5
                                                  FOR 100), 'escape'), E'\n', 1)) STORED,
    agencies text[]      GENERATED ALWAYS AS (
                 (string_to_array(encode(substring(body FROM 1 FOR
                      nullif(position('\x0a6163746f7220'::bytea IN body), 0) - 1), 'escape'), E'\nagency '))[2:]) STORED,
    actor    text        GENERATED ALWAYS AS (
                 split_part(encode(substring(body FROM nullif(position('\x0a6163746f7220'::bytea IN body), 0) + 7
                                                  FOR 200), 'escape'), E'\n', 1)) STORED,
    subject  uuid        GENERATED ALWAYS AS (
                 encode(substring(body FROM nullif(position('\x0a7375626a65637420'::bytea IN body), 0) + 9
                                       FOR 36), 'escape')::uuid) STORED,
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
