-- What nobody read is written no more, and functions whose parameters have new names go, to be made anew.
ALTER TABLE mash.mention DROP COLUMN person_ref;

COMMENT ON TABLE mash.setting IS
    'Facts of this hub: realm, origin (of the ledger), clock_offset_s. Times that are not the defaults of mash.setting_number: letter_tick_seconds, signpost_days, recall_days, justification_hours, undecided_days, unendorsed_days, review_days.';

-- Views that asked for it are made anew with the functions.
DROP FUNCTION IF EXISTS mash.setting_days(text) CASCADE;
DROP FUNCTION IF EXISTS mash.setting_number(text, double precision);
DROP FUNCTION IF EXISTS mash.due_in(text, integer);
DROP FUNCTION IF EXISTS mash.climbed_to(text, uuid);
DROP FUNCTION IF EXISTS mash.cuts_put(uuid, uuid[], text[], bigint[], bigint[], text[], text[], bigint[], text[]);
DROP FUNCTION IF EXISTS door.hub_share(text, uuid, uuid, uuid, text, text, text, bytea, bytea, bytea, uuid, bytea, uuid,
    bytea, uuid[], text[], bigint[], bigint[], text[], text, text, text[], bigint[], text[]);
DROP FUNCTION IF EXISTS door.hub_emergency(text, uuid, uuid, uuid, bigint, boolean, text, text, bytea, bytea, bytea, uuid,
    bytea, uuid, bytea, uuid[], text[], bigint[], bigint[], text[], text, text, text[], bigint[], text[]);
DROP FUNCTION IF EXISTS door.hub_policy_rehearse(text, text, bytea, text, uuid, bigint);
DROP FUNCTION IF EXISTS door.hub_take(
    text[], uuid[], uuid[], bytea[], bytea[], uuid[], text[], text[], text[], bigint[], uuid[], uuid[], text[], text[], bytea[],
    bigint[], text[], bytea[], bigint[], uuid[], text[], text[], bigint[], bytea[], text[]);
