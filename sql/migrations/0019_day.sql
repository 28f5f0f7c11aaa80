-- The day that a release is judged on comes with the policies in force; what it stands on says it no second time.
DROP FUNCTION IF EXISTS door.hub_share_basis(text, uuid, uuid, text, text, bytea);
DROP FUNCTION IF EXISTS door.hub_emergency_basis(text, uuid, uuid, text);
