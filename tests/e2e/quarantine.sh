# What intake could not take, as the hub manager meets it: listed, shown, put through again where it can be, mended
# under a new id, left out with a reason. The material is what e2e-intake was refused, on the same hub, and notices
# that the hub could not work on; nothing of it is ever lost.
# shellcheck shell=bash disable=SC2154,SC2317,SC2016 # sourced by tests/e2e/run; helpers are called by check; jq has variables, too
manager() { desk hub.manager "$@"; }
listed() { manager quarantine "$@" --json; }
first() { listed | jq -re "[.quarantine[] | select($1)][0].$2"; } # FILTER FIELD
is_listed() { listed | jq -e --arg id "$1" 'any(.quarantine[]; .id == $id)'; }
shown() { manager quarantine-show "id=$1" --json; }
in_ledger() { psql_super mash -At -c "SELECT count(*) FROM mash.ledger_leaf WHERE act = '$1' AND actor = 'hub.manager'"; }
refused_as() { # REASON COMMAND ...
    local reason=$1 said
    shift
    ! said=$("$@" 2>&1) && grep -q "($reason)" <<<"$said"
}
only_in_the_record() { ! is_listed "$1" && listed all=yes | jq -e --arg id "$1" 'any(.quarantine[]; .id == $id and .act == "reject")'; }
only_matching() { listed agency=police reason=bad_time since=2020-01-01 | jq -e '.count > 0 and all(.quarantine[]; .agency == "police" and .reason == "bad_time" and .age != null)'; }
as_a_table() { manager quarantine reason=bad_time | grep -E '^ID +AGENCY +REASON' && manager quarantine | grep -E '^[0-9]+ in all, [0-9]+ shown'; }

# The enquiry that a row became, once the hub has worked on it.
became() { listed all=yes | jq -re --arg id "$1" '.quarantine[] | select(.id == $id) | .enquiry // empty'; } # ID
says_mended() { # ID CORRECTED INSTEAD-OF: what whoever works on the enquiry is told
    desk triage.officer show "ref=$(became "$1")" --json |
        jq -e --argjson corrected "$2" --arg from "$3" '[.owners[].items[].mended | select(. != null)] |
            any(.by == "hub.manager" and .corrected == $corrected and .instead_of == $from)'
}
siro_sees() { # MESSAGE INSTEAD-OF CORRECTED
    [[ $(siro police -At -c "SELECT mended_by, mended_from, corrected FROM siro.received WHERE message = '$1'") == "hub.manager|$2|$3" ]]
}
mend() { manager quarantine-mend "$@" --json >run/mend.json; }
waits() { desk triage.officer show "ref=$(became "$1")" --json | jq -e '.enquiry.state == "waiting"'; }
on_paper() { desk triage.officer show "ref=$(became "$1")" | grep "corrected in the hub by hub.manager"; }
# Notices arrive while the hub stands still, and are set aside as a hub would that cannot work on them.
set_aside_notices() {
    local receipt=agencies/police/receipts/aside.json.receipt.json
    kill -STOP "$(<run/hub.pid)"
    drop police in "$here/adapters/police/samples/police-notices.json" aside.json
    await 20 test -s "$receipt" || return 1
    jq -re '.stored[].message_id' "$receipt" >run/aside
    await 20 all_wait || return 1
    psql_super mash -c "SELECT door.hub_set_aside(agency, message_id, gen_random_uuid(), 'hub_failed', '')
        FROM (SELECT * FROM mash.message_todo WHERE agency = 'police') t" >/dev/null
    kill -CONT "$(<run/hub.pid)"
    (($(notices) > 2))
}
notices() { wc -l <run/aside; }
ids() { sed "s/.*/'&'/" run/aside | paste -sd,; }
count() { psql_super mash -At -c "SELECT count(*) FROM mash.$1 WHERE message_id IN ($(ids))"; }
all_wait() { [[ $(count message_todo) == $(notices) ]]; }
all_worked_off() { [[ $(count enquiry_message) == $(notices) ]]; }
replayed() { manager quarantine-replay reason=hub_failed agency=police "$@" --json; }
counted() { ((ready >= $(notices))) && nothing_changed; }
put_through() { await 20 all_worked_off && (($(in_ledger replay) == replays + ready)); }
nothing_changed() { [[ $(in_ledger replay) == "$replays" && $(count message_todo) == 0 ]]; }

echo "1..43"
if [[ -z $(listed | jq -r '.quarantine[].id') ]]; then
    [[ -x $BUILD/e2e-intake ]] || { echo "$BUILD/e2e-intake is not built"; exit 1; }
    "$BUILD/e2e-intake" >/dev/null 2>&1 || true # run alone: the refusals are made first, which is what it is for
fi
clash=$(first '.reason == "content_clash"' id)
clash_of=$(first '.reason == "content_clash"' message)
raw=$(first '.content == null' id)
bad=$(first '.reason == "bad_time" and .path == "authored_at"' id)
bad_of=$(first '.reason == "bad_time" and .path == "authored_at"' message)
looks=$(in_ledger view)
check "a clash is listed, and so is a submission that failed as a whole" test -n "$clash" -a -n "$raw"
check "the list is narrowed down by agency, reason and time" only_matching
check "it is a table for whoever reads it" as_a_table
check "a reason that there is not is told" refused_as argument_wrong manager quarantine reason=whim
check "so is a time that is none" refused_as argument_wrong manager quarantine since=yesterday
check "a clash is opened for a person to read" jq -e '.told.narrative[0].text | length > 0' <<<"$(shown "$clash")"
check "so are the frames of a whole submission" jq -e '.frames | length > 0' <<<"$(shown "$raw")"
check "both looks are in the ledger" test "$(in_ledger view)" -ge $((looks + 2))
check "a triage officer may not look" refused_as role_missing desk triage.officer quarantine-show "id=$clash"
check "nor mend" refused_as role_missing desk triage.officer quarantine-mend "id=$clash" reason=Why.

# One that was wrong in one field: shown, corrected, put through.
shown "$bad" | jq .told >run/told.json
jq '.authored_at = "2026-11-22T14:00:00Z"' run/told.json >run/right.json
jq '.authored_at = "2026-11-22T14:00:00Z" | .person[0].nickname = "Bo"' run/told.json >run/unknown.json
jq '.authored_at = "2026-11-22T14:00:00Z" | .category = "whim"' run/told.json >run/whim.json
printf '{"category":' >run/cut.json
check "without a reason nothing is mended" refused_as argument_missing manager quarantine-mend "id=$bad" content=@run/right.json
check "nor what is as wrong as it was" refused_as bad_time manager quarantine-mend "id=$bad" reason=Why.
check "nor with a field that there is not" refused_as field_unknown manager quarantine-mend "id=$bad" content=@run/unknown.json reason=Why.
check "nor with a code that is not in its list" refused_as code_unknown manager quarantine-mend "id=$bad" content=@run/whim.json reason=Why.
check "nor with half a text" refused_as argument_wrong manager quarantine-mend "id=$bad" content=@run/cut.json reason=Why.
check "nothing of that changed anything" is_listed "$bad"
check "corrected, it is put through under a new id" mend "id=$bad" content=@run/right.json "reason=The time was no time."
check "which is told to be corrected" jq -e --arg from "$bad_of" '.corrected and .instead_of == $from' run/mend.json
bad_new=$(jq -r .message run/mend.json)
check "it becomes an enquiry" await 20 became "$bad"
check "that waits for somebody" waits "$bad"
check "and says that staff corrected it: who, and instead of which message" says_mended "$bad" true "$bad_of"
check "also on paper" on_paper "$bad"
check "the agency's SIRO sees it" siro_sees "$bad_new" "$bad_of" t
check "a second mend is refused" refused_as state_wrong manager quarantine-mend "id=$bad" content=@run/right.json reason=Why.
check "the reason is kept for who looks again" jq -e '.quarantine.because == "The time was no time." and .quarantine.mended_as != null' <<<"$(shown "$bad")"

# A clash: what came under a used id, as it is, under a new one.
check "what is no single message cannot be put through again" refused_as state_wrong manager quarantine-replay "id=$raw"
check "nor mended" refused_as state_wrong manager quarantine-mend "id=$raw" content=@run/right.json reason=Why.
check "nor can a clash under its own id, which belongs to the other version" refused_as content_clash manager quarantine-replay "id=$clash"
check "under a new id it goes through, unchanged" mend "id=$clash" "reason=Two notices, one id."
check "it becomes an enquiry, too" await 20 became "$clash"
check "which says so" says_mended "$clash" false "$clash_of"

# Many at once.
check "the hub cannot work on a folder of notices" set_aside_notices
replays=$(in_ledger replay)
ready=$(replayed | jq -re .replay.ready)
check "they are counted before anything is done" counted
check "what cannot be read now, either, is counted apart" jq -e '.replay | .ready == 0 and .unreadable > 0 and .left == 0' \
    <<<"$(manager quarantine-replay reason=not_msgpack --json)"
check "another number than was counted is refused" refused_as items_changed replayed "confirm=$((ready + 1))"
check "and changes nothing" nothing_changed
check "the number that was counted puts them through" jq -e --argjson n "$ready" '.replay.put_through == $n' <<<"$(replayed "confirm=$ready")"
check "each by an act of its own, and all of them are worked off" put_through

# What nobody can open, and more of it than one call looks at.
psql_super mash -c "INSERT INTO mash.quarantine (quarantine_id, agency, message_id, reason, path, content, digest, sealed, received_at)
    SELECT gen_random_uuid(), 'police', gen_random_uuid(), 'bad_utf8', '', 'referral', sha256(n::text::bytea), 'sealed', now()
      FROM generate_series(1, 600) n" >/dev/null
manager quarantine-replay reason=bad_utf8 since="$(date -u +%F)" --json >run/some.json
check "a call looks at 500, and says how many are left" jq -e '.replay | .unreadable == 500 and .left >= 100' run/some.json
check "and where to go on" jq -e --argjson n "$(jq .replay.left run/some.json)" '.replay | .unreadable == $n and .left == 0' \
    <<<"$(manager quarantine-replay reason=bad_utf8 "after=$(jq -r .replay.after run/some.json)" --json)"

check "without a reason nothing is left out" refused_as argument_missing manager quarantine-reject "id=$raw"
check "with one it is, and leaves the list" manager quarantine-reject "id=$raw" "reason=Sent again by the agency."
check "but not the record" only_in_the_record "$raw"
