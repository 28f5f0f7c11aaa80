# What an owner takes back, with the adapters of both sides: everybody who received it is told and must confirm, and
# a database administrator brings nothing back. And what referrers are told.
# shellcheck shell=bash disable=SC2154,SC2317,SC2016 # sourced by tests/e2e/run; helpers are called by check; jq has variables, too
. "$tests/product"
correction() { # NAME AGENCY JSON
    put_form "$2" correct "$1.json" "$3"
}
recalls() { desk hub.manager recalls --json "$@"; }
recall_of() { one "recall_id FROM mash.recall WHERE product_id = '$product' ORDER BY told_at DESC, recall_id LIMIT 1"; }
recall_saying() { # WORD: the recall of this product that says it
    local id
    for id in $(psql_super mash -At -c "SELECT recall_id FROM mash.recall WHERE product_id = '$product'"); do
        if grep -q "$1" "agencies/education/inbox/$id.txt"; then echo "$id" && return 0; fi
    done
    return 1
}
told() { [[ $(one "count(*) FROM mash.recall WHERE product_id = '$product'") == "$1" ]]; }
in_state() { recalls "state=$1" | jq -e --arg id "$recall" 'any(.recalls[]; .recall == $id)'; }
confirm() { # AGENCY NAME DONE
    put_form "$1" confirm "$2.json" "{\"recall_id\": \"$recall\", \"done\": \"$3\", \"name\": \"J. Oduya\"}"
}
waits() { desk triage.officer queue --json | jq -e --arg ref "$ref" 'any(.enquiries[]; .reference == $ref and .state == "waiting")'; }
preview() { desk decision.maker preview "ref=$ref" recipient=education purpose=safeguarding_assessment --json; }
stays_in() { preview 2>run/said >run/preview.json || grep -q nothing_to_share run/said; ! grep -q HERON run/preview.json; }
climbs() { recalls state=late | jq -e --arg id "$recall" 'any(.recalls[]; .recall == $id and .climbed_to == "desk")'; }
notices_of() { one "count(*) FROM mash.notice n JOIN mash.decision d USING (decision_id) JOIN mash.enquiry e USING (enquiry_id)
    WHERE e.reference = '$ref' AND n.agency = '$1'"; }
notice_file() { echo "agencies/police/inbox/$(one "notice_id FROM mash.notice WHERE message_id = '$message' ORDER BY at LIMIT 1").$1"; }
nothing_at_health() { ! grep -rqF HERON agencies/health; }
siro_rows() { siro "$1" -At -c "SELECT count(*) FROM siro.recalls WHERE product = '$product'"; }
ledger_holds() { [[ -z $(siro police -At -c "SELECT * FROM siro.ledger_check() WHERE NOT holds") ]]; }

echo "1..38"
product_at_school 880001 Kittiwake Runa >run/product.log 2>&1 || cat run/product.log >&2
check "the school has a product about a child" test -s "agencies/education/inbox/$product.txt"
check "with the police's own summary" holds_only "agencies/education/inbox/$product.txt" HERON
check "the referrer is told what was decided" test "$(notices_of police)" = 1
check "by letter" await 30 test -s "$(notice_file txt)"
check "the outcome, its own message, and nobody's name or words" \
    holds_only "$(notice_file txt)" "child in need assessment" "$message" not Kittiwake Runa OTTER HERON
check "who told nothing is told nothing" test "$(notices_of health)$(notices_of education)" = 00
version=$(one "version FROM mash.enquiry WHERE reference = '$ref'")

theirs=$(aside health not_found)
correction c1 health "{\"message_id\": \"$message\", \"kind\": \"withdrawn\"}"
check "another agency takes nothing back" quarantined health not_found $((theirs + 1))
none=$(aside police not_found)
correction c2 police "{\"message_id\": \"$message\", \"class\": \"housing\", \"kind\": \"corrected\", \"text\": \"It was so.\"}"
check "nor does the owner what it never said" quarantined police not_found $((none + 1))
correction c3 police "{\"message_id\": \"$message\", \"class\": \"domestic_abuse\", \"kind\": \"corrected\", \"text\": \"DUNLIN: it was next door.\", \"summary\": \"GODWIT: police attended\\u200f next door.\"}"
check "the police correct what they said" await 20 test -s agencies/police/desk/correct/c3.receipt
check "whoever received it is told: of the summary, and of the fact that left beside it" await 30 told 2
await 30 recall_saying HERON >/dev/null
recall=$(recall_saying HERON)
at=agencies/education/inbox/$recall
check "by letter" await 30 test -s "$at.txt"
check "the old words, and the new as far as the rules let them out" \
    holds_only "$at.txt" HERON GODWIT "Example Constabulary" "$product" not DUNLIN OTTER WIGEON Zarathene
check "as a page, too" grep -qF "<dd class=\"words\">Example Constabulary</dd>" "$at.html"
check "as data, too" jq -e '.kind == "corrected" and (.old | test("HERON")) and (.new | test("GODWIT"))' "$at.json"
check "with a form to confirm" jq -e --arg id "$recall" '.recall_id == $id' "$at.confirm.json"
check "who did not receive it is told nothing" nothing_at_health
check "the enquiry comes back to whoever decides" waits
check "as a new version" test "$(one "version FROM mash.enquiry WHERE reference = '$ref'")" -gt "$version"
check "the old words leave no more" stays_in
superuser correction "DELETE FROM mash.correction WHERE corrects = '$message'"
check "whatever a superuser deletes" stays_in

check "the register shows who has not confirmed" in_state unconfirmed
check "both SIROs see it" test "$(siro_rows police)$(siro_rows education)$(siro_rows health)" = 220
theirs=$(aside health not_found)
confirm health k1 corrected
check "nobody confirms for another" quarantined health not_found $((theirs + 1))
superuser confirmation "INSERT INTO mash.confirmation VALUES ('$recall', 'education', gen_random_uuid(), 'removed', now())"
check "nor does a row that no message made" in_state unconfirmed
superuser confirmation "DELETE FROM mash.confirmation WHERE recall_id = '$recall'"
confirm education k2 corrected
check "the school confirms" await 30 in_state confirmed
beside=$recall
recall=$(one "recall_id FROM mash.recall WHERE product_id = '$product' AND recall_id <> '$recall'")
confirm education k5 removed
check "and the fact's, too" await 30 in_state confirmed
recall=$beside
wrong=$(aside education state_wrong)
confirm education k3 removed
check "once" quarantined education state_wrong $((wrong + 1))

{ decided && shared; } >run/product.log 2>&1 || cat run/product.log >&2
check "the new words leave" await 30 grep -q GODWIT "agencies/education/inbox/$product.txt"
fixed=$(jq -r .message_id agencies/police/desk/correct/c3.receipt)
choose() { # NAME FIELDS
    put_form police choices "$1.json" "{\"chosen_at\": \"$(date -u +%FT%T.%3NZ)\", $2}"
    await 30 chosen
}
chosen() { [[ $(one "count(*) FROM mash.choice WHERE owner = 'police'") -gt $choices ]]; }
leaves_no_more() { preview 2>run/said >run/preview.json || grep -q nothing_to_share run/said; ! grep -q GODWIT run/preview.json; }
choices=$(one "count(*) FROM mash.choice WHERE owner = 'police'")
check "what the police choose for the message that they corrected" choose n1 "\"message_id\": \"$message\", \"tier\": \"signpost\", \"reason\": \"live_operation\""
check "keeps the corrected words in" leaves_no_more
choices=$((choices + 1))
check "until they choose for the correction itself" choose n2 "\"message_id\": \"$fixed\", \"tier\": \"sanitise\""
check "which then leaves again" eval 'preview | grep -q GODWIT'
correction c4 police "{\"message_id\": \"$fixed\", \"kind\": \"withdrawn\"}"
check "the police withdraw that, too" await 30 told 1
recall=$(recall_of)
check "of which the school is told, without new words" await 30 holds_only "agencies/education/inbox/$recall.txt" GODWIT "taken back" not "What takes its place"
none=$(aside police not_found)
correction c5 police "{\"message_id\": \"$fixed\", \"class\": \"domestic_abuse\", \"kind\": \"withdrawn\"}"
check "twice is once" quarantined police not_found $((none + 1))
clock 4
check "when nobody confirms in time it climbs" await 30 climbs
confirm education k4 removed
check "and is confirmed late" await 30 in_state confirmed
check "nothing of this is lost or stands apart from the ledger, but what the superuser did" eval 'desk hub.manager deadlines late=yes kind=recall --json | jq -e ".deadlines == []"'
