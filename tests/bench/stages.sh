# The stages of the bench, in the order of its rounds. Sourced after lib.sh.
# shellcheck shell=bash disable=SC2154 # lib.sh and run set them

# How many messages a measurement takes, from the rate of a short one, which also warms every cache.
warm_up() {
    load warm --messages "$(times 4000 "$seconds")"
    rate=$(last rate)
    many=$(times "$rate" "$seconds")
    psql_super mash -c 'ANALYZE'
    load warm --messages "$(times "$many" 0.5)"
    broker warm --rows "$(times "$many" 0.2)"
}

# ---- P1, P2, P6, P7, P10: 8 senders with 100 in flight each, the limits, the alternative --------------

# Everything, and then everything again, as senders do who were not answered.
load_twice() { # [bench-load's own ...]
    local line rows from to senders
    settle
    coproc bench { "$BUILD/bench-load" --hub "$HUB" --acks "$acks" --watch "intake=$(cat run/intake.pid)" \
        --watch "backend=$(backends)" --twice "$@"; }
    senders=$bench_PID
    exec {from}<&"${bench[0]}" {to}>&"${bench[1]}"
    read -r line <&"$from" || die 'p1: the senders failed'
    record p1 <<<"$line"
    rate=$(last rate)
    settle
    rows=$(rows_there)
    echo again >&"$to"
    read -r line <&"$from" || die 'p10: the senders failed'
    jq -c --argjson rows "$(($(rows_there) - rows))" '. + {written_rows: $rows}' <<<"$line" | record p10
    exec {from}<&- {to}>&-
    wait "$senders" || die 'p1: not everything was acknowledged'
}

# All that taking in ever adds.
rows_there() {
    ask 'SELECT (SELECT count(*) FROM mash.submission) + (SELECT count(*) FROM mash.message)
              + (SELECT count(*) FROM mash.message_todo) + (SELECT count(*) FROM mash.quarantine)
              + (SELECT count(*) FROM mash.ledger_leaf) + (SELECT size FROM mash.ledger_head)'
}

at_full_speed() {
    load_twice --messages "$many"
    load p6 --window 448 --per 64 --messages "$many" # as full as submissions are, and as many as the client has
    limit l1 copy --rows "$many"
    broker rabbit --rows "$(times "$many" 0.5)"
    broker rabbit_copy --rows "$(times "$many" 0.5)" --copy
    limit l2 copy --rows "$many" --connections 2
    two_writers
    two_intakes
}

# ---- P1 again: two writers; two intakes on one database ------------------------------------------------

restart_intake() { # HOW MANY WRITERS
    halt intake
    sed -i '/^\[intake\]/,$d' settings/intake.ini
    printf '[intake]\nwriters = %s\n' "$1" >>settings/intake.ini
    "$here/deploy/hub" start "$dir" intake >&2
}

two_writers() {
    restart_intake 2
    load p1_two_writers --messages "$many"
    restart_intake 1
}

# The second beside the first, with a name and an endpoint of its own; senders take them in turn.
two_intakes() {
    local second
    sed -e 's|^endpoint = .*|endpoint = tcp://127.0.0.1:*|' -e 's|intake\.endpoint|intake2.endpoint|' \
        -e 's|intake\.status|intake2.status|' -e '/^\[hub\]/a name = intake2' settings/intake.ini >settings/intake2.ini
    rm -f run/intake2.endpoint
    "$BUILD/mash-intake" settings/intake2.ini >"$out/intake2.log" 2>&1 &
    second=$!
    await 30 test -s run/intake2.endpoint || die "a second intake does not start: $(cat "$out/intake2.log")"
    intake_pid=$(cat run/intake.pid),$second
    load p1_two_intakes --messages "$many" --second run/intake2.endpoint
    intake_pid=
    kill -TERM "$second"
    wait "$second" || die 'the second intake did not end well'
}

# ---- P8: how many senders ---------------------------------------------------------------------------

as_many_senders() {
    load p8_64 --senders 64 --messages "$(times "$many" 0.5)"
    load p8_8 --senders 8 --messages "$(times "$many" 0.5)"
    load p8_1 --senders 1 --window 200 --messages "$(times "$many" 0.5)"
}

# ---- P3: one sender, one message at a time, beside a bare commit and the naive way --------------------

one_by_one() {
    local n
    n=$(times 250 "$seconds")
    load p3 --senders 1 --first 64 --window 1 --per 1 --messages "$n"
    limit single single --rows "$n"
    limit naive naive --rows "$n"
}

# ---- P4: at half of this round's peak -----------------------------------------------------------------

at_share() { # WHAT SHARE SECONDS [bench-load's own ...]
    local what=$1 offered
    offered=$(times "$rate" "$2")
    load "$what" --rate "$offered" --messages "$(times "$offered" "$3")" "${@:4}"
}

paced() { at_share p4 0.5 "$seconds"; }

# ---- P5: twice what can be done, and immediate danger in the middle of it -----------------------------

# As many agencies, and as seldom, as the cap of 120 a minute lets overtake.
immediate=(--senders 32 --first 33 --window 16 --per 1 --immediate --rate 48)

# The greatest resident size since intake started.
intake_memory() { # WHAT
    awk '/^VmHWM/ { printf "{\"peak_mb\": %.1f}\n", $2 / 1024 }' "/proc/$(cat run/intake.pid)/status" | record "$1"
}

overloaded() {
    local other line few
    few=$(times 48 "$seconds")
    load p5_immediate_alone "${immediate[@]}" --messages "$few"
    load p5_peak --messages "$(times "$many" 0.5)" # beside it, for a machine's speed changes within minutes
    (at_share p5 2 "$seconds" --seconds "$seconds") &
    other=$!
    line=$("$BUILD/bench-load" --hub "$HUB" --acks "$out/immediate" "${immediate[@]}" --messages "$few") ||
        die 'p5: not everything immediate was acknowledged'
    wait "$other" || die 'p5: not everything was acknowledged'
    cat "$out/immediate" >>"$acks"
    rm "$out/immediate"
    record p5_immediate_beside <<<"$line"
    load p5_heedless --heedless --window 1000 --flight 64 --per 64 --messages "$many"
    intake_memory p5_memory
}

# ---- latency against offered load ---------------------------------------------------------------------

curve() {
    local share
    for share in "${SHARES[@]}"; do
        at_share "curve_$share" "$share" "$(span "$seconds" 0.5)" --seconds "$(span "$seconds" 0.5)"
    done
}

# ---- P12: kill -9 under load --------------------------------------------------------------------------

# The longest time without any answer spans the kill, the keeper's pause and the new start.
killed() {
    local senders offered
    offered=$(times "$rate" 0.2)
    settle
    "$BUILD/bench-load" --hub "$HUB" --acks "$acks" --rate "$offered" --again-ms 100 \
        --messages "$(times "$offered" "$seconds")" >"$out/killed.json" &
    senders=$!
    await 30 taken_since "$(ask 'SELECT size FROM mash.ledger_head')" "$(times "$offered" 0.5)" || die 'p12: nothing came'
    kill -9 "$(cat run/intake.pid)"
    wait "$senders" || die 'p12: not everything was acknowledged'
    record p12 <"$out/killed.json"
}

taken_since() { (($(ask 'SELECT size FROM mash.ledger_head') >= $1 + $2)); } # SIZE LEAVES

# ---- P2 and P9 with the pipeline on -------------------------------------------------------------------

# A hub of its own, whose mash-hub has nothing else to do than what comes now. Commit times tell
# exactly when a message was stored and when it became visible.
pipeline_hub() {
    bench_hub hub2 'track_commit_timestamp = on'
    "$here/deploy/hub" start "$dir" notary hub >&2
}

nothing_waits() { [[ $(ask 'SELECT EXISTS (SELECT FROM mash.message_todo)') == f ]]; }

# From stored to visible, of the messages taken in since a leaf.
visible_since() { # LEAF
    ask "SELECT json_build_object(
             'messages', count(*), 'visible', count(v), 'seconds', extract(epoch FROM max(v) - min(s)),
             'rate', count(v) / extract(epoch FROM max(v) - min(s)),
             'p50_ms', 1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM v - s)),
             'p99_ms', 1000 * percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM v - s)),
             'max_ms', 1000 * max(extract(epoch FROM v - s)))
           FROM (SELECT pg_xact_commit_timestamp(w.xmin) AS s, pg_xact_commit_timestamp(e.xmin) AS v
                   FROM mash.ledger_row w
                   JOIN mash.ledger_leaf l USING (idx)
                   LEFT JOIN mash.enquiry_message e ON e.agency = l.agencies[1] AND e.message_id = l.subject
                  WHERE l.idx >= $1 AND l.act = 'accept') t" | jq -c .
}

# A claim by the hub's door, and the same rows by bare SKIP LOCKED, 20 at a time from all that waits.
claims() {
    local n
    n=$(times 250 "$seconds")
    psql_super mash -c 'ANALYZE mash.message_todo, mash.message'
    limit claims claims --rows "$n" --sql 'SELECT * FROM door.hub_next(20)'
    limit raw_claims claims --rows "$n" --sql 'SELECT m.agency, m.message_id, m.content, t.lane, m.commitment, m.sealed
        FROM (SELECT agency, message_id, lane FROM mash.message_todo ORDER BY lane, coalesce(turn, received_at)
        LIMIT 20 FOR UPDATE SKIP LOCKED) t JOIN mash.message m USING (agency, message_id)'
}

pipeline() {
    local leaf
    at_hub hub2
    leaf=$(ask 'SELECT size FROM mash.ledger_head')
    load p9 --rate 500 --messages "$(times 500 "$seconds")"
    await 60 nothing_waits || note 'the pipeline does not keep up with 500 a second'
    visible_since "$leaf" | record p9_visible
    leaf=$(ask 'SELECT size FROM mash.ledger_head')
    load p2_taken_in --messages "$(times "$many" 0.3)"
    await "$(times "$seconds" 5)" nothing_waits || note 'the pipeline is still at work; it is measured by what it has done'
    visible_since "$leaf" | record p2_pipeline
    at_hub hub1
    limit l1_pipeline copy --rows "$(times "$many" 0.3)"
    claims
}

# ---- where the time goes ------------------------------------------------------------------------------

hot() { # TITLE LINES WHAT [perf report's own ...]: of the lines that match WHAT, so many
    echo
    echo "$1"
    perf report --stdio -g none --percent-limit 0.9 "${@:4}" 2>/dev/null |
        sed -E '/^(#|$)|0x0000/d; s/( +-)* *$//' | awk -v most="$2" -v what="$3" '$0 ~ what && n++ < most'
}

# The statements inside intake's doors, by PostgreSQL's own count.
hot_statements() {
    echo
    echo "intake's doors: milliseconds in all, calls, the statement"
    psql_super mash -At -F '  ' -c "SELECT round(total_exec_time), calls,
            left(regexp_replace(query, '\s+', ' ', 'g'), 90)
        FROM pg_stat_statements WHERE query !~* '^(checkpoint|select pid|select string_agg)'
        ORDER BY total_exec_time DESC LIMIT 12"
}

intake_serves() { [[ -n $(backends) ]]; }

# Intake may not be looked into once it runs (it is not dumpable), so it is started under perf.
perf_intake() {
    local recorders pid
    if ! perf record -q -o "$out/perf.test" -- true >/dev/null 2>&1; then
        echo 'perf is not installed, or may not be used here.'
        return
    fi
    halt intake
    perf record -q -F 1999 --call-graph dwarf,8192 -o "$out/perf.intake" -- \
        "$BUILD/mash-intake" settings/intake.ini >"$out/perf.log" 2>&1 &
    recorders=$!
    await 30 intake_serves || die 'intake does not start under perf'
    intake_pid=$(pgrep -P "$recorders" mash-intake)
    load profile_warm --messages 1000 # by then all its connections stand
    perf record -q -F 1999 -o "$out/perf.backend" -p "$(backends)" >>"$out/perf.log" 2>&1 &
    recorders+=" $!"
    load profiled --messages "$many"
    kill -INT "${recorders#* }"
    kill -TERM "$intake_pid"
    for pid in $recorders; do wait "$pid" || true; done
    hot 'intake, by thread and library' 12 . --no-children --sort comm,dso -i "$out/perf.intake"
    hot 'intake, its functions with all that they call' 40 ' mash-intake .*[^)]$' --children --sort dso,symbol \
        -i "$out/perf.intake"
    hot "intake's backends, by library" 8 . --no-children --sort dso -i "$out/perf.backend"
    hot "intake's backends, by function" 25 . --no-children --sort dso,symbol -i "$out/perf.backend"
}

profile() {
    "$here/deploy/hub" stop "$dir" >&2
    printf "%s\n" "shared_preload_libraries = 'pg_stat_statements'" 'pg_stat_statements.track = all' >>pg/postgresql.conf
    "$here/deploy/hub" start "$dir" intake >&2
    at_hub hub1
    psql_super mash -c 'CREATE EXTENSION pg_stat_statements' -c 'SELECT pg_stat_statements_reset()' >/dev/null
    load profile_statements --messages "$(times "$many" 0.5)"
    { hot_statements; perf_intake; } >"$out/profile.txt"
    rm -f "$out"/perf.*
}
