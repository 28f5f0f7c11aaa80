-- What leaves: policy, products, letters. Both versions and every cut are kept (S41).
CREATE TABLE mash.policy_version (
    owner      text        NOT NULL,
    version    integer     NOT NULL,
    digest     bytea       NOT NULL,
    text       text        NOT NULL,
    loaded_by  text        NOT NULL,
    loaded_at  timestamptz NOT NULL,
    CONSTRAINT policy_version_pk PRIMARY KEY (owner, version)
);
COMMENT ON TABLE mash.policy_version IS 'One owner''s sentences as signed. The highest version is in force; going back is signing the old text as a new version.';
COMMENT ON COLUMN mash.policy_version.digest IS 'SHA-256 of text.';

CREATE TABLE mash.policy_signature (
    owner     text    NOT NULL,
    version   integer NOT NULL,
    key_id    text    NOT NULL,
    signature bytea   NOT NULL,
    CONSTRAINT policy_signature_pk PRIMARY KEY (owner, version, key_id)
);

CREATE TABLE mash.policy_rule (
    owner            text    NOT NULL,
    version          integer NOT NULL,
    line             integer NOT NULL,
    effect           text    NOT NULL,
    class            text    NOT NULL,
    recipient_kind   text    NOT NULL,
    recipient        text    NOT NULL,
    purpose          text    NOT NULL,
    least_rating     text    NOT NULL,
    show             text    NOT NULL,
    signpost         boolean NOT NULL,
    owner_authorises boolean NOT NULL,
    valid_from       date,
    valid_until      date,
    CONSTRAINT policy_rule_pk PRIMARY KEY (owner, version, line)
);
COMMENT ON TABLE mash.policy_rule IS 'The sentences as rows, one to one: for questions in SQL and for the SIRO.';

CREATE TABLE mash.product (
    product_id    uuid        NOT NULL,
    enquiry_id    uuid        NOT NULL,
    decision_id   uuid        NOT NULL,
    recipient     text        NOT NULL,
    purpose       text        NOT NULL,
    gateway       text        NOT NULL,
    digest        bytea       NOT NULL,
    policy_digest bytea       NOT NULL,
    shared        bytea       NOT NULL,
    full_id       uuid        NOT NULL,
    full_version  bytea       NOT NULL,
    released_by   text        NOT NULL,
    released_at   timestamptz NOT NULL,
    letter_id     uuid        NOT NULL,
    CONSTRAINT product_pk PRIMARY KEY (product_id)
);
COMMENT ON COLUMN mash.product.shared IS 'Sealed: what left.';
COMMENT ON COLUMN mash.product.full_id IS 'The vault''s id of the full version''s key: it can be erased alone.';
COMMENT ON COLUMN mash.product.full_version IS 'Sealed: what was exchanged inside, before the cuts.';
COMMENT ON COLUMN mash.product.policy_digest IS 'SHA-256 over the digests of the versions asked, in the order of owners.';
CREATE INDEX product_enquiry ON mash.product (enquiry_id);

CREATE TABLE mash.cut (
    product_id   uuid    NOT NULL,
    item_id      uuid    NOT NULL,
    owner        text    NOT NULL,
    class        text    NOT NULL,
    verdict      text    NOT NULL,
    rule_version integer,
    rule_line    integer,
    reason       text    NOT NULL,
    CONSTRAINT cut_pk PRIMARY KEY (product_id, item_id)
);
COMMENT ON TABLE mash.cut IS 'What became of every item in the frozen set, and by which rule. verdict: full, summary, fact, signpost, silent.';

CREATE TABLE mash.letter (
    letter_id  uuid        NOT NULL,
    agency     text        NOT NULL,
    kind       text        NOT NULL,
    sealed     bytea       NOT NULL,
    put_at     timestamptz NOT NULL,
    CONSTRAINT letter_pk PRIMARY KEY (letter_id)
);
COMMENT ON TABLE mash.letter IS 'Sealed to the recipient''s key: nobody in the hub can open it again.';

CREATE TABLE mash.letter_todo (
    letter_id uuid        NOT NULL,
    agency    text        NOT NULL,
    attempts  integer     NOT NULL,
    next_try  timestamptz NOT NULL,
    CONSTRAINT letter_todo_pk PRIMARY KEY (letter_id)
);
COMMENT ON TABLE mash.letter_todo IS 'The courier''s work list; gone with the receipt. Not evidence.';
CREATE INDEX letter_todo_agency ON mash.letter_todo (agency, next_try);

CREATE TABLE mash.receipt (
    letter_id   uuid        NOT NULL,
    agency      text        NOT NULL,
    outcome     text        NOT NULL,
    digest      bytea       NOT NULL,
    head        bytea       NOT NULL,
    signature   bytea       NOT NULL,
    received_at timestamptz NOT NULL,
    CONSTRAINT receipt_pk PRIMARY KEY (letter_id)
);
COMMENT ON TABLE mash.receipt IS 'The recipient''s signed proof of delivery, as it came.';
