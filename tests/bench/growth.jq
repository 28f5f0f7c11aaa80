# The measurements of tests/bench/growth -> a table in Markdown: P1 and COPY at each size.
def median: sort | if length == 0 then null else .[(length - 1) / 2 | floor] end;
def figure: if . == null then "—" elif . >= 100 then round | tostring else (. * 100 | round / 100) | tostring end;
. as $r
| def at($what; $size; f): [$r[] | select(.what == "\($what)_at_\($size)") | f] | median;
  [$r[] | select(.what | startswith("stored_at_")) | .what | ltrimstr("stored_at_") | tonumber] as $sizes
| "| stored before | referrals/s | of the smallest | intake, µs | PostgreSQL, µs | COPY, /s | of COPY | database, MB |",
  "|---:|---:|---:|---:|---:|---:|---:|---:|",
  ($sizes[] | . as $n
   | "| \(at("stored"; $n; .stored)) | \(at("p1"; $n; .rate) | figure) | \(at("p1"; $n; .rate) / at("p1"; $sizes[0]; .rate) | figure) | \(at("p1"; $n; .intake_us) | figure) | \(at("p1"; $n; .backend_us) | figure) | \(at("l1"; $n; .rate) | figure) | \(at("p1"; $n; .rate) / at("l1"; $n; .rate) | figure) | \(at("stored"; $n; .bytes) / 1048576 | figure) |"),
  "",
  (at("p1"; $sizes[-1]; .rate) / at("p1"; $sizes[0]; .rate)
   | "P11: from \(at("stored"; $sizes[0]; .stored)) to \(at("stored"; $sizes[-1]; .stored)) stored referrals the rate is \(figure) of what it was (wanted: 0.85): \(if . >= 0.85 then "met" else "not met" end)."),
  ([$r[] | select(.what == "sets")] | last | "\(.promised) promised, \(.lost + .without_leaf) lost, \(.doubled + .unpromised) stored otherwise.")
