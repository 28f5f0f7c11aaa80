# A run's results -> what people read, in Markdown.
def round_to($digits): . as $x | pow(10; $digits) as $m | ($x * $m | round) / $m;
def figure: if . == null then "—" elif . >= 100 then round | tostring else round_to(if . >= 10 then 1 else 2 end) | tostring end;
def met: if . == null then "not measured" elif . then "yes" else "**no**" end;
"# The bench\n",
"\(.machine.date), commit \(.machine.commit): \(.machine.cpu), \(.machine.cores) cores, \(.machine.memory_gb) GB, Linux \(.machine.kernel), PostgreSQL \(.machine.postgresql), RabbitMQ \(.machine.rabbitmq), ZeroMQ \(.machine.zeromq); \(.rounds) rounds, \(.seconds) s a measurement. Senders, intake and PostgreSQL share the cores. Every figure is the median of its rounds; every ratio is the median of the ratios within a round. `make bench` does it again; tests/bench/README.md says what each figure is.\n",
"| goal | | measured | limit | ratio | wanted | met |", "|---|---|---:|---:|---:|---|---|",
(.goals[] | "| \(.goal) | \(.name) | \(.measured | figure) \(.unit) | \(if .ratio == null then "" else .limit | figure end) | \(if .ratio == null then "" else .ratio | figure end) | \(.wanted) | \(.met | met) |"),
"\n\(.messages // 0) messages were promised and compared, as sets, with what is stored; senders that keep to no credit were told `busy` \(.busy // 0) times.\n",
"## Beside what else could be done\n",
"| way | referrals/s | of L1 | PostgreSQL's CPU, µs | p50, ms | p99, ms |", "|---|---:|---:|---:|---:|---:|",
(.ways[] | "| \(.name) | \(.rate | figure) | \(.of_l1 | figure) | \(.backend_us | figure) | \(.p50_ms | figure) | \(.p99_ms | figure) |"),
(if .knee then "\n## Latency against offered load\n",
"![curve](curve.svg)\n",
"The knee, where acked ÷ mean latency is greatest, is at \(.knee.share) of peak.\n",
"| share of peak | offered, /s | acked, /s | mean, ms | p50, ms | p99, ms |", "|---:|---:|---:|---:|---:|---:|",
(.curve[] | "| \(.share) | \(.offered | figure) | \(.rate | figure) | \(.mean_ms | figure) | \(.p50_ms | figure) | \(.p99_ms | figure) |")
else empty end)
