# A child in danger now: one command, and the letter is in the recipient's inbox; the minimum, by the owner's standing
# rule, even when that has lapsed; and the hub is asked why until it has said so.
# shellcheck shell=bash disable=SC2154,SC2016 # sourced by tests/e2e/run
concern() { # NUMBER: of a child of its own
    sed -n 1p "$here/deploy/story/concern-log.csv"
    echo "INC-7700$1,,Petronel,Vandersloot,0$1/05/2015,5,20/11/2026,10:40,\"Physical abuse, Disclosure\",,\"Said that AVOCET $1 would come for her.\",Left forearm,Phone call home; MASH referral made,DSL,Open,A. Teacher"
}
send() { # NUMBER
    concern "$1" >"run/concern-$1.csv"
    drop education in "run/concern-$1.csv"
    await 30 test -s "agencies/education/receipts/concern-$1.csv.receipt.json"
}
its_enquiry() { psql_super mash -At -c "SELECT e.reference FROM mash.enquiry e JOIN mash.enquiry_message m USING (enquiry_id)
    WHERE m.agency = 'education' AND m.treatment = 'opened' ORDER BY e.opened_at DESC LIMIT 1" | grep .; }
standing() { # FROM UNTIL [LINE]: the school's standing rule, signed and loaded
    local who version
    version=$(next_version education)
    {
        echo "education allow concern to go to any police for immediate_protection when rating is red; show fact; from $(date -d "$1" +%F) until $(date -d "$2" +%F)"
        echo "${3:-# nothing more}"
    } >run/standing.policy
    rm -f run/standing.policy.sig
    for who in siro dpo; do sign_policy education run/standing.policy "education-$who" "$version" || return 1; done
    desk hub.manager policy-load owner=education text=@run/standing.policy signatures=@run/standing.policy.sig
}
emergency() { # STAFF: and how long it takes from the command to the inbox
    local began said product
    began=$(date +%s%3N)
    said=$(desk "$1" emergency "ref=$ref" recipient=police --json) || return 1
    jq -r .product <<<"$said" >run/product
    jq -r .lapsed <<<"$said" >run/lapsed
    jq -r .agreements_over <<<"$said" >run/agreements_over
    product=$(<run/product)
    await 30 test -s "agencies/police/inbox/$product.txt" || return 1
    echo "# from the command to the police's inbox: $(($(date +%s%3N) - began)) ms" >run/took
}
told() { psql_super mash -At -c "SELECT count(*) FROM mash.cut WHERE product_id = '$product' AND verdict = 'fact'"; }
nothing_told() {
    emergency triage.officer && product=$(<run/product) && [[ $(told) == 0 ]]
}
leaf() { psql_super mash -At -c "SELECT convert_from(body, 'UTF8') FROM mash.ledger_leaf WHERE act = '$1' AND subject = '$product' ORDER BY idx DESC LIMIT 1"; }
leaf_says() { leaf "$1" | grep -x "$2"; }
state_is() { # STATE
    local state
    state=$(desk hub.manager emergencies --json | jq -re --arg p "$product" '.emergencies[] | select(.product == $p) | .state')
    [[ $state == "$1" ]] || { echo "it is $state"; return 1; }
}
climbed() { desk hub.manager emergencies state=unjustified --json | jq -e --arg p "$product" '.emergencies[] | select(.product == $p) | .climbed_to == "desk"'; }
seen_by() { siro "$1" -At -c "SELECT count(*) FROM siro.emergencies WHERE product = '$product'"; }
read_back() { # STAFF WORDS: in the enquiry, as data and for people
    desk "$1" show "ref=$ref" --json | jq -e --arg p "$product" --arg w "$2" 'any(.emergencies[]; .product == $p and .rationale == $w)' &&
        desk "$1" show "ref=$ref" | grep -F "$2"
}
letter() { sed "s/$1/ID/g" "agencies/police/inbox/$1.txt"; } # PRODUCT
because() { desk "$1" justify "product=$product" "rationale=She was in danger that night." "${@:2}"; }

take_back() {
    printf '{"message_id": "%s", "kind": "withdrawn"}\n' "$(psql_super mash -At -c "SELECT message_id FROM mash.enquiry_message JOIN mash.enquiry USING (enquiry_id)
        WHERE reference = '$ref' AND agency = 'education' ORDER BY at LIMIT 1")" >run/withdrawn.json
    drop education desk/correct run/withdrawn.json
}
recalled() { psql_super mash -At -c "SELECT count(*) FROM mash.recall WHERE product_id = '$product' AND agency = 'police'"; }
was_recalled() { (($(recalled) > 0)); }
ref='' product=''
echo "1..48"
check "a school's concern comes in" send 1
await 30 its_enquiry >/dev/null
ref=$(its_enquiry)
check "without a standing rule a signpost leaves at most" nothing_told
check "it makes one" standing '-30 days' '+300 days'
check "the hub manager does not share" refuses role_missing desk hub.manager emergency "ref=$ref" recipient=police
check "a gateway that is none is refused" refuses gateway_missing desk triage.officer emergency "ref=$ref" recipient=police gateway=hurry
check "a triage officer, without claim or decision: the letter is in the police's inbox" emergency triage.officer
cat run/took
product=$(<run/product)
first=$product
check "it says that a concern is held" test "$(told)" -ge 1
check "and not what" test -z "$(grep -rlF AVOCET agencies/police)"
check "it was by the vital interest of the child" leaf_says release "gateway vital_interest"
check "the danger is on record: the enquiry is red" jq -e '.enquiry.rating == "red"' <<<"$(desk decision.maker show "ref=$ref" --json)"
check "the ledger says that it was an emergency" leaf_says release "emergency yes"
check "and nothing had lapsed" test -z "$(leaf release | grep lapsed)"
check "it is still to be justified" state_is unjustified
check "as the enquiry says" eval 'desk decision.maker show "ref=$ref" --json | jq -e ".emergencies | map(.state) | index(\"unjustified\")"'
check "the school's SIRO sees it" test "$(seen_by education)" = 1
check "and no other" test "$(seen_by health)" = 0
check "a gateway that is not in force is none" refuses gateway_inactive desk triage.officer emergency "ref=$ref" recipient=police gateway=ca2004_s16la
check "a justification needs its necessity" refuses necessity_missing because triage.officer
check "it is given afterwards" because triage.officer "necessity=Nothing less would have reached her in time."
check "and stands" state_is "justified by triage.officer"
check "and is read in the enquiry, by a colleague, too" read_back decision.maker "She was in danger that night."
check "by whoever may see it" refuses role_missing desk hub.manager show "ref=$ref"
check "it is in clear nowhere else" test -z "$(grep -rlF "in danger that night" log agencies; siro education -c "SELECT * FROM siro.emergencies" | grep -F "that night")"
check "it is said once" refuses state_wrong because triage.officer "necessity=Another."

# ---- lapsed paperwork -----------------------------------------------------------------------------------------
check "the school forgets to renew its rule" standing '-300 days' '-1 day'
psql_super mash -c "INSERT INTO mash.setting VALUES ('justification_hours', '0')"
check "the letter leaves all the same" emergency decision.maker
cat run/took
product=$(<run/product)
check "with a warning" grep -qx true run/lapsed
check "on the record" leaf_says release "lapsed yes"
check "nobody says why: it climbs" await 15 climbed
check "and is late" state_is "unjustified, late"
psql_super mash -c "DELETE FROM mash.setting WHERE name = 'justification_hours'"
before=$ref
other() { [[ $(its_enquiry) != "$before" ]]; }
check "a concern is never refused for paperwork" send 2
check "and is worked on" await 30 other
check "only the hub manager enters an agreement" refuses role_missing desk triage.officer agreement agency=education until=2026-01-31 source=isa/2025
check "of an agency that there is" refuses "one of those that \`agreements\` lists" desk hub.manager agreement agency=nobody until=2026-01-31 source=isa/2025
check "until a day" refuses '"until" is a day' desk hub.manager agreement agency=education until=January source=isa/2025
check "the school's agreement is over, too" desk hub.manager agreement agency=education until=2026-01-31 source=isa/2025
check "as is listed" jq -e '[.agreements[] | select(.over) | .agency + " " + .until] == ["education 2026-01-31"]' <<<"$(desk triage.officer agreements --json)"
check "the letter leaves all the same, too" emergency triage.officer
product=$(<run/product)
check "with that warning" grep -qx education run/agreements_over
check "on the record" leaf_says release "agreements_over education"
check "and in the register" jq -e --arg p "$product" '.emergencies[] | select(.product == $p) | .agreements_over == "education"' <<<"$(desk hub.manager emergencies --json)"
check "the school's SIRO sees that" test "$(siro education -At -c "SELECT agreements_over FROM siro.emergencies WHERE product = '$product'")" = education
check "the police's letter is the same as when nothing was over" test "$(letter "$product")" = "$(letter "$first")"
check "and a concern of the school's is taken as ever" send 3
check "the school forbids it" standing '-300 days' '-1 day' "education never allow concern to go to anyone"
check "which a lapsed rule does not undo" nothing_told
check "what left so can be taken back by its owner" take_back
product=$first
check "and the police are told, of the first letter, too" await 30 was_recalled
