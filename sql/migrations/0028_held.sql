-- Whoever ever held something at source is found at once: mash.ever_held says the same to the letter.
CREATE INDEX ledger_row_held ON mash.ledger_row (idx)
    WHERE split_part(encode(substring(body FROM nullif(position('\x0a61637420'::bytea IN body), 0) + 5 FOR 100), 'escape'),
                     E'\n', 1) = 'choice'
      AND position('\x0a68656c64207965730a'::bytea IN body) > 0;
