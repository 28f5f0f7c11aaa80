-- What refuses to share, found among all else: by its own act, as an answer that is a refusal, or as the refusal of a
-- command that shares.
CREATE INDEX ledger_row_sharing ON mash.ledger_row (idx)
    WHERE split_part(encode(substring(body FROM nullif(position('\x0a61637420'::bytea IN body), 0) + 5 FOR 100), 'escape'),
                     E'\n', 1)
          IN ('authorisation', 'choice', 'signpost_reply')
       OR split_part(encode(substring(body FROM nullif(position('\x0a61637420'::bytea IN body), 0) + 5 FOR 100), 'escape'),
                     E'\n', 1) = 'answer'
      AND position('\x0a6f7574636f6d6520726566757365640a'::bytea IN body) > 0
       OR split_part(encode(substring(body FROM nullif(position('\x0a61637420'::bytea IN body), 0) + 5 FOR 100), 'escape'),
                     E'\n', 1) = 'refuse'
      AND (position('\x0a636f6d6d616e642073686172650a'::bytea IN body) > 0
           OR position('\x0a636f6d6d616e6420656d657267656e63790a'::bytea IN body) > 0);

-- An answer that refuses says why, from the list refusal_reason.
ALTER TYPE mash.work ADD ATTRIBUTE refusal text;
DROP FUNCTION IF EXISTS door.hub_take(
    text[], uuid[], uuid[], bytea[], bytea[], uuid[], text[], text[], text[], bigint[], uuid[], uuid[], text[], text[], bytea[],
    bigint[], text[], bytea[], bigint[], uuid[], text[], text[], bigint[], bytea[]);

-- A SIRO's functions read the class's own default through their windows (72_siro_withholding.sql), not the table.
REVOKE SELECT (class, sensitivity, default_tier) ON mash.info_class FROM mash_siro_reader;

-- Looks without a purpose.
DROP FUNCTION IF EXISTS door.hub_view(text, uuid, text);
DROP FUNCTION IF EXISTS door.hub_product(text, uuid);
