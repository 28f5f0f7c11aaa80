# All measurements of a run (one a line) -> its results: every goal with what was measured, the limit
# beside it, and the ratio as the median of the rounds. Ratios are taken within a round, of
# measurements that followed one another.
def median: sort | if length == 0 then null elif length % 2 == 1 then .[(length - 1) / 2]
    else (.[length / 2 - 1] + .[length / 2]) / 2 end;
def of($runs; $what): $runs | map(select(.what == $what));
def each($runs; $what; f): of($runs; $what) | map(f) | median;
# The same round's figure of one thing over that of another.
def ratio($runs; $a; $b; f):
    [of($runs; $a)[] as $x | of($runs; $b)[] | select(.round == $x.round and f > 0) | ($x | f) / f] | median;

def least($goal; $name; $unit; $measured; $limit; $ratio; $wanted):
    {goal: $goal, name: $name, unit: $unit, measured: $measured, limit: $limit, ratio: $ratio, wanted: "≥ \($wanted)",
     met: (if $ratio == null then null else $ratio >= $wanted end)};
def most($goal; $name; $unit; $measured; $limit; $ratio; $wanted):
    {goal: $goal, name: $name, unit: $unit, measured: $measured, limit: $limit, ratio: $ratio, wanted: "≤ \($wanted)",
     met: (if $ratio == null then null else $ratio <= $wanted end)};
# A goal that is no ratio but a figure with a bound.
def bound($goal; $name; $unit; $measured; $wanted):
    {goal: $goal, name: $name, unit: $unit, measured: $measured, limit: $wanted, ratio: null, wanted: "≤ \($wanted)",
     met: (if $measured == null then null else $measured <= $wanted end)};
def at_least($goal; $name; $unit; $measured; $wanted):
    bound($goal; $name; $unit; $measured; $wanted)
    | .wanted = "≥ \($wanted)" | .met = (if $measured == null then null else $measured >= $wanted end);

. as $r
| def rate($what): each($r; $what; .rate);
  def faster($goal; $name; $a; $b; $wanted):
    least($goal; $name; "referrals/s"; rate($a); rate($b); ratio($r; $a; $b; .rate); $wanted);
{
    machine: $machine[0], seconds: $seconds, rounds: ([$r[].round] | max),
    goals: [
        faster("P1"; "acked and durable, everything on; limit: COPY of the same rows"; "p1"; "l1"; 0.60),
        faster("P1"; "the same with two intakes on one database; limit: one"; "p1_two_intakes"; "p1"; 0.95),
        faster("P2"; "acked; against RabbitMQ quorum and a C consumer that writes the same rows"; "p1"; "rabbit"; 1.6),
        faster("P2"; "from acked to visible, the whole pipeline on; limit: COPY"; "p2_pipeline"; "l1_pipeline"; 0.3),
        most("P3"; "one sender, window 1, p50; limit: bare pipelined commit"; "ms"; each($r; "p3"; .p50_ms);
            each($r; "single"; .p50_ms); ratio($r; "p3"; "single"; .p50_ms); 1.6),
        most("P3"; "the same, p99"; "ms"; each($r; "p3"; .p99_ms); each($r; "single"; .p99_ms);
            ratio($r; "p3"; "single"; .p99_ms); 3),
        bound("P4"; "paced at half of peak, p50"; "ms"; each($r; "p4"; .p50_ms); 2),
        bound("P4"; "the same, p99"; "ms"; each($r; "p4"; .p99_ms); 6),
        faster("P5"; "acked at twice the peak's load; limit: peak"; "p5"; "p5_peak"; 0.95),
        bound("P5"; "intake's memory at most"; "MB"; each($r; "p5_memory"; .peak_mb); 256),
        most("P5"; "immediate danger's p99 in it; limit: unloaded"; "ms"; each($r; "p5_immediate_beside"; .p99_ms);
            each($r; "p5_immediate_alone"; .p99_ms);
            ratio($r; "p5_immediate_beside"; "p5_immediate_alone"; .p99_ms); 3),
        bound("P6"; "intake's CPU a referral"; "µs"; each($r; "p6"; .intake_us); 10),
        bound("P6"; "sender library's CPU a referral"; "µs"; each($r; "p6"; .library_us); 6),
        most("P7"; "PostgreSQL's CPU a referral; limit: COPY"; "µs"; each($r; "p1"; .backend_us);
            each($r; "l1"; .backend_us); ratio($r; "p1"; "l1"; .backend_us); 1.6),
        faster("P8"; "64 senders; limit: 8 senders"; "p8_64"; "p8_8"; 0.85),
        faster("P8"; "one sender, window 200; limit: 8 senders"; "p8_1"; "p8_8"; 0.75),
        least("P9"; "claims; limit: raw SKIP LOCKED"; "messages/s"; rate("claims"); rate("raw_claims");
            ratio($r; "claims"; "raw_claims"; .rate); 0.85),
        bound("P9"; "acked to visible at 500 a second, p99"; "ms"; each($r; "p9_visible"; .p99_ms); 1000),
        faster("P10"; "duplicates answered; limit: new ones"; "p10"; "p1"; 1.0),
        bound("P10"; "rows written for all of them"; "rows"; (of($r; "p10") | map(.written_rows) | max); 0),
        bound("P12"; "longest silence around kill -9"; "ms"; each($r; "p12"; .gap_ms); 1000),
        at_least("S1"; "verdicts for one item, looked up, one core"; "verdicts/s"; rate("verdicts"); 5000000),
        bound("S2"; "a product of 50 items with text, p50, one core"; "ms"; each($r; "product"; .p50_ms); 2),
        most("S2"; "the same; limit: its texts through the net alone"; "ms"; each($r; "product"; .p50_ms);
            each($r; "product"; .net_ms); each($r; "product"; .p50_ms / .net_ms); 5),
        at_least("S3"; "the net under text, one core"; "MB/s"; each($r; "net"; .mb_per_second); 50),
        least("S3"; "the same; limit: one look-up a byte"; "MB/s"; each($r; "net"; .mb_per_second);
            each($r; "net"; .bare_mb); each($r; "net"; .mb_per_second / .bare_mb); 0.1),
        bound("R1"; "promised and not stored, or without its leaf"; "messages"; (of($r; "sets") | map(.lost + .without_leaf) | max); 0),
        bound("R2"; "stored twice, or stored and never promised"; "messages"; (of($r; "sets") | map(.doubled + .unpromised) | max); 0)
    ],
    ways: [
        ["the hub, 8 senders", "p1"], ["the same, two writers", "p1_two_writers"],
        ["the same, two intakes on one database", "p1_two_intakes"], ["COPY, one connection (L1)", "l1"], ["COPY, two connections (L2)", "l2"],
        ["RabbitMQ quorum, C consumer, INSERT from arrays", "rabbit"],
        ["the same by COPY, which a second delivery would stop", "rabbit_copy"], ["one pipelined commit a referral", "single"],
        ["one statement a table", "naive"], ["the hub, one sender, window 1", "p3"], ["the hub, duplicates", "p10"]
    ] | map({name: .[0], rate: rate(.[1]), of_l1: ratio($r; .[1]; "l1"; .rate), backend_us: each($r; .[1]; .backend_us),
             p50_ms: each($r; .[1]; select(.p50_ms > 0) | .p50_ms), p99_ms: each($r; .[1]; select(.p99_ms > 0) | .p99_ms)}),
    messages: (of($r; "sets") | map(.promised) | max),
    busy: (of($r; "p5_heedless") | map(.busy) | add),
    curve: ([$r[] | select(.what | startswith("curve_"))] | group_by(.what) | map({
        share: (.[0].what | ltrimstr("curve_") | tonumber), offered: (map(.offered) | median), rate: (map(.rate) | median),
        mean_ms: (map(.mean_ms) | median), p50_ms: (map(.p50_ms) | median), p99_ms: (map(.p99_ms) | median)})
        | sort_by(.share))
}
| .knee = (.curve | if length > 0 then max_by(.rate / .mean_ms) else null end)
