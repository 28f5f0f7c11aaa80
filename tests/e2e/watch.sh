# What every program tells of itself, as Prometheus and a load balancer ask for it; what staff see of the front
# door; and limits that are obeyed without a restart. Nothing personal in any of it (R26).
# shellcheck shell=bash disable=SC2154,SC2317 # sourced by tests/e2e/run; helpers are called by check
ask() { curl -sS --max-time 5 --unix-socket "run/$1.status" "http://mash$2"; } # PROGRAM PATH
answers() { [[ $(ask "$1" "$2" && echo .) == "$3"$'\n'. ]]; }
linted() { # PROGRAM: promtool has not a word to say
    local said
    said=$(ask "$1" /metrics | promtool check metrics 2>&1) && [[ -z $said ]]
}
number() { ask "$1" /metrics | awk -v series="$2" '$1 == series { print $2; found = 1 } END { exit !found }'; } # PROGRAM SERIES
at_least() { local n && n=$(number "$1" "$2") && ((${n%.*} >= $3)); }
not_personal() { # TEXT ...: no word of the story's people, places and narratives
    ! printf '%s\n' "$@" | grep -iE 'vexmoor|torben|quistgaard|isolde|zarathene|quillon|kestrel|osprey|9991234519|2016-04-17|26990001|example'
}
private_socket() { [[ $(stat -c '%F %a' "run/$1.status") == 'socket '[0-7]00 ]]; }
intake() { desk triage.officer intake "$@" --json; }
sender() { intake agency=police | jq -re ".senders[0].$1 // empty"; }
is_reported() { [[ $(sender accepted || echo 0) -ge 1 ]]; }
credit_is() { [[ $(sender credit) == "$1" ]]; }
limit_leaves() { psql_super mash -At -c "SELECT count(*) FROM mash.ledger_leaf WHERE act = 'limit'"; }
refused_for() { # REASON COMMAND ...
    local reason=$1 said
    shift
    ! said=$("$@" 2>&1) && grep -q "($reason)" <<<"$said"
}
# Every police message has an id of its own, so that it is no duplicate.
police_sends() { # NAME
    jq --arg ref "PPN/26/$1" --arg occurrence "26$1" '.[0].notice_ref = $ref | .[0].occurrence_number = $occurrence' \
        "$here/deploy/story/police-notice.json" >"run/$1.json"
    drop police in "run/$1.json"
}

echo "1..34"
police_sends 990701
await 20 is_reported || true
for program in "${hub_programs[@]}"; do
    check "$program lives" answers "$program" /live live
    check "$program is ready" answers "$program" /ready ready
    check "promtool has nothing to say about $program" linted "$program"
    check "$program's socket is its user's alone" private_socket "$program"
done
check "intake counts what it accepts" at_least intake 'mash_intake_messages_total{outcome="accepted"}' 1
check "the notary tells how much it signed" at_least notary mash_notary_size 1
check "the courier tells how many letters wait" at_least courier mash_courier_letters 0
check "the hub tells its memory" at_least hub process_resident_memory_bytes 1000000
all=$(for program in "${hub_programs[@]}"; do ask "$program" /metrics; done)
# But for the work row that tamper.sh deletes: that alarm stands for two hours.
none_stands() { # an earlier test may have raised one, which clears after its quiet time
    local program
    for program in "${hub_programs[@]}"; do ! ask "$program" /metrics | grep '^mash_alarm{.*} 1' | grep -v '"not_reconciled"' || return 1; done
}
check "no alarm stands, or stays" await 70 none_stands
check "nothing personal in any number" not_personal "$all"

picture=$(intake)
check "staff see an intake that runs" jq -e '.instances | any(.name == "intake" and .alive and .accepted >= 1)' <<<"$picture"
check "and the sender, with its key, credit and totals" \
    jq -e '.senders | any(.agency == "police" and (.key | test("^[0-9a-f]{16}$")) and .credit >= 1 and .accepted >= 1)' <<<"$picture"
check "and what waits for the queue, by lane" jq -e '[.lag[].lane] == ["immediate", "routine"]' <<<"$picture"
check "of one agency only what is its own" jq -e '.senders | length > 0 and all(.agency == "police")' <<<"$(intake agency=police)"
psql_super mash -c "INSERT INTO mash.intake_state SELECT 'gone', at, at - interval '1 hour', 0, 0, 0, 0, 0, 0, 0, 0, at, 0
                      FROM mash.intake_state WHERE name = 'intake'"
table=$(desk triage.officer intake)
check "the same as a table, with one that has gone silent" grep -qE '^gone +SILENT for 60 min' <<<"$table"
check "in which the sender has a line" grep -qE '^police +[0-9a-f]{16} +intake ' <<<"$table"
check "nothing personal in either" not_personal "$picture" "$table"

before=$(limit_leaves)
check "a limit is the manager's to set" refused_for role_missing desk triage.officer limit agency=police name=credit value=7
check "within bounds" refused_for argument_wrong desk hub.manager limit agency=police name=waiting value=1
desk hub.manager limit agency=police name=credit value=7 >/dev/null
police_sends 990702
check "and obeyed with the next message, without a restart" await 60 credit_is 7
check "it has its leaf" test "$(limit_leaves)" -eq $((before + 1))

# R1 rests on settings that somebody may turn for speed.
not_started() { ! timeout 20 "$BUILD/mash-intake" settings/intake-hasty.ini 2>run/hasty.log && grep -q 'event=not_durable' run/hasty.log; }
sed -E 's|run/intake\.|run/intake-hasty.|; s|^\[hub\]$|[hub]\nname = intake-hasty|' settings/intake.ini >settings/intake-hasty.ini
psql_super mash -c "ALTER ROLE mash_intake SET synchronous_commit = off"
check "an intake does not start where a commit does not wait for the disk" not_started
psql_super mash -c "ALTER ROLE mash_intake RESET synchronous_commit"
