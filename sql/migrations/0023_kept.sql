-- What kept an item in is told apart. Rows from before say "always", which is read as what could not be asked.
ALTER TABLE mash.cut DROP CONSTRAINT cut_kept,
                     ADD CONSTRAINT cut_kept CHECK (kept IN ('', 'words', 'held', 'corrected', 'replaced', 'own', 'unread')) NOT VALID;
COMMENT ON COLUMN mash.cut.kept IS 'words: it left in a lesser form or stayed, for whom it names; any other: it stayed in whatever the rules say.';
