# The front door while programs come and go: a second intake beside the first, one drained for the other
# (as in an upgrade), limits changed under way. A school's adapter sends all the time; nothing is lost,
# nothing doubled, and nobody had to be told. Sourced by tests/e2e/run.
# shellcheck shell=bash disable=SC2154
echo "1..10"
rows=0

concerns() { # FILE COUNT: a concern log of that many new rows
    local i
    head -1 "$here/deploy/story/concern-log.csv" >"$1"
    for ((i = 0; i < $2; i++)); do
        rows=$((rows + 1))
        echo "FRONT-$rows,,Front,Example$rows,17/04/2016,5,20/11/2026,10:40,Neglect,,Seen hungry,,MASH referral made,DSL,Open,A. Teacher"
    done >>"$1"
}
spool() { sqlite3 -readonly -cmd '.timeout 5000' spool/education.db "$1"; }
database() { psql_super mash -At -c "$1"; }
stored() { [[ $(spool "SELECT count(*) FROM outbound WHERE state <> 'queued'") -ge $1 ]]; }
in_the_spool() { [[ $(spool "SELECT count(*) FROM outbound") -ge $1 ]]; }

# Those of this file: what the spool was promised, and what the database holds of it.
promised() {
    spool "SELECT lower(hex(message_id)) || ' ' || leaf_index FROM outbound WHERE state = 'acknowledged' AND rowid > $before" | sort
}
held() {
    database "SELECT replace(m.message_id::text, '-', '') || ' ' || l.idx
                FROM mash.message m JOIN mash.ledger_leaf l ON l.subject = m.message_id AND l.act = 'accept'
               WHERE m.agency = 'education' AND l.idx >= $first_leaf" | sort
}
same_set() { diff <(promised) <(held); }

# TERM, then until keeper and program are gone.
drain() { # INSTANCE
    kill -TERM "$(<"run/$1.keeper")"
    flock -w 30 "run/$1.lock" true
}
restart() { # PROGRAM
    drain "$1"
    "$here/deploy/hub" start "$HUB" "$1"
}
takes() { # INSTANCE: it has answered this school's key since it came up
    desk hub.manager intake agency=education --json |
        jq -e --arg name "$1" '[.senders[] | select(.intake == $name and .accepted > 0)] | length > 0'
}
credit_is() { # NUMBER
    desk hub.manager intake agency=education --json |
        jq -e --argjson credit "$1" '[.senders[] | select(.intake == "intake-2")][0].credit == $credit'
}
both_live() { instance_lives intake && instance_lives intake-2; }
limited() { stored $((already + rows)) && credit_is 7; }
instance_lives() { desk hub.manager intake --json | jq -e --arg name "$1" '.instances[] | select(.name == $name) | .alive'; }

send_some() { # NAME COUNT
    concerns "run/$1.csv" "$2"
    drop education in "run/$1.csv"
}

before=$(spool "SELECT coalesce(max(rowid), 0) FROM outbound")
already=$(spool "SELECT count(*) FROM outbound")
first_leaf=$(database "SELECT size FROM mash.ledger_head")
cp settings/education.ini run/education.ini.kept

"$here/deploy/hub" another "$HUB" intake-2
check "a second intake opens on the same database" "$here/deploy/hub" start "$HUB" intake-2
check "staff see both" await 10 both_live
sed -i 's|file:run/intake.endpoint|file:run/intake.endpoint file:run/intake-2.endpoint|' settings/education.ini
restart education >/dev/null 2>&1

send_some one 150
await 30 in_the_spool $((already + 20))
check "the first is drained while a school sends" drain intake
check "it ended of its own will" bash -c '! tail -n 3 log/intake.log | grep -E "ended|again in"'
check "all that the school sent is acknowledged by the other" await 60 stored $((already + rows))
check "which staff see" await 10 takes intake-2
"$here/deploy/hub" start "$HUB" intake

desk hub.manager limit agency=education name=credit value=7 >/dev/null
send_some two 20
check "a limit that is set counts at once" await 20 limited
desk hub.manager limit agency=education name=credit value=default >/dev/null

send_some three 150
await 30 in_the_spool $((already + rows - 130))
check "the other way round" drain intake-2
check "again all is acknowledged" await 60 stored $((already + rows))
check "what was promised and what is held are the same" same_set

mv run/education.ini.kept settings/education.ini
restart education >/dev/null 2>&1
