-- An owner's words may be too much for one letter: what that keeps in is told apart.
ALTER TABLE mash.cut DROP CONSTRAINT cut_kept,
                     ADD CONSTRAINT cut_kept CHECK (kept IN ('', 'words', 'held', 'corrected', 'replaced', 'own',
                                                             'too_large', 'unread')) NOT VALID;
