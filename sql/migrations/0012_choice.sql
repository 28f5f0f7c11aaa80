-- An owner's later choices are leaves and nothing else: no row stands beside one that could be altered, taken away
-- or slipped in. They are found by the message that they speak of, along an index over the leaf's own text.
CREATE INDEX ledger_row_choice ON mash.ledger_row (
    (encode(substring(body FROM nullif(position('\x0a6f6620'::bytea IN body), 0) + 4 FOR 36), 'escape')::uuid))
    WHERE split_part(encode(substring(body FROM nullif(position('\x0a61637420'::bytea IN body), 0) + 5 FOR 100), 'escape'),
                     E'\n', 1) = 'choice';

INSERT INTO mash.setting (name, value) VALUES
    ('undecided_days', '3'),    -- working days in which an owner decides on what its class withholds
    ('unendorsed_days', '28'),  -- days in which two people endorse what an adapter sent as silent
    ('review_days', '365')      -- days after which what nobody dated is looked at again
ON CONFLICT DO NOTHING;

-- What a SIRO's own functions read beside 0008_siro.sql's.
GRANT SELECT (class, sensitivity, default_tier) ON mash.info_class TO mash_siro_reader;
