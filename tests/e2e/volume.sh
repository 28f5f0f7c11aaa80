# One agency's volume: sixty notices about one child are more than a letter holds. They give way to whom to ask, the
# cuts and the register say so, and neither the emergency nor the preview is refused for them.
# shellcheck shell=bash disable=SC2154,SC2016,SC2317 # sourced by tests/e2e/run; helpers are called by check; eval has its own
. "$tests/product"
sixty() {
    jq --arg words "$(printf 'HERON %.0s' {1..310})" '[range(60) as $i | .[0] | .notice_ref = "PPN/26/60\($i)"
        | .occurrence_number = "2660\($i)" | .summary = "\($i): \($words)"]' run/notice-880008.json >run/sixty.json
    drop police in run/sixty.json
    await 60 test -s agencies/police/receipts/sixty.json.receipt.json && await 60 all_worked_in
}
all_worked_in() { [[ $(one "count(*) FROM mash.message_todo") == 0 ]]; }
rules() { # the police's, with a standing one
    {
        cat "$here/deploy/policy/police.policy"
        printf "police allow %s to go to any childrens_social_care for immediate_protection when rating is any; show summary; from $(date -d yesterday +%F) until $(date -d '+30 days' +%F)\n" \
            incident concern domestic_abuse
    } >run/standing.policy
    load_policy police run/standing.policy >/dev/null
}
reasons() { jq -r '.cuts[] | select(.reason | test("^Too much of this owner")) | "\(.owner) \(.verdict)"' run/preview.json | sort -u; }
deciders() { one "string_agg(DISTINCT decider, ', ') FROM mash.withholding WHERE decider ~ 'letter'"; }

echo "1..5"
rules
if ! { notice_about 880008 Lapwing Freya && sixty && decided; } >run/decided.log 2>&1; then cat run/decided.log >&2; fi
check "the emergency goes" eval 'desk triage.officer emergency "ref=$ref" recipient=social-care >run/emergency.txt'
check "and tells whom to ask, without the words" holds_only run/emergency.txt "may be able to tell you more. Ask:" not HERON
check "the preview is not refused" eval 'desk decision.maker preview "ref=$ref" recipient=education purpose=safeguarding_assessment --json >run/preview.json'
check "and warns whoever decides whose words gave way" test "$(reasons)" = "police signpost"
check "as does the register" test "$(deciders)" = "hub: too much for one letter"
