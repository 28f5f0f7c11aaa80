# A database administrator without a key edits rows so that more would leave, or a concern be lost: what was
# sealed, signed or recorded in the ledger decides, not the row.
# shellcheck shell=bash disable=SC2154,SC2317 # sourced by tests/e2e/run; helpers are called by check
decided() {
    desk decision.maker claim "ref=$ref" && desk decision.maker show "ref=$ref" &&
        desk decision.maker decide "ref=$ref" subject=1 outcome=assessment_s17 gateway=ca1989_s17 rationale=Why. necessity=Needed.
}
preview() { desk decision.maker preview "ref=$ref" "recipient=${1:-education}" purpose=safeguarding_assessment --json; }
# The product's words; its random reference and the day are another's each time.
words() { preview | jq -re .text | grep -vE '^(Reference|Date): '; }
as_before() { diff run/before <(words); }
kept_in() { preview | jq -e --arg id "$source" '.cuts[] | select(.item == $id) | .class == "source_identity" and .verdict == "silent"' && as_before; }
does_not_open() { desk decision.maker show "ref=$ref" --json | jq -e --arg id "$source" '[.. | objects | select(.item? == $id)][0].erased == true'; }
item_of() { psql_super mash -At -c "SELECT item_id FROM mash.item WHERE class = '$1' AND owner = 'police' AND enquiry_id = '$enquiry' LIMIT 1"; }
unknown_recipient() { ! preview "$1" 2>run/said && grep -q argument_wrong run/said; }
check_names() { PGPASSFILE=keys/siro/police.pgpass "$PG/psql" -X -At -d mash -U siro_police -c 'SELECT * FROM siro.ledger_check()' | grep -q "$1"; }
is_worked_off() { [[ $(psql_super mash -At -c "SELECT count(*) FROM mash.enquiry_message WHERE message_id = '$1'") == 1 ]]; }
stop_one() { kill -STOP "$(cat run/hub.pid)"; }
lost() { # a notice is acknowledged while the hub stands still; its work row is deleted; the hub is started again
    stop_one
    drop police in "$here/deploy/story/police-late.json" lost.json
    await 20 test -s agencies/police/receipts/lost.json.receipt.json || return 1
    jq -re '.stored[0].message_id' agencies/police/receipts/lost.json.receipt.json >run/lost
    await 20 taken_in "$(<run/lost)" || return 1
    superuser message_todo "DELETE FROM mash.message_todo"
    kill -KILL "$(cat run/hub.pid)"
}
taken_in() { [[ $(psql_super mash -At -c "SELECT count(*) FROM mash.message_todo WHERE message_id = '$1'") == 1 ]]; }

echo "1..13"
drop police in "$here/adapters/police/samples/story-notice.json" tamper.json
receipt=agencies/police/receipts/tamper.json.receipt.json
await 20 test -s "$receipt"
message=$(jq -re '.stored[0].message_id' "$receipt")
await 20 is_worked_off "$message"
IFS='|' read -r enquiry ref < <(psql_super mash -At -c "SELECT enquiry_id, reference FROM mash.enquiry
    JOIN mash.enquiry_message USING (enquiry_id) WHERE message_id = '$message'")
[[ $(next_version police) != 1 ]] || load_policy police "$here/deploy/policy/police.policy" >/dev/null
check "an enquiry is decided" decided
words >run/before
check "something of the police would leave" grep -q "Police attended" run/before

source=$(item_of source_identity)
superuser item "UPDATE mash.item SET class = 'domestic_abuse', tier = 'share', free_text = false WHERE item_id = '$source'"
check "an informant's account relabelled in the table still stays in" kept_in
superuser item "UPDATE mash.item SET class = 'source_identity', tier = 'silent', free_text = true WHERE item_id = '$source'"

superuser agency "UPDATE mash.agency SET type = 'school' WHERE agency = 'health'"
check "an agency made a school by an edit is no recipient at all" unknown_recipient health
superuser agency "UPDATE mash.agency SET type = 'health_acute' WHERE agency = 'health'"

superuser policy_rule "UPDATE mash.policy_rule SET effect = 'allow', show = 'full' WHERE owner = 'police'"
check "edited rule rows let nothing more out: the signed text decides" as_before

superuser item "UPDATE mash.item SET owner = 'health' WHERE item_id = '$source'"
check "an item given to another owner does not open" does_not_open
superuser item "UPDATE mash.item SET owner = 'police' WHERE item_id = '$source'"

check "a leaf's columns cannot be set apart from its text" \
    eval '! superuser ledger_row "UPDATE mash.ledger_leaf SET actor = '"'somebody.else'"' WHERE idx = 3"'
edit_leaf() { superuser ledger_row "UPDATE mash.ledger_row SET body = convert_to(replace(convert_from(body, 'UTF8'), '$1', '$2'), 'UTF8') WHERE idx = 3"; }
edit_leaf mash_admin mash_bdmin
check "a SIRO asks the ledger herself, and the edited row is named" check_names '[Rr]ow 3\b'
edit_leaf mash_bdmin mash_admin
check "taken back, nothing is named" eval '! check_names "[Rr]ow 3\b"'

check "a notice is acknowledged and its work row deleted, the hub killed" lost
check "the hub, started again, finds it by the ledger and works it off" await 30 is_worked_off "$(<run/lost)"
check "and says so" grep -q "event=not_reconciled" log/hub.log
check "with an alarm" await 5 grep -q "event=alarm_started alarm=not_reconciled" log/hub.log
