-- Policies that begin on a day, the versions behind every digest, and what each item was when the rules were asked
-- about it: so that a new text can be tried on what has left already.
ALTER TABLE mash.policy_version ADD COLUMN valid_from date;
COMMENT ON COLUMN mash.policy_version.valid_from IS 'Signed with the text: from this day on, Europe/London. NULL: at once.';
COMMENT ON TABLE mash.policy_version IS 'One owner''s sentences as signed. In force on a day is the highest version that has begun by then; going back is signing the old text as a new version.';

ALTER TABLE mash.decision ADD COLUMN policy_digest bytea;
COMMENT ON COLUMN mash.decision.policy_digest IS 'The versions in force when it was taken: mash.policy_set.';

CREATE TABLE mash.policy_set (
    digest  bytea   NOT NULL,
    owner   text    NOT NULL,
    version integer NOT NULL,
    CONSTRAINT policy_set_pk PRIMARY KEY (digest, owner)
);
COMMENT ON TABLE mash.policy_set IS 'The versions of which a digest in a leaf speaks: SHA-256 over their digests, in the order of owners.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mash.policy_set
    FOR EACH ROW EXECUTE FUNCTION mash.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON mash.policy_set
    FOR EACH STATEMENT EXECUTE FUNCTION mash.refuse_change();

ALTER TABLE mash.product ADD COLUMN rating text,
                         ADD COLUMN day    date;
COMMENT ON COLUMN mash.product.rating IS 'The enquiry''s when the rules were asked, as day is. Committed to by the leaf''s "cuts".';

ALTER TABLE mash.cut ADD COLUMN tier       text,
                     ADD COLUMN summary    boolean,
                     ADD COLUMN prose      boolean,
                     ADD COLUMN authorised boolean,
                     ADD COLUMN desk       boolean,
                     ADD COLUMN kept       text,
                     ADD CONSTRAINT cut_kept CHECK (kept IN ('', 'always', 'words'));
COMMENT ON COLUMN mash.cut.rule_version IS 'The owner''s version that was asked; 0: none was in force.';
COMMENT ON COLUMN mash.cut.rule_line IS 'The rule that decided; 0: none did.';
COMMENT ON COLUMN mash.cut.tier IS 'Of the item when the rules were asked, as summary, prose, authorised (by its owner) and desk are; empty: not chosen.';
COMMENT ON COLUMN mash.cut.kept IS 'always: it stayed in whatever the rules say; words: it left in a lesser form or stayed, for whom it names.';

-- Made anew with what they take or answer since.
DROP FUNCTION IF EXISTS door.hub_policies_in_force();
DROP FUNCTION IF EXISTS door.hub_policy_load(text, text, bigint, bytea, text, text[], bytea[], bigint[], text[], text[], text[],
    text[], text[], text[], text[], text[], text[], text[], text[]);
DROP FUNCTION IF EXISTS door.hub_policy_list();
DROP FUNCTION IF EXISTS door.hub_share_basis(text, uuid, uuid, text, text);
DROP FUNCTION IF EXISTS door.hub_share(text, uuid, uuid, uuid, text, text, text, bytea, bytea, bytea, uuid, bytea, uuid,
    bytea, uuid[], text[], bigint[], bigint[], text[]);
DROP FUNCTION IF EXISTS door.hub_emergency(text, uuid, uuid, uuid, bigint, boolean, text, text, bytea, bytea, bytea, uuid,
    bytea, uuid, bytea, uuid[], text[], bigint[], bigint[], text[]);
DROP FUNCTION IF EXISTS door.hub_product(text, uuid);
DROP FUNCTION IF EXISTS door.hub_product(text, uuid, text);
DROP FUNCTION IF EXISTS door.hub_decide(text, uuid, bigint, bigint, uuid, uuid, text, text, bytea, bytea);
DROP FUNCTION IF EXISTS door.hub_decisions(uuid);
