-- Writes the ledger into the current folder, for `mash-verify ledger <folder>` on another machine. Run by
-- the superuser or the backup role, in an empty folder:  psql -X -d mash -f sql/export.sql
-- One snapshot; tab-separated, hashes and leaves in hex, line breaks inside notes as \n (COPY's text form).
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
\copy (SELECT size, folded FROM mash.ledger_head) TO 'head.tsv'
\copy (SELECT idx, encode(body, 'hex'), encode(hash, 'hex') FROM mash.ledger_leaf ORDER BY idx) TO 'leaves.tsv'
\copy (SELECT level, idx, encode(hash, 'hex') FROM mash.ledger_node ORDER BY level, idx) TO 'nodes.tsv'
\copy (SELECT size, note FROM mash.checkpoint ORDER BY size) TO 'checkpoints.tsv'
\copy (SELECT size, agency, line FROM mash.cosignature ORDER BY size DESC, agency) TO 'cosignatures.tsv'
COMMIT;
