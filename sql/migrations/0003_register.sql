-- The register: agencies, their keys, the hub's staff. Every change has a leaf that holds the key's
-- digest, and programs compare at load: a row slipped in by hand is not obeyed (R7, R8).
CREATE TABLE mash.agency (
    agency      text        NOT NULL,
    name        text        NOT NULL,
    type        text        NOT NULL,
    desk        text        NOT NULL,
    enrolled_at timestamptz NOT NULL,
    CONSTRAINT agency_pk PRIMARY KEY (agency),
    CONSTRAINT agency_code CHECK (agency ~ '^[a-z][a-z0-9-]{1,30}$')
);
COMMENT ON COLUMN mash.agency.desk IS 'How a professional reaches the owner: stands in signposts.';

CREATE TABLE mash.agency_key (
    key_id      text        NOT NULL,
    agency      text        NOT NULL,
    kind        text        NOT NULL,
    public      bytea       NOT NULL,
    holder      text,
    valid_from  timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    leaf_index  bigint      NOT NULL,
    CONSTRAINT agency_key_pk PRIMARY KEY (key_id),
    CONSTRAINT agency_key_kind CHECK (kind IN ('transport', 'origin', 'letter', 'witness', 'people')),
    CONSTRAINT agency_key_length CHECK (octet_length(public) = 32)
);
COMMENT ON COLUMN mash.agency_key.key_id IS 'First 16 hex digits of SHA-256(public).';
COMMENT ON COLUMN mash.agency_key.kind IS 'transport: CURVE. origin: signs submissions and receipts. letter: X25519. witness: cosigns. people: signs policy.';
COMMENT ON COLUMN mash.agency_key.holder IS 'people keys only: the post that holds it, e.g. police-siro.';

CREATE TABLE mash.key_revocation (
    key_id     text        NOT NULL,
    revoked_at timestamptz NOT NULL,
    reason     text        NOT NULL,
    leaf_index bigint      NOT NULL,
    CONSTRAINT key_revocation_pk PRIMARY KEY (key_id)
);
COMMENT ON TABLE mash.key_revocation IS 'A revoked key is never used again; agency and staff keys alike.';

CREATE TABLE mash.staff (
    staff       text        NOT NULL,
    key_id      text        NOT NULL,
    public      bytea       NOT NULL,
    roles       text[]      NOT NULL,
    enrolled_at timestamptz NOT NULL,
    leaf_index  bigint      NOT NULL,
    CONSTRAINT staff_pk PRIMARY KEY (staff, key_id),
    CONSTRAINT staff_code CHECK (staff ~ '^[a-z][a-z0-9.-]{1,30}$')
);
COMMENT ON TABLE mash.staff IS 'Members of the hub: a user name, the CURVE key of their mashctl, their roles.';

CREATE TABLE mash.session (
    key_id  text        NOT NULL,
    staff   text        NOT NULL,
    since   timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    CONSTRAINT session_pk PRIMARY KEY (key_id)
);
COMMENT ON TABLE mash.session IS 'Who is working with which key: after 15 silent minutes the next command is a sign-in. Not evidence; the leaf is.';
