# A signpost followed, with the adapters of both sides: the school asks the police, and nobody else may, or learns
# anything by trying; the police answer; what is late climbs.
# shellcheck shell=bash disable=SC2154,SC2317,SC2016 # sourced by tests/e2e/run; helpers are called by check; jq has variables, too
. "$tests/product"
asking() { # QUESTION [jq]: the form as it lay beside the product, filled in
    jq -c --arg q "$1" ".question = \$q | .name = \"J. Oduya\" | .role = \"Safeguarding lead\" | .phone = \"01632 960103\" | ${2:-.}" \
        "agencies/education/inbox/$product.ask.json"
}
question_of() { one "question_id FROM mash.signpost WHERE product_id = '$product' ORDER BY asked_at DESC, question_id LIMIT 1"; }
asked() { [[ $(one "count(*) FROM mash.signpost WHERE product_id = '$product'") == "$1" ]]; }
listed() { desk hub.manager signposts --json "$@" | jq -e --arg id "$question" 'any(.signposts[]; .question == $id)'; }
in_state() { listed "state=$1"; }
reply() { # NAME OUTCOME REASON REPLY
    put_form police reply "$question.json" "$(jq -c --arg o "$1" --arg r "$2" --arg w "$3" '.outcome = $o | .reason = $r | .reply = $w' \
        "agencies/police/desk/questions/$question.json")"
}
climbs() { desk hub.manager signposts state=late --json | jq -e --arg id "$question" 'any(.signposts[]; .question == $id and .late and .climbed_to == "desk")'; }
siro_row() { siro "$1" -At -c "SELECT asker, owner, state FROM siro.signposts WHERE question = '$question'"; }
late_leaf() { [[ $(one "count(*) FROM mash.ledger_leaf WHERE act = 'climb' AND subject = '$question' AND agencies = ARRAY['police']") -ge 1 ]]; }
no_more() { [[ $(one "count(*) FROM mash.message_todo") == 0 ]] && asked "$1"; }
acts_since() { siro education -At -c "SELECT string_agg(act, ' ' ORDER BY leaf) FROM siro.acts WHERE leaf > $1 AND act IN ('signpost_question', 'quarantine')"; } # LEAF
as_list() { desk hub.manager signposts | grep -F "$question"; }
shown_in_enquiry() { desk decision.maker show "ref=$ref" --json | jq -e --arg id "$question" 'any(.signposts[]; .question == $id)'; }

echo "1..36"
product_at_school 770001 Nightingale Freya >run/product.log 2>&1 || cat run/product.log >&2
check "the school has a product about a child" test -s "agencies/education/inbox/$product.txt"
check "with a form to ask the owner behind its signpost" jq -e '.owner == "Example Constabulary"' "agencies/education/inbox/$product.ask.json"
put_form education ask q1.json "$(asking "MERLIN: may I ring about her evenings?")"
check "the safeguarding lead fills it in" await 20 test -s agencies/education/desk/ask/q1.receipt
check "the hub passes it on" await 30 asked 1
question=$(question_of)
at=agencies/police/desk/questions/$question
check "it is on the desk of the police" await 30 test -s "$at.txt"
check "with who asks, about whom, and by when; nothing that anybody said" \
    holds_only "$at.txt" MERLIN "J. Oduya" "01632 960103" "Freya Nightingale" "Answer by" not OTTER HERON WIGEON Zarathene
check "as a page, too" grep -qF MERLIN "$at.html"
check "it is listed as delivered" await 20 in_state delivered
check "for people, too" as_list
check "and with the enquiry" shown_in_enquiry
check "both SIROs see it" test "$(siro_row education)$(siro_row police)" = "education|police|deliverededucation|police|delivered"
check "and nobody else" test -z "$(siro_row health)"

refused=$(aside education not_found)
put_form education ask q2.json "$(asking "Any news?" '.owner = "Example Children'"'"'s Services"')"
check "who has no signpost in it cannot be asked" quarantined education not_found $((refused + 1))
put_form education ask q3.json "$(asking "Any news?" '.owner = "Example General Hospital"')"
check "in the same words, whatever is held" quarantined education not_found $((refused + 2))
put_form education ask q4.json "$(asking "Any news?" '.product_id = "00000000-0000-4000-8000-000000000000"')"
check "nor about a product that there is not" quarantined education not_found $((refused + 3))
elsewhere=$(aside health not_found)
put_form health ask q5.json "$(asking "Any news?")"
check "nor by an agency that has not received it" quarantined health not_found $((elsewhere + 1))
put_form education ask q7.json '{"product_id": "soon", "owner": "x", "question": "y"}'
check "a form that cannot be read is put aside at the desk" await 20 test -s agencies/education/desk/ask/rejected/q7.json.reason
put_form education ask q8.json "$(asking "MERLIN: may I ring about her evenings?")"
check "the same form again is the same question" await 20 grep -q known agencies/education/desk/ask/q8.receipt
check "and none of these was put to anybody" no_more 1

seen=$(siro education -At -c "SELECT max(leaf) FROM siro.acts")
put_form education ask q10.json "$(asking "Did Quillon Zarathene ring you?")"
check "whom another owner named, the asker does not find out by asking" await 30 asked 2
put_form education ask q11.json "$(asking "Did Ambrose Kettleborough ring you?")"
check "whether she guesses right or wrong" await 30 asked 3
check "her SIRO sees two questions more, and nothing else" test "$(acts_since "$seen")" = "signpost_question signpost_question"

names=$(aside police reply_names)
reply answered "" "Quillon Zarathene told us."
check "a reply that names the informant goes to a person: it is the police's own" quarantined police reply_names $((names + 1))
reply answered "" "TERN: please ring before she goes home."
check "the police answer in their own words" await 30 in_state answered
at=agencies/education/inbox/$question
check "the school has them" await 30 test -s "$at.txt"
check "and nothing else" holds_only "$at.txt" TERN "Example Constabulary" "$product" not OTTER WIGEON Zarathene
check "as a page, too" grep -qF TERN "$at.html"
check "as data, too" jq -e '.outcome == "answered" and (.reply | test("TERN"))' "$at.json"
wrong=$(aside police state_wrong)
reply met "" ""
check "a second reply is not obeyed" quarantined police state_wrong $((wrong + 1))

put_form education ask q9.json "$(asking "LAPWING: and on Fridays?")"
check "a second question" await 30 asked 4
question=$(question_of)
check "comes to the desk, too" await 30 test -s "agencies/police/desk/questions/$question.txt"
clock 4
check "when nobody answers in time it climbs" await 30 climbs
check "with a leaf that the owner's SIRO sees" late_leaf
reply refused detriment ""
check "late is better than never: refused, with a reason" await 30 in_state refused
check "of which the school is told" await 30 holds_only "agencies/education/inbox/$question.txt" "more detrimental to the child"
check "and it is late no more" test -z "$(desk hub.manager signposts state=late --json | jq -r --arg id "$question" '.signposts[] | select(.question == $id)')"
