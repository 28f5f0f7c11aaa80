# A database administrator edits the rows beside the ledger: whom a letter is about, who was mentioned, how urgent it is,
# what replaced what, what waits to be carried. The leaf decides, or less leaves than by either; and a SIRO who asks is told
# which row of the ledger is not what the tables say.
# shellcheck shell=bash disable=SC2154,SC2016,SC2317 # sourced by tests/e2e/run; helpers are called by check
. "$tests/named"
school_allows() {
    for purpose in safeguarding_assessment immediate_protection; do
        echo "education allow education to go to any health_acute for $purpose when rating is any; show summary; from $(date -d yesterday +%F) until $(date -d '+300 days' +%F)"
    done >run/school.policy
    for who in siro dpo; do sign_policy education run/school.policy "education-$who" 1 || return 1; done
    desk hub.manager policy-load owner=education text=@run/school.policy signatures=@run/school.policy.sig
}
decide() {
    desk decision.maker claim "ref=$ref" >/dev/null && desk decision.maker show "ref=$ref" >/dev/null &&
        desk decision.maker decide "ref=$ref" subject=1 outcome=assessment_s17 gateway=ca1989_s17 rationale=Why. necessity=Needed.
}
preview() { desk decision.maker preview "ref=$ref" "recipient=${1:-health}" purpose=safeguarding_assessment --json; } # RECIPIENT
emergency() { desk triage.officer emergency "ref=$ref" "recipient=${1:-health}" --json >run/emergency.json; }          # RECIPIENT
leaves() { preview "${2:-health}" | jq -r .text | grep -F "$1"; } # WORD RECIPIENT
leaves_not() { # WORD RECIPIENT: something leaves, and not this
    local text
    text=$(preview "${2:-health}" | jq -re .text) && ! grep -F "$1" <<<"$text"
}
stays_in() { # WORD RECIPIENT: whatever leaves
    local said
    if said=$(preview "$2" 2>run/said); then ! jq -r .text <<<"$said" | grep -F "$1"; else grep nothing_to_share run/said; fi
}
nothing() { refuses nothing_to_share preview "$@"; }
named() { siro police -At -c 'SELECT sentence FROM siro.ledger_check() WHERE NOT holds' | grep -E "^Row [0-9]+ $1"; } # WORDS
holds() { # nothing is named
    local said
    said=$(siro police -At -c 'SELECT sentence FROM siro.ledger_check() WHERE NOT holds')
    [[ -z $said ]] || { echo "$said"; return 1; }
}
row_kept() { superuser "$1" "CREATE TABLE mash.kept AS SELECT * FROM mash.$1 WHERE $2; DELETE FROM mash.$1 WHERE $2"; } # TABLE WHERE
row_back() { superuser "$1" "INSERT INTO mash.$1 SELECT * FROM mash.kept; DROP TABLE mash.kept"; }                   # TABLE

echo "1..61"
drop police in "$here/deploy/story/police-notice.json" rows-notice.json
await 30 came police referral
concern >run/rows.csv
drop education in run/rows.csv
await 30 came education referral
message=$(one "message_id FROM mash.message WHERE agency = 'police' AND content = 'referral'")
IFS='|' read -r enquiry ref < <(psql_super mash -At -c "SELECT enquiry_id, e.reference FROM mash.enquiry_message m
    JOIN mash.enquiry e USING (enquiry_id) WHERE m.message_id = '$message'")
desk decision.maker claim "ref=$ref" >/dev/null
check "the school answers" answers
check "and lets its words go" school_allows
load_policy police "$here/deploy/policy/police.policy" >/dev/null
check "it is decided" decide
person_of() { one "l.person_id FROM mash.mention m JOIN mash.link l USING (mention_id) WHERE m.agency = 'police' AND '$1' = ANY (m.roles) LIMIT 1"; }
mention_of() { one "m.mention_id FROM mash.mention m WHERE m.agency = 'police' AND '$1' = ANY (m.roles) LIMIT 1"; }
child=$(person_of child) informant=$(person_of informant) stepfather=$(person_of suspect) mention=$(mention_of suspect)
check "the police mention three people" test -n "$child" -a -n "$informant" -a -n "$stepfather" -a "$child" != "$informant"
check "the school's words leave" leaves HERON
check "about the child" leaves "Isolde Quistgaard"
check "without her stepfather's name" leaves_not Vexmoor
check "the ledger's check names nothing" holds

# ---- whom it is about -----------------------------------------------------------------------------------------
superuser decision "UPDATE mash.decision SET person_id = '$informant' WHERE enquiry_id = '$enquiry'"
check "a decision made one about the informant is about nobody" refuses "no child of this enquiry" preview
check "and is named" named "decided on somebody else"
superuser decision "UPDATE mash.decision SET person_id = '$child' WHERE enquiry_id = '$enquiry'"
superuser subject "UPDATE mash.subject SET person_id = '$informant' WHERE enquiry_id = '$enquiry'"
check "nor is an emergency about an informant made a child by a row" refuses "no child of this enquiry" emergency
check "nor a question" refuses "No child of this enquiry" desk decision.maker check "ref=$ref" agency=health gateway=ca1989_s47 threshold=s47 family=no_risk "question=Any injuries?"
check "and is named, too" named "began an enquiry that is about other children now"
check "a decision on her, too, is one" decide
check "by which nothing leaves" refuses "no child of this enquiry" preview
superuser subject "UPDATE mash.subject SET person_id = '$child' WHERE enquiry_id = '$enquiry'"
check "the child is decided on again" decide
check "taken back, nothing is named" holds

# ---- who was mentioned ----------------------------------------------------------------------------------------
superuser link "UPDATE mash.link SET person_id = '$child' WHERE mention_id = '$mention'"
check "the stepfather taken for the child by a row is cut all the same" leaves_not Vexmoor
check "and that is named" named "took a mention for somebody else"
superuser link "UPDATE mash.link SET person_id = '$stepfather' WHERE mention_id = '$mention'"
row_kept link "mention_id = '$mention'"
check "as when the row is taken away" leaves_not Vexmoor
check "which is named" named "took a mention for somebody else"
row_back link
superuser mention "UPDATE mash.mention SET message_id = gen_random_uuid() WHERE mention_id = '$mention'"
check "or moved to another message" leaves_not Vexmoor
check "which is named, too" named "mentioned somebody whose words are not kept with their message"
superuser mention "UPDATE mash.mention SET message_id = '$message' WHERE mention_id = '$mention'"
row_kept enquiry_message "message_id = '$message'"
check "or the whole message is taken out of the enquiry" leaves_not Vexmoor
check "as is named" named "brought a message into an enquiry where it is not kept"
row_back enquiry_message
row_kept mention "mention_id = '$mention'"
check "when his words are gone nobody's leave: anybody may name him" nothing
check "as is named" named "mentioned somebody whose words are not kept"
row_back mention
superuser mention "UPDATE mash.mention SET sealed = sealed || '\x00' WHERE mention_id = '$mention'"
check "nor when they are altered" nothing
superuser mention "UPDATE mash.mention SET sealed = substring(sealed FROM 1 FOR octet_length(sealed) - 1) WHERE mention_id = '$mention'"
check "put back, it is as before" leaves HERON
check "and nothing is named" holds

# ---- how urgent it is -----------------------------------------------------------------------------------------
printf 'Nothing more is known.' >run/reason
check "it is rated green" eval 'desk decision.maker claim "ref=$ref" && desk decision.maker rate "ref=$ref" rating=green reason=@run/reason'
check "by which nothing of the police's goes to a school" stays_in KESTREL education
superuser enquiry "UPDATE mash.enquiry SET rating = 'red' WHERE enquiry_id = '$enquiry'"
check "a red row lets out no more" stays_in KESTREL education
check "and is named" named "rated an enquiry that is rated otherwise"
superuser enquiry "UPDATE mash.enquiry SET rating = 'green' WHERE enquiry_id = '$enquiry'"
check "it is rated red" desk decision.maker rate "ref=$ref" rating=red reason=@run/reason
check "and that goes" leaves KESTREL education

# ---- what was replaced ----------------------------------------------------------------------------------------
came_again() { [[ -n $(one "message_id FROM mash.enquiry_message WHERE treatment = 'update' LIMIT 1") ]]; }
sed 's/Reference word KESTREL/Reference word DUNLIN/' "$here/deploy/story/police-update.json" >run/update.json
drop police in run/update.json rows-update.json
check "the police send it anew" await 30 came_again
check "it is decided on that" decide
check "the new words leave" leaves DUNLIN education
check "and not the old ones" leaves_not KESTREL education
superuser item "UPDATE mash.item SET class = 'ad_' || class WHERE message_id = '$message'"
check "nor when their class is another one in the table" stays_in KESTREL education
check "as is named" named "brought items that are not the ones kept now"
superuser item "UPDATE mash.item SET class = substr(class, 4) WHERE message_id = '$message'"
reference=$(one "encode(reference, 'hex') FROM mash.native_reference WHERE message_id = '$message' LIMIT 1")
superuser native_reference "UPDATE mash.native_reference SET reference = sha256(reference) WHERE message_id = '$message'"
check "nor when the first message has another reference in the table" stays_in KESTREL education
check "as is named" named "came again under a reference that is kept otherwise"
superuser native_reference "UPDATE mash.native_reference SET reference = '\x$reference' WHERE message_id = '$message'"
check "put back, nothing is named" holds

# ---- one owner's row ------------------------------------------------------------------------------------------
desk_is() { superuser agency "UPDATE mash.agency SET desk = $1 WHERE agency = 'education'"; } # SQL
police_standing() {
    {
        cat "$here/deploy/policy/police.policy"
        printf "police allow %s to go to any health_acute for immediate_protection when rating is any; show summary; from $(date -d yesterday +%F) until $(date -d '+30 days' +%F)\n" incident concern domestic_abuse
    } >run/standing.policy
    load_policy police run/standing.policy >/dev/null
}
check "the police have a standing rule, too" police_standing
check "an emergency leaves with words of both" eval 'emergency && jq -r .text run/emergency.json | grep -F HERON && jq -r .text run/emergency.json | grep -F DUNLIN'
desk_is "desk || '.'"
check "an owner whose desk was edited is silent, and the others' words leave" eval \
    'emergency && ! jq -r .text run/emergency.json | grep -F HERON && jq -r .text run/emergency.json | grep -F DUNLIN'
check "the preview says why" eval 'preview | jq -e "[.cuts[] | select(.owner == \"education\") | .reason] | any(test(\"not in the register\"))"'
desk_is "rtrim(desk, '.')"
heron=$(one "item_id FROM mash.item WHERE owner = 'education' AND message_id = (SELECT message_id FROM mash.message WHERE agency = 'education' AND content = 'answer') AND class = 'education' LIMIT 1")
superuser item "UPDATE mash.item SET owner = 'nobody' WHERE item_id = '$heron'"
check "as is an item of nobody's" eval 'emergency && ! jq -r .text run/emergency.json | grep -F HERON && jq -r .text run/emergency.json | grep -F DUNLIN'
superuser item "UPDATE mash.item SET owner = 'education' WHERE item_id = '$heron'"
psql_super mash -c "INSERT INTO mash.setting VALUES ('justification_hours', 'x')"
check "a number that is none stops no emergency" emergency
check "the default holds" test "$(one "extract(epoch FROM d.due_at - d.set_at)::bigint FROM mash.deadline d WHERE d.subject = '$(jq -r .product run/emergency.json)'")" = 86400
check "and it is named" eval "siro police -At -c 'SELECT sentence FROM siro.ledger_check()' | grep -F justification_hours"
psql_super mash -c "DELETE FROM mash.setting WHERE name = 'justification_hours'"

# ---- what is carried, and what is owed ------------------------------------------------------------------------
kill -STOP "$(cat run/courier.pid)"
check "an emergency leaves while the courier stands still" emergency
product=$(jq -r .product run/emergency.json)
psql_super mash -c "DELETE FROM mash.letter_todo"
check "its letter taken off the list is named" named "sent a letter that has not arrived and that nobody carries"
kill -KILL "$(cat run/hub.pid)"
check "the hub, started again, puts it back" await 30 at_least 1 "count(*) FROM mash.letter_todo"
psql_super mash -c "UPDATE mash.letter_todo SET next_try = 'infinity'"
check "nor is it put off for ever unseen" named "sent a letter that has not arrived and that nobody carries"
psql_super mash -c "UPDATE mash.letter_todo SET next_try = mash.hub_now()"
kill -CONT "$(cat run/courier.pid)"
arrived() { find agencies/health -name "*$product*" | grep .; }
check "it arrives" await 30 arrived
check "and is named no more" eval '! named "sent a letter"'
superuser deadline_todo "DELETE FROM mash.deadline_todo WHERE subject = '$product'"
superuser deadline "DELETE FROM mash.deadline WHERE subject = '$product'"
check "an emergency that nobody is asked to justify is named" named "released in an emergency that nobody is asked to justify"
superuser emergency "DELETE FROM mash.emergency"
check "as when its row is gone" named "released in an emergency that nobody is asked to justify"
