-- What corrects a message inherits what is chosen for it, and of each message that is akin the newest word counts: these
-- have other columns than they had, and are made anew with the functions.
DROP FUNCTION IF EXISTS mash.choice_of(text, uuid, text, timestamptz);
DROP FUNCTION IF EXISTS mash.tier_stricter(text, text, text);
DROP FUNCTION IF EXISTS mash.corrections_of(text, uuid);
DROP FUNCTION IF EXISTS door.hub_choices(uuid);
DROP FUNCTION IF EXISTS door.hub_items(uuid);
