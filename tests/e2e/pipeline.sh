# The pipeline among real processes: two hubs on one list, a message over which the hub ends, messages that wait too
# long. Notices are dropped while the hub stands still.
# shellcheck shell=bash disable=SC2154,SC2317 # sourced by tests/e2e/run; helpers are called by check
ask() { psql_super mash -At -c "$1"; }
ids() { sed "s/.*/'&'/" run/here | paste -sd,; }
among() { ask "SELECT count(*) FROM mash.$1 WHERE message_id IN ($(ids))"; }
hub_stands() { kill -STOP "$(<run/hub.pid)"; }
hub_goes() { kill -CONT "$(<run/hub.pid)"; }
# So many notices about as many children, all of them on the work list; their ids in run/here.
notices() { # COUNT NAME
    local receipt=agencies/police/receipts/$2.json.receipt.json
    jq --argjson n "$1" --arg name "$2" '.[0] as $one | [range($n) | . as $i | $one | .notice_ref = "\($name)/\($i)" |
        .persons[0].forenames = "Mei\($name)" + ("x" * ($i + 1))]' "$here/adapters/police/samples/story-notice.json" >run/notices.json
    drop police in run/notices.json "$2.json"
    await 20 test -s "$receipt" || return 1
    jq -re '.stored[].message_id' "$receipt" >run/here
    await 20 all_wait "$1"
}
all_wait() { [[ $(among message_todo) == "$1" ]]; }
none_waits() { [[ $(among message_todo) == 0 ]]; }
done_by() { grep -E "event=processed .*message=($(paste -sd'|' run/here)) " "$@" | sed -E 's/.*message=([^ ]+) .*/\1/' | sort; }

each_once() { [[ $(done_by log/hub.log log/hub-second.log) == "$(sort run/here)" ]]; }
rows_once() { [[ $(among enquiry_message) == "$(wc -l <run/here)" && $(among native_reference) == "$(wc -l <run/here)" ]]; }
leaves_once() { [[ $(ask "SELECT count(*) FROM mash.ledger_leaf WHERE act = 'process' AND subject IN ($(ids))") == "$(wc -l <run/here)" ]]; }

# What no message should do, and nobody can rule out: the database gives up over it, and the hub with it. Or, as in
# an outage, it cannot write, at this message as at any other.
poison() { # MESSAGE [CONDITION]
    psql_super mash <<SQL
CREATE FUNCTION mash.gives_up() RETURNS trigger LANGUAGE plpgsql AS \$\$
    BEGIN
        IF NEW.message_id = '$1' THEN
            RAISE EXCEPTION 'gives up' USING ERRCODE = '${2:-internal_error}';
        END IF;
        RETURN NEW;
    END \$\$;
CREATE TRIGGER gives_up BEFORE INSERT ON mash.mention FOR EACH ROW EXECUTE FUNCTION mash.gives_up();
SQL
}
heal() { psql_super mash -c "DROP TRIGGER gives_up ON mash.mention" -c "DROP FUNCTION mash.gives_up()"; }
has_ended() { (($(tail -n +"$log_from" log/hub.log | grep -c "sqlstate=53100") >= $1)); } # TIMES
all_passed() { (($(among enquiry_message) == $(wc -l <run/here))); }
none_aside() { [[ $(among quarantine) == 0 ]]; }

# A hub that dies of a fault of its own, each time it has the message in hand; for a shell of its own.
mortal_hub() { MASH_SHIM_DIR=$HUB/run/shim LD_PRELOAD=$BUILD/faults-shim.so exec "$BUILD/mash-hub" settings/hub-second.ini; }
dies_thrice() { # MESSAGE
    local i status
    [[ -e $BUILD/faults-shim.so ]] || { echo "the shim is not built: nothing would die"; return 1; }
    mkdir -p run/shim
    echo "${1//-/}" >run/shim/dies.mash-hub
    for i in 1 2 3; do
        status=0
        (mortal_hub) >>log/hub-second.log 2>&1 || status=$?
        [[ $status:$(among quarantine) == 139:0 ]] || { echo "time $i: status $status"; return 1; }
    done
}
set_aside() { [[ $(ask "SELECT reason FROM mash.quarantine WHERE message_id = '$1'") == hub_failed ]]; }
others_passed() { (($(among enquiry_message) == $(wc -l <run/here) - 1)); }

# A message that another hub has in hand for long: claimed, and not let go of.
hold() {
    exec {held}> >(exec "$PG/psql" -X -q -U "$superuser" -d mash >/dev/null)
    echo "UPDATE mash.message_todo SET received_at = received_at - interval '2 minutes';
          BEGIN; SELECT FROM mash.message_todo FOR UPDATE;" >&"$held"
}
is_held() { [[ -z $(ask "SELECT 1 FROM mash.message_todo FOR UPDATE SKIP LOCKED") ]]; }
says_late() {
    local said
    said=$(desk triage.officer queue 2>&1 >/dev/null) && printf '%s\n' "$said"
    [[ $said =~ 1\ message\ is\ waiting\ to\ be\ worked\ in,\ the\ oldest\ since\ .*\;\ of\ immediate\ danger:\ 0\.$ ]]
}
alarm_once() { [[ $(tail -n +"$log_from" log/hub.log | grep -c "event=alarm_started alarm=pipeline_late") == 1 ]]; }

echo "1..19"
hub_stands
check "sixty notices wait" notices 60 two
sed 's#run/hub\.#run/hub-second.#; s#^status = .*#status =#' settings/hub.ini >settings/hub-second.ini
"$BUILD/mash-hub" settings/hub-second.ini >log/hub-second.log 2>&1 &
second=$!
check "a second hub comes" await 20 test -s run/hub-second.endpoint
hub_goes
check "all are worked in" await 30 none_waits
check "each by one of the two" await 5 each_once
check "and nothing of it is doubled" rows_once
check "nor in the ledger" leaves_once
kill -TERM "$second"
ended=0
wait "$second" || ended=$?
check "the second hub ends in peace" test "$ended" = 0

hub_stands
notices 20 poison
bad=$(sed -n 7p run/here)
poison "$bad"
hub_goes
check "a message over which the hub ends is set aside" await 40 set_aside "$bad"
heal
check "and all others pass" await 30 others_passed

hub_stands
notices 20 outage
poison "$(sed -n 7p run/here)" disk_full
log_from=$(($(wc -l <log/hub.log) + 1))
hub_goes
check "an outage ends the hub again and again" await 40 has_ended 5
check "and nothing speaks against any message" test "$(ask 'SELECT max(blame) FROM mash.message_todo')" = 0
heal
check "when it is over all pass" await 30 all_passed
check "none is set aside" none_aside

hub_stands
notices 20 mortal
bad=$(sed -n 7p run/here)
check "a hub that dies of a fault over a message is started again" dies_thrice "$bad"
mortal_hub >>log/hub-second.log 2>&1 &
second=$!
check "and the fourth one sets the message aside" await 20 set_aside "$bad"
check "all others pass there, too" await 30 others_passed
kill -TERM "$second"
wait "$second"
hub_goes

hub_stands
notices 1 late
hold
await 10 is_held
log_from=$(($(wc -l <log/hub.log) + 1))
hub_goes
check "the queue says that messages wait too long" await 20 says_late
check "with one alarm" alarm_once
exec {held}>&-
check "until they do not" await 20 none_waits
