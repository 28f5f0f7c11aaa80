-- Which messages an enquiry has, as the ledger says: whoever takes a row away takes no word out of the enquiry.
CREATE INDEX ledger_row_arrived ON mash.ledger_row (
    (encode(substring(body FROM nullif(position('\x0a656e717569727920'::bytea IN body), 0) + 9 FOR 36), 'escape')))
    WHERE split_part(encode(substring(body FROM nullif(position('\x0a61637420'::bytea IN body), 0) + 5 FOR 100), 'escape'),
                     E'\n', 1) IN ('process', 'answer', 'correction');

-- The index is found where this says the same, to the letter.
CREATE VIEW mash.arrived AS
    SELECT l.idx, l.act, l.agencies[1] AS agency, l.subject AS message_id,
           encode(substring(l.body FROM nullif(position('\x0a656e717569727920'::bytea IN l.body), 0) + 9 FOR 36), 'escape')
               AS enquiry,
           l.body
      FROM mash.ledger_leaf l
     WHERE l.act IN ('process', 'answer', 'correction') AND l.idx < (SELECT h.size FROM mash.ledger_head h);
COMMENT ON VIEW mash.arrived IS 'What came into enquiries, from the leaves; enquiry_message is a copy that nothing leaves by.';

-- What updates a message, or only repeats it, names the first that came under its reference: rows make nothing akin that
-- the ledger does not, and part nothing.
CREATE INDEX ledger_row_again ON mash.ledger_row (
    (encode(substring(body FROM nullif(position('\x0a666972737420'::bytea IN body), 0) + 7 FOR 36), 'escape')))
    WHERE split_part(encode(substring(body FROM nullif(position('\x0a61637420'::bytea IN body), 0) + 5 FOR 100), 'escape'),
                     E'\n', 1) = 'process'
      AND position('\x0a666972737420'::bytea IN body) > 0;
CREATE VIEW mash.again AS
    SELECT l.idx, l.agencies[1] AS agency, l.subject AS message_id,
           encode(substring(l.body FROM nullif(position('\x0a666972737420'::bytea IN l.body), 0) + 7 FOR 36), 'escape')
               AS first
      FROM mash.ledger_leaf l
     WHERE l.act = 'process' AND position('\x0a666972737420'::bytea IN l.body) > 0
       AND l.idx < (SELECT h.size FROM mash.ledger_head h);
COMMENT ON VIEW mash.again IS 'What came again under a reference, changed or not, from the leaves.';

ALTER TYPE mash.fate ADD ATTRIBUTE first uuid; -- of an update or a repeat: what came first under its reference

-- They take or answer others than they did.
DROP FUNCTION IF EXISTS door.hub_mentions(uuid);
DROP FUNCTION IF EXISTS mash.leaves_unsettled(bigint[]);
DROP FUNCTION IF EXISTS mash.work_leaves(mash.work[], mash.fate[], bigint[], uuid[], uuid[], text[], timestamptz);
