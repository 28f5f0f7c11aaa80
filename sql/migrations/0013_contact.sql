-- What goes on after a product has left: signposts asked and answered, facts taken back from whoever received them,
-- what referrers are told. No content: the words are in the sealed messages, and in letters that only their
-- recipients open.

-- Letters that are due, whoever they are for.
CREATE INDEX letter_todo_due ON mash.letter_todo (next_try);

COMMENT ON TABLE mash.setting IS
    'Facts of this hub: realm, origin (of the ledger), clock_offset_s; letter_tick_seconds, signpost_days and recall_days where they are not the defaults.';
