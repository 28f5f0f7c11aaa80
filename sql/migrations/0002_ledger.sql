-- The ledger: append-only leaves with dense indexes, the tree over them, and its signed heads.
CREATE TABLE mash.ledger_leaf (
    idx      bigint      NOT NULL,
    at       timestamptz NOT NULL,
    act      text        NOT NULL,
    agencies text[]      NOT NULL,
    actor    text        NOT NULL,
    subject  uuid,
    body     bytea       NOT NULL,
    hash     bytea       NOT NULL,
    CONSTRAINT ledger_leaf_pk PRIMARY KEY (idx),
    CONSTRAINT ledger_leaf_hash_length CHECK (octet_length(hash) = 32)
);
COMMENT ON TABLE mash.ledger_leaf IS 'One row per act, for ever. body is the leaf; the other columns repeat parts of it for search.';
COMMENT ON COLUMN mash.ledger_leaf.idx IS 'Dense: rows = ledger_head.size in every snapshot (R18).';
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
