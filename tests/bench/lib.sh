# What the bench's scripts share: a throw-away hub with 64 agencies of its own, the tools against it,
# and one line of JSON a measurement in $out/runs.jsonl. Sourced, never run.
# shellcheck shell=bash disable=SC2034,SC2154 # those who source this use them; deploy/lib.sh sets them
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/lib.sh"
. "$here/deploy/play.sh" # await

AGENCIES=64
seconds=${BENCH_SECONDS:-4}
out=${BENCH_OUT:-${MASH_VAR:-$here/var}/bench/$(date +%Y-%m-%d-%H%M%S)}
base=$(mktemp -d "${TMPDIR:-/tmp}/mash-bench.XXXXXX")
rabbit=$base/rabbit
round=0
export LC_ALL=C.UTF-8

note() { say "# $(printf '%4d' "$SECONDS") s  $*" >&2; }

times() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.0f", a * b }'; }  # a count
span() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a * b }'; } # seconds

# ---- the hub ----------------------------------------------------------------------------------------

# shellcheck disable=SC2317 # called by the trap of those who source this
bench_end() {
    local status=$? hub
    trap - EXIT
    rabbit_stop || true
    for hub in "$base"/hub*/; do
        [[ ! -d $hub ]] || "$here/deploy/hub" stop "$hub" >&2 || true
    done
    rm -rf "$base"
    exit "$status"
}

# Each of the bench's agencies has a transport and an origin key, as deploy/hub enrols its own.
enrol_bench() {
    local n agency kind
    for n in $(seq -w 1 "$AGENCIES"); do
        agency=bench-$n
        "$BUILD/mash-keygen" agency "keys/$agency" >/dev/null
        echo "SELECT door.admin_agency('$agency', 'Bench $n', 'school', 'nobody');"
        for kind in transport:curve origin:ed25519; do
            echo "SELECT door.admin_agency_key('$agency', '${kind%:*}'," \
                "'\\x$(public_hex "keys/$agency/${kind%:*}.${kind#*:}-public")', NULL, 365);"
        done
    done | psql_as mash_admin mash -1 -f - >/dev/null
}

# The limits are measured by a role of their own on the hub's own tables. COPY refuses a table under row
# security, so the role is free of it, as no role of the hub is.
make_bench_role() {
    psql_super mash <<'SQL'
CREATE ROLE mash_bench NOLOGIN BYPASSRLS;
GRANT TEMPORARY ON DATABASE mash TO mash_bench;
GRANT USAGE ON SCHEMA mash, door TO mash_bench;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA mash TO mash_bench;
GRANT UPDATE ON mash.ledger_head, mash.message_todo TO mash_bench;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA mash, door TO mash_bench;
SQL
}

# The port stays the same over a restart, so that whoever waits for intake finds it again.
fix_endpoint() {
    sed -i "s|^endpoint = .*|endpoint = $(cut -d' ' -f1 run/intake.endpoint)|" settings/intake.ini
}

# Whatever is measured from now on, is measured on this one.
at_hub() { # NAME
    dir=$base/$1
    acks=$out/acks.$1
    hub_at "$dir"
    cd "$HUB"
    database="host=$PGHOST user=$superuser dbname=mash options='-c role=mash_bench'"
}

# Without mash-hub: it would compete for the cores with what is measured.
bench_hub() { # NAME [PostgreSQL's own settings, one a line]
    mkdir -p "$out"
    "$here/deploy/hub" create "$base/$1" demonstration >&2
    printf '%s\n' "${@:2}" >>"$base/$1/pg/postgresql.conf"
    "$here/deploy/hub" start "$base/$1" intake >&2
    at_hub "$1"
    fix_endpoint
    enrol_bench
    make_bench_role
    psql_super mash -c 'ANALYZE'
}

ask() { psql_super mash -At -c "$1"; } # SQL: one value

# One program of the hub ends; `deploy/hub start` brings it back.
halt() { # PROGRAM
    kill -TERM "$(cat "run/$1.keeper")"
    flock -w 60 "run/$1.lock" true || die "$1 does not end"
}

# ---- the tools --------------------------------------------------------------------------------------

record() { # WHAT, one line of JSON on standard input
    jq -c --arg what "$1" --argjson round "$round" '{what: $what, round: $round} + .' |
        tee -a "$out/runs.jsonl" >"$out/last.json"
    note "$1: $(jq -r '[if .rate then "\(.rate | round)/s" else empty end,
        if (.p50_ms // 0) > 0 then "p50 \(.p50_ms) ms, p99 \(.p99_ms) ms" else empty end,
        if .backend_us then "backend \(.backend_us) µs" else empty end,
        if .intake_us then "intake \(.intake_us) µs" else empty end,
        if .peak_mb then "\(.peak_mb) MB" else empty end,
        if .promised then "\(.promised) promised, \(.lost + .without_leaf) lost, \(.doubled + .unpromised) besides"
        else empty end] | join(", ")' "$out/last.json")"
}

last() { jq -r ".$1" "$out/last.json"; } # FIELD of what was recorded last

# Dirty pages and a new log segment are nobody's: each measurement begins after a checkpoint.
settle() { psql_super mash -c CHECKPOINT; }

backends() { ask "SELECT string_agg(pid::text, ',') FROM pg_stat_activity WHERE usename = 'mash_intake'"; }

load() { # WHAT [bench-load's own ...]
    settle
    "$BUILD/bench-load" --hub "$HUB" --acks "$acks" --watch "intake=${intake_pid:-$(cat run/intake.pid)}" \
        --watch "backend=$(backends)" "${@:2}" </dev/null | record "$1" || die "$1: not everything was acknowledged"
}

limit() { # WHAT WAY [bench-limit's own ...]
    settle
    "$BUILD/bench-limit" --database "$database" "${@:2}" | record "$1"
}

# Alone on one core, without a hub.
release_room() {
    "$BUILD/bench-release" verdicts "$here"/deploy/policy/*.policy | record verdicts
    "$BUILD/bench-release" product | record product
    "$BUILD/bench-release" net | record net
}

# ---- the broker that a user would have taken --------------------------------------------------------

# A node of its own, on loopback, on ports that were free a moment ago, with its own name service.
rabbit_start() {
    local ports
    read -r -a ports < <("$BUILD/bench-rabbit" --ports 3)
    rabbit_port=${ports[0]}
    mkdir -p "$rabbit"
    /usr/bin/epmd -address 127.0.0.1 -port "${ports[1]}" >"$rabbit/epmd.log" 2>&1 &
    epmd_pid=$!
    : >"$rabbit/none"
    printf 'listeners.tcp.local = 127.0.0.1:%s\nloopback_users = none\n' "$rabbit_port" >"$rabbit/rabbitmq.conf"
    env -i PATH="$PATH" HOME="$rabbit" LANG=C.UTF-8 ERL_EPMD_PORT="${ports[1]}" ERL_EPMD_ADDRESS=127.0.0.1 \
        RABBITMQ_NODENAME=bench@localhost RABBITMQ_DIST_PORT="${ports[2]}" RABBITMQ_CONF_ENV_FILE="$rabbit/none" \
        RABBITMQ_CONFIG_FILE="$rabbit/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$rabbit/none" \
        RABBITMQ_MNESIA_BASE="$rabbit/mnesia" RABBITMQ_LOG_BASE="$rabbit/log" RABBITMQ_PID_FILE="$rabbit/pid" \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' \
        /usr/lib/rabbitmq/bin/rabbitmq-server >"$rabbit/out.log" 2>&1 </dev/null &
    rabbit_pid=$!
    await 60 grep -qs 'completed with' "$rabbit/out.log" || die "RabbitMQ does not start: $(tail -n 5 "$rabbit/out.log")"
}

rabbit_stop() {
    local pid
    for pid in "${rabbit_pid:-}" "${epmd_pid:-}"; do
        [[ -n $pid ]] || continue
        kill -TERM "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rabbit_pid='' epmd_pid=''
}

broker() { # WHAT [bench-rabbit's own ...]
    settle
    "$BUILD/bench-rabbit" --database "$database" --port "$rabbit_port" "${@:2}" | record "$1"
}

# ---- promised = stored ------------------------------------------------------------------------------

# Every promise so far, against every row and leaf of the bench's agencies, as sets, both ways.
compare_sets() {
    psql_super mash -At <<SQL | jq -c . | record sets
SET client_min_messages = warning;
CREATE TEMP TABLE acked (agency text, message_id uuid, leaf bigint);
\\copy acked FROM '$acks'
CREATE TEMP TABLE promised AS SELECT DISTINCT agency, message_id, leaf FROM acked;
ANALYZE promised;
SELECT json_build_object(
    'promised', (SELECT count(*) FROM promised),
    'stored', (SELECT count(*) FROM mash.message WHERE agency LIKE 'bench-%'),
    'lost', (SELECT count(*) FROM promised p
              WHERE NOT EXISTS (SELECT FROM mash.message m
                                 WHERE m.agency = p.agency AND m.message_id = p.message_id)),
    'unpromised', (SELECT count(*) FROM mash.message m WHERE m.agency LIKE 'bench-%'
                      AND NOT EXISTS (SELECT FROM promised p
                                       WHERE p.agency = m.agency AND p.message_id = m.message_id)),
    'without_leaf', (SELECT count(*) FROM promised p
                      WHERE NOT EXISTS (SELECT FROM mash.ledger_leaf l WHERE l.idx = p.leaf
                                           AND l.subject = p.message_id AND l.act = 'accept')),
    'doubled', (SELECT count(*) FROM promised) - (SELECT count(DISTINCT (agency, message_id)) FROM promised));
SQL
    jq -e '.lost + .unpromised + .without_leaf + .doubled == 0' "$out/last.json" >/dev/null ||
        die "What was promised is not what is stored: $(cat "$out/last.json")"
}
