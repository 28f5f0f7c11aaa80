-- What tells of a choice tells of which message it was made, so that these have columns that they had not. They are made
-- anew with the functions, and so is what stands on them.
DROP FUNCTION IF EXISTS mash.choice_of(text, uuid, text, timestamptz);
DROP FUNCTION IF EXISTS mash.tier_at(mash.item, timestamptz) CASCADE;
DROP FUNCTION IF EXISTS door.hub_choices(uuid);
DROP FUNCTION IF EXISTS door.hub_items(uuid);
DROP FUNCTION IF EXISTS door.hub_withholding(uuid, boolean, bigint);
DROP FUNCTION IF EXISTS siro.silent_now() CASCADE;
DROP FUNCTION IF EXISTS siro.withholding_register_now() CASCADE;
