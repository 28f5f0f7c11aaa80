-- What refuses to share, found among all else: by its own act, or as the refusal of a command that shares.
CREATE INDEX ledger_row_sharing ON mash.ledger_row (idx)
    WHERE split_part(encode(substring(body FROM nullif(position('\x0a61637420'::bytea IN body), 0) + 5 FOR 100), 'escape'),
                     E'\n', 1)
          IN ('authorisation', 'choice', 'signpost_reply')
       OR split_part(encode(substring(body FROM nullif(position('\x0a61637420'::bytea IN body), 0) + 5 FOR 100), 'escape'),
                     E'\n', 1) = 'refuse'
      AND position('\x0a636f6d6d616e642073686172650a'::bytea IN body) > 0;

-- A SIRO's functions read the class's own default through their windows (72_siro_withholding.sql), not the table.
REVOKE SELECT (class, sensitivity, default_tier) ON mash.info_class FROM mash_siro_reader;

-- Looks without a purpose.
DROP FUNCTION IF EXISTS door.hub_view(text, uuid, text);
DROP FUNCTION IF EXISTS door.hub_product(text, uuid);
