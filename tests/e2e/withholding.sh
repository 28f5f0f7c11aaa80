# What is kept in, on the running hub: what only its class withholds waits for its owner and climbs when that is late; two
# people of the owner choose silence with a reason and a day to look again; the register says so to whoever works on the
# enquiry, the trend to others, and its own SIRO sees all of it, which no other does.
# shellcheck shell=bash disable=SC2154 # sourced by tests/e2e/run
one() { psql_super mash -At -c "SELECT $1"; }
at_least() { (($(one "$2") >= $1)); } # NUMBER SQL
came() { [[ -n $(one "m.message_id FROM mash.message m JOIN mash.enquiry_message USING (agency, message_id)
    WHERE m.agency = 'police' AND m.content = 'referral' LIMIT 1") ]]; }
sees() { # AGENCY SQL VALUE: what its SIRO reads in psql
    local said
    said=$(siro "$1" -At -c "SELECT $2")
    [[ $said == "$3" ]] || { echo "$said"; return 1; }
}
hub_day() { one "to_char(mash.hub_now() AT TIME ZONE 'Europe/London' + interval '$1', 'YYYY-MM-DD')"; }
owed() { desk hub.manager deadlines kind="$1" agency=police --json | jq -re '.deadlines | length'; }
owed_is() { [[ $(owed "$1") == "$2" ]] || { owed "$1"; return 1; }; }
climbed() { desk hub.manager deadlines kind="$1" agency=police late=yes --json | jq -e '[.deadlines[] | select(.climbed_to)] | length > 0'; }
share() {
    desk decision.maker preview "ref=$ref" recipient=education purpose=safeguarding_assessment --json >run/preview || return 1
    desk "$1" share "ref=$ref" recipient=education purpose=safeguarding_assessment gateway=ca1989_s17 \
        "product=$(jq -r .product run/preview)" "digest=$(jq -r .digest run/preview)"
}
choose() { # FIELDS PERSON ...
    local before
    before=$(one "count(*) FROM mash.ledger_leaf WHERE act = 'choice'")
    jq -nc --arg m "$message" --arg at "$(one "mash.rfc3339(mash.hub_now())")" "{message_id: \$m, chosen_at: \$at} + {$1}" >run/choice.json
    for who in "${@:2}"; do
        "$BUILD/mashctl" choice-sign run/choice.json owner=police "realm=$(<realm)" --key "keys/people/$who.ed25519-secret"
    done
    drop police desk/choices run/choice.json "choice-$before.json"
    await 30 at_least $((before + 1)) "count(*) FROM mash.ledger_leaf WHERE act = 'choice'"
}
register() { desk decision.maker withholding "ref=$ref" --json | jq -e "$1"; }
trend_says() { desk hub.manager withholding agency=police --json | jq -e "$1"; }

echo "1..34"
drop police in "$here/deploy/story/police-notice.json" withholding-notice.json
await 30 came
message=$(one "m.message_id FROM mash.message m WHERE m.agency = 'police' AND m.content = 'referral'")
ref=$(one "e.reference FROM mash.enquiry_message m JOIN mash.enquiry e USING (enquiry_id) WHERE m.message_id = '$message'")
load_policy police "$here/deploy/policy/police.policy" >/dev/null
desk decision.maker claim "ref=$ref" >/dev/null
desk hub.manager term silent_tier from=2026-01-01 source=agreement/2026-1 >/dev/null

# ---- a look has a purpose -------------------------------------------------------------------------------------
purpose_is() { [[ $(one "mash.leaf_says(body, 'purpose') FROM mash.ledger_leaf WHERE act = 'view' ORDER BY idx DESC LIMIT 1") == "$1" ]]; }
check "an enquiry is shown for a purpose" desk decision.maker show "ref=$ref" purpose=oversight
check "which the leaf of the look carries" purpose_is oversight
check "without one it is the task of who looks" desk triage.officer show "ref=$ref"
check "a triage officer's is to sort" purpose_is triage
check "there is no other purpose" refuses argument_wrong desk decision.maker show "ref=$ref" purpose=curiosity

# ---- undecided ------------------------------------------------------------------------------------------------
undecided=$(one "count(*) FROM mash.undecided WHERE owner = 'police'")
check "what only its class withholds waits for the police" test "$undecided" -ge 2
check "each is owed" owed_is choice "$undecided"
check "their SIRO sees all of it" sees police "count(*) FROM siro.undecided WHERE NOT late" "$undecided"
check "and another none" sees health "count(*) FROM siro.undecided" 0
desk decision.maker decide "ref=$ref" subject=1 outcome=assessment_s17 gateway=ca1989_s17 rationale=Why. necessity=Needed. >/dev/null
check "who only reads does not share" refuses role_missing share triage.officer
check "who decides shares what was previewed" share decision.maker
check "the register has it: by the rule that forbids it" register '[.withheld[] | select(.class == "intelligence") | .decider | test("^rule: version 1 line ")] == [true]'
check "everything in it has a reason, a decider and a day" register '.withheld | length > 0 and all(.reason and .decider and .review_on)'
check "the look at it is recorded" test "$(one "mash.leaf_says(body, 'what') FROM mash.ledger_leaf WHERE act = 'view' ORDER BY idx DESC LIMIT 1")" = withholding
check "the hub manager has no need to know it" refuses role_missing desk hub.manager withholding "ref=$ref"
check "days later nothing is decided" psql_as mash_admin mash -c "SELECT door.admin_clock(6 * 86400)"
check "and it climbs" await 30 climbed choice
check "its SIRO sees that it is late" sees police "count(*) > 0 FROM siro.undecided WHERE late AND climbed_to IS NOT NULL" t

# ---- silent by choice -----------------------------------------------------------------------------------------
silent="\"class\": \"intelligence\", \"tier\": \"silent\", \"reason\": \"live_operation\", \"review_on\": \"$(hub_day '10 days')\""
check "two people of the police choose silence" choose "$silent" police-siro police-dpo
check "nothing is owed for that any more" owed_is choice $((undecided - 1))
check "but a second look" owed_is review 1
check "another release" share decision.maker
check "the register says who decided it, why and until when" register \
    "[.withheld[] | select(.class == \"intelligence\" and .reason == \"live_operation\" and (.decider | startswith(\"owner: \")) and .review_on == \"$(hub_day '10 days')\")] | length == 1"
check "its SIRO sees it" sees police "count(*) FROM siro.withholding_register WHERE class = 'intelligence' AND refusal = 'live_operation'" 1
check "as silent, too" sees police "class FROM siro.silent WHERE refusal = 'live_operation'" intelligence
check "and the refusal, by its reason" sees police "act || ' ' || reason || ' ' || refused FROM siro.refusals" "choice live_operation 1"
check "another agency's SIRO sees nothing" sees health "(SELECT count(*) FROM siro.withholding_register) + (SELECT count(*) FROM siro.silent)
    + (SELECT count(*) FROM siro.choices) + (SELECT count(*) FROM siro.refusals)" 0
check "the trend tells few from none, and no more" trend_says '.trend | map(select(.class == "intelligence") | .items) | length > 0 and all(. == "<5")'
check "as do the refusals" jq -e 'any(.refusals[]; .act == "choice" and .refused == "<5")' <<<"$(desk hub.manager refusals agency=police --json)"
check "the trend is not for triage officers" refuses role_missing desk triage.officer withholding
check "its day goes by" psql_as mash_admin mash -c "SELECT door.admin_clock(12 * 86400)"
check "and it climbs, too" await 30 climbed review
check "the register calls it late" jq -e '[.withheld[] | select(.reason == "live_operation")] | length == 1 and all(.late)' \
    <<<"$(desk decision.maker withholding "ref=$ref" late=yes --json)"
check "a look that is left open ends by itself" test "$(siro police -At -c "SHOW idle_in_transaction_session_timeout")" = 1min
