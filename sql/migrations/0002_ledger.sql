-- The ledger: append-only leaves with dense indexes, the tree over them, and its signed heads.

-- Nothing stands beside a leaf's text that could be set apart from what is hashed and signed: what else is told of
-- it is read from it, by the view below and by the indexes. The form is one comparison, because a check is made
-- ready anew at every statement, and what is long costs more than the row.
CREATE TABLE mash.ledger_row (
    idx  bigint NOT NULL,
    body bytea  NOT NULL,
    hash bytea  NOT NULL,
    CONSTRAINT ledger_row_pk PRIMARY KEY (idx),
    CONSTRAINT ledger_row_idx CHECK (idx >= 0),
    CONSTRAINT ledger_row_hash_length CHECK (octet_length(hash) = 32),
    CONSTRAINT ledger_row_form CHECK (
        body LIKE E'mash-leaf/1\nrealm %\nat ____-__-__T__:__:__.______Z\nact %\nactor %\n%')
);
COMMENT ON TABLE mash.ledger_row IS 'One row per act, for ever. To be read as mash.ledger_leaf.';
COMMENT ON COLUMN mash.ledger_row.idx IS 'Dense: rows = ledger_head.size in every snapshot (R18). A row past the head is obeyed by nobody.';
COMMENT ON COLUMN mash.ledger_row.body IS 'The leaf: text, one "key value" a line.';
COMMENT ON COLUMN mash.ledger_row.hash IS 'SHA-256(0x00 || body), RFC 6962.';

-- A look-up finds its index only where the view says the same, to the letter. Neither calls a function of ours: an
-- index made while that function was another would tell lies that nobody sees.
CREATE INDEX ledger_row_subject ON mash.ledger_row (
    (encode(substring(body FROM nullif(position('\x0a7375626a65637420'::bytea IN body), 0) + 9 FOR 36), 'escape')::uuid),
    split_part(encode(substring(body FROM nullif(position('\x0a61637420'::bytea IN body), 0) + 5 FOR 100), 'escape'),
               E'\n', 1));
CREATE INDEX ledger_row_agencies ON mash.ledger_row USING gin (
    ((string_to_array(encode(substring(body FROM 1 FOR nullif(position('\x0a6163746f7220'::bytea IN body), 0) - 1),
                             'escape'), E'\nagency '))[2:]));
-- The register's own leaves among millions of others.
CREATE INDEX ledger_row_register ON mash.ledger_row (idx) WHERE
    split_part(encode(substring(body FROM nullif(position('\x0a61637420'::bytea IN body), 0) + 5 FOR 100), 'escape'),
               E'\n', 1) = 'key';

CREATE VIEW mash.ledger_leaf AS
    SELECT idx,
           encode(substring(body FROM nullif(position('\x0a617420'::bytea IN body), 0) + 4 FOR 27), 'escape')::timestamptz AS at,
           split_part(encode(substring(body FROM nullif(position('\x0a61637420'::bytea IN body), 0) + 5 FOR 100), 'escape'),
                      E'\n', 1) AS act,
           (string_to_array(encode(substring(body FROM 1 FOR nullif(position('\x0a6163746f7220'::bytea IN body), 0) - 1),
                                   'escape'), E'\nagency '))[2:] AS agencies,
           split_part(encode(substring(body FROM nullif(position('\x0a6163746f7220'::bytea IN body), 0) + 7 FOR 200), 'escape'),
                      E'\n', 1) AS actor,
           encode(substring(body FROM nullif(position('\x0a7375626a65637420'::bytea IN body), 0) + 9 FOR 36), 'escape')::uuid
               AS subject,
           body, hash
      FROM mash.ledger_row;
COMMENT ON VIEW mash.ledger_leaf IS 'The ledger as everything reads it. NULL: the text does not say.';
COMMENT ON COLUMN mash.ledger_leaf.agencies IS 'Whose information the act concerns; their SIROs see the row.';
COMMENT ON COLUMN mash.ledger_leaf.subject IS 'The message, enquiry, item, product or letter acted on.';

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
