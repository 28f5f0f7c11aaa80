-- How far the hub has looked whether what was taken in is being worked on (32_check.sql). Not evidence: a
-- short cut for the hub alone; mash.ledger_check() and mash-verify look at the whole ledger without it.
CREATE TABLE mash.reconciled (
    one    boolean NOT NULL DEFAULT true,
    size   bigint  NOT NULL,
    listed bigint  NOT NULL,
    CONSTRAINT reconciled_pk PRIMARY KEY (one),
    CONSTRAINT reconciled_one CHECK (one)
);
COMMENT ON TABLE mash.reconciled IS 'One row: leaves below size were looked at; those on the list mash.unsettled up to idx listed were looked at again.';
INSERT INTO mash.reconciled (size, listed) VALUES (0, -1);

CREATE TABLE mash.unsettled (
    idx bigint NOT NULL,
    CONSTRAINT unsettled_pk PRIMARY KEY (idx)
);
COMMENT ON TABLE mash.unsettled IS 'Leaves below reconciled.size whose message is not worked in yet, or whose enquiry is not decided. All others are settled for ever, because leaves are.';
