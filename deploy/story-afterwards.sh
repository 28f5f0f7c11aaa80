# Steps 8 to 12 of the story that deploy/demo plays: what owners and recipients have to say after a product left, and
# the child for whom nobody can wait. Goes on from story.sh, ends in story-proof.sh.
# shellcheck shell=bash disable=SC2154 # demo, lib.sh, play.sh and story.sh set them
inbox=agencies/education/inbox police_desk=agencies/police/desk
first='' supplement='' request='' question='' notice='' danger=''

one() { psql_super mash -At -c "SELECT $1"; }
form() { # AGENCY FOLDER NAME JSON: somebody at the agency's desk puts a filled-in form there
    printf '%s\n' "$4" >"run/$3"
    drop "$1" "desk/$2" "run/$3"
}
message_of() { jq -re '.stored[0].message_id' "agencies/$1/receipts/$2.receipt.json"; } # AGENCY FILE
says() { grep -qF -e "$2" "$1"; } # FILE WORDS
not_in() { ! grep -rqF -e "$1" "${@:2}"; } # WORDS FILE-OR-FOLDER ...

# ---- 8 --------------------------------------------------------------------------------------------

sergeant() { # a key of her own, enrolled by two people of the police
    "$BUILD/mash-keygen" people keys/people police-sergeant &&
        people_act "police-siro police-dpo" agency=police act=enrol public=@keys/people/police-sergeant.ed25519-public \
            holder=police-sergeant "until=$(date -u -d '+300 days' +%F)"
}
voice_rule() {
    grep -v 'police never allow domestic_abuse' "$here/deploy/policy/police.policy" >run/police-3.policy
    echo "police allow voice_of_child to go to any school for safeguarding_assessment when rating is amber or higher; show full; owner authorises; from 2026-09-01 until 2027-08-31" >>run/police-3.policy
    load_policy police run/police-3.policy
}
words_stay_in() { preview education && holds "$(<run/preview.json)" '(.text | contains("hands on my ears") | not) and [.wanted[].owner] == ["police"]'; }
ask_owner() {
    request=$(json decision.maker authorise-ask "ref=$ref" recipient=education purpose=safeguarding_assessment | jq -re '.requests[0].request')
}
granted() { holds "$(json decision.maker authorisations "ref=$ref")" '.authorisations[] | select(.request == "'"$request"'") | .state == "granted"'; }

story_8_authorisation() {
    step 8 "The owner's word" "What the child said may go to a school in her own words, if a person of the police agrees to exactly those words."
    first=$product
    check "two people of the police enrol a third, a sergeant, with a key of her own" sergeant
    check "and sign the new rule" voice_rule
    grep "^police.*voice_of_child.*any school" run/police.signed.policy >run/rule.txt
    quote run/rule.txt
    check "until somebody has agreed, the words stay in" words_stay_in
    scene "The hub asks the police by letter: their own section as it would leave, and nothing of anybody else's."
    check "the owner is asked" ask_owner
    check "the letter is at their desk" await 30 test -s "$police_desk/authorise/$request.txt"
    quote "$police_desk/authorise/$request.txt" "May this leave" "Use this"
    check "nothing in it is another agency's, or stays in" absent "General Hospital|OSPREY|GANNET|PTARMIGAN|SHRIKE|Zarathene" "$police_desk/authorise/$request.txt"
    leave "$police_desk/authorise/$request.txt" 08-request.txt "what the police are asked to agree to"
    scene "The sergeant reads it and signs: these words, this recipient, this purpose, until this day."
    check "she signs with her own key, offline" "$BUILD/mash-police" authorise "$police_desk/authorise/$request.json" --key keys/people/police-sergeant.ed25519-secret
    check "and her word is at the hub" await 30 granted
    check "a supplementary product is shared" share education
    supplement=$product
    check "and reaches the school" await 30 test -s "$inbox/$supplement.txt"
    quote "$inbox/$supplement.txt" "what the child said" "domestic abuse"
    check "with the child's own words" says "$inbox/$supplement.txt" "I put my hands on my ears"
    check "which the first product had not" not_in "hands on my ears" "$inbox/$first.txt"
    leave "$inbox/$supplement.txt" 08-supplement.txt "the supplementary product, with what the sergeant agreed to"
}

# ---- 9 --------------------------------------------------------------------------------------------

ask_behind() { # NAME OWNER QUESTION: the form that came with the product, filled in
    form education ask "$1.json" "$(jq -c --arg o "$2" --arg q "$3" '.owner = $o | .question = $q | .name = "J. Oduya" | .role = "Safeguarding lead" | .phone = "01632 960103"' \
        "$inbox/$supplement.ask.json")"
}
asked() { # OWNER
    question=$(one "question_id FROM mash.signpost WHERE product_id = '$supplement' AND owner = '$1'")
    [[ -n $question && -s agencies/$1/desk/questions/$question.txt ]]
}
answer() { # OWNER OUTCOME WORDS
    form "$1" reply "$question.json" "$(jq -c --arg o "$2" --arg w "$3" '.outcome = $o | .reply = $w' "agencies/$1/desk/questions/$question.json")"
}
signpost_is() { holds "$(json hub.manager signposts)" 'any(.signposts[]; .question == "'"$question"'" and .state == "'"$1"'")'; }

story_9_signpost() {
    step 9 "A signpost is followed" "The product says that the police may be able to tell more; the school's safeguarding lead asks them through the hub."
    ask_behind q1 "Example Constabulary" "Is it safe for her to walk home on her own this week?"
    check "the question is at the desk of the police" await 30 asked police
    quote "$police_desk/questions/$question.txt" From
    check "it tells who asks, and nothing that anybody else said" not_in "emergency department" "$police_desk/questions/$question.txt"
    leave "$police_desk/questions/$question.txt" 09-question.txt "the school's question, as the police read it"
    answer police answered "Please have an adult walk with her until Friday."
    check "the police answer in their own words" await 30 signpost_is answered
    check "and the school has them" await 30 test -s "$inbox/$question.txt"
    check "for this one person" says "$inbox/$question.txt" "Please have an adult walk with her"
    leave "$inbox/$question.txt" 09-reply.txt "the police's reply, as the school reads it"
    scene "The hospital is asked, too; there the nurse rings up."
    ask_behind q2 "Example General Hospital" "Which injuries should we watch for?"
    check "the question is at the hospital's desk" await 30 asked health
    answer health met ""
    check "the two have spoken: the question is met, and nothing is written" await 30 signpost_is met
    refused "who has no signpost in the product is not asked, whatever it holds" not_found ask_nobody
}
# The hub sets it aside; the answer that the adapter got tells why.
ask_nobody() {
    ask_behind q3 "Example Children's Services" "Any news?"
    await 30 at_least 1 "mash.quarantine WHERE content = 'signpost_question'" && one "reason FROM mash.quarantine WHERE content = 'signpost_question'"
    return 1
}

# ---- 10 -------------------------------------------------------------------------------------------

choose_silence() { # PERSON ...: the police's word on that notice, signed by these
    local who
    jq -nc --arg m "$notice" --arg at "$(date -u +%FT%T.%3NZ)" --arg on "$(date -u -d '+90 days' +%F)" \
        '{message_id: $m, tier: "silent", reason: "source_at_risk", review_on: $on, chosen_at: $at}' >run/choice.json
    for who in "$@"; do
        "$BUILD/mashctl" choice-sign run/choice.json owner=police "realm=$(<realm)" --key "keys/people/$who.ed25519-secret" || return 1
    done
    drop police desk/choices run/choice.json "choice-$#-$(date +%s%N).json"
}
choices_are() { count_is "mash.ledger_leaf WHERE act = 'choice'" "$1"; }
aside() { count_is "mash.quarantine WHERE content = 'choice' AND reason = '$1'" "$2"; }
not_agreed() { choose_silence police-siro police-dpo && await 20 aside tier_not_agreed 1; }
silence() { choose_silence police-siro police-dpo && await 20 choices_are 1; }
alone() { choose_silence police-siro && await 20 find_rejected; }
find_rejected() { compgen -G "$police_desk/choices/rejected/choice-1-*.json.reason" >/dev/null; }
decide_again() {
    claim decision.maker && look decision.maker &&
        decide decision.maker assessment_s17 "$version" "The new notice was read; the assessment goes on."
}
would_leave() { preview education && says run/preview.json "LANNER"; }
same_but_for_its_id() { # ENDING: of the file in the school's inbox
    cmp <(sed "s/$supplement/ID/g" "$inbox/$supplement.$1") <(sed "s/$product/ID/g" "$inbox/$product.$1")
}
same_length() { is "$(one "count(DISTINCT length(sealed)) FROM mash.letter JOIN mash.product USING (letter_id) WHERE product_id IN ('$supplement', '$product')")" 1; }
kept_silent() { # AGENCY: what its SIRO sees of that product
    siro "$1" -x -c "SELECT DISTINCT class, form, refusal, review_on, decider FROM siro.withholding_register
        WHERE product = '$product' AND refusal = 'source_at_risk' AND class = 'domestic_abuse'"
}

story_10_silent() {
    step 10 "As if it did not exist" "Somebody tells the police more, and is in danger if it becomes known; the police want nobody outside to learn even that there is something."
    drop police in "$story/police-silent.json"
    check "a third notice comes in" await 30 version_moved
    notice=$(message_of police police-silent.json)
    check "it is decided on, and would leave as a summary" eval "decide_again && would_leave"
    scene "Silence is the strongest tier: it needs the partnership's agreement, two people of the owner, a reason, and a day on which it is looked at again."
    check "one person alone does not get it past her own desk" alone
    check "and before the partnership has agreed to it, two do not either" not_agreed
    check "the agreement is entered" desk hub.manager term silent_tier from=2026-01-01 source=agreement/2026-1
    check "two people of the police choose silence" silence
    check "a product made now is shared, and arrives" eval "share education && await 30 test -s $inbox/\$product.txt"
    scene "The school's last product was made before that notice came. This one was made after it:"
    check "the texts are the same to the byte, but for the random reference" same_but_for_its_id txt
    check "so are the pages" same_but_for_its_id html
    check "so is the data" same_but_for_its_id json
    check "and the sealed letters have the same length" same_length
    leave "$inbox/$product.txt" 10-product-after-silence.txt "compare with 08-supplement.txt: only the reference differs"
    scene "Inside, nothing is hidden from those who answer for it: the police's own SIRO sees it, another agency's does not."
    kept_silent police >run/silent-police.txt
    quote run/silent-police.txt
    check "the police's does: what, why, by whose keys, and when they look again" says run/silent-police.txt source_at_risk
    kept_silent health >run/silent-health.txt
    check "the hospital's does not" says run/silent-health.txt "(0 rows)"
    leave run/silent-police.txt 10-siro-police.txt "what the SIRO of the police sees of it"
    leave run/silent-health.txt 10-siro-health.txt "what the SIRO of the hospital sees of it"
}

# ---- 11 -------------------------------------------------------------------------------------------

standing_rule() {
    {
        cat "$here/deploy/policy/education.policy"
        echo "education allow concern to go to any police for immediate_protection when rating is any; show fact; from 2026-09-01 until 2027-08-31"
    } >run/education-2.policy
    load_policy education run/education-2.policy
}
endangered() {
    danger=$(one "e.reference FROM mash.enquiry e JOIN mash.enquiry_message m USING (enquiry_id)
        WHERE m.message_id = '$(message_of education concern-danger.csv)'")
    [[ -n $danger ]]
}
emergency() {
    local began
    began=$(date +%s%3N)
    product=$(json triage.officer emergency "ref=$danger" recipient=police | jq -re .product) || return 1
    await 30 test -s "agencies/police/inbox/$product.txt" || return 1
    took=$(($(date +%s%3N) - began))
}
emergency_is() { holds "$(json hub.manager emergencies)" '.emergencies[] | select(.product == "'"$product"'") | .state == "'"$1"'"'; }
justify() { desk triage.officer justify "product=$product" "rationale=She was to be met at the gate that evening." "necessity=Nothing slower would have reached her."; }

story_11_emergency() {
    local took=''
    step 11 "A child in danger now" "Another child: she says who comes for her tonight. Nobody can wait for a decision, so each owner has said beforehand what may leave then."
    check "the school has a standing rule for immediate protection" standing_rule
    drop education in "$story/concern-danger.csv"
    check "her school tells the hub" await 20 test -s agencies/education/receipts/concern-danger.csv.receipt.json
    check "an enquiry is open" await 30 endangered
    check "one command of a triage officer, and the police have the letter" emergency
    told "       " "From the command to their inbox: $took milliseconds."
    quote "agencies/police/inbox/$product.txt" Purpose "Use this"
    check "it says that there is a concern, and no more" not_in GOSHAWK agencies/police/inbox
    leave "agencies/police/inbox/$product.txt" 11-emergency.txt "what the police had within seconds"
    scene "The reasons are given afterwards; until then the hub keeps asking for them."
    check "it stands as unjustified" emergency_is unjustified
    check "she says why it had to be" justify
    check "and it stands as justified" emergency_is "justified by triage.officer"
    desk triage.officer show "ref=$danger" >run/justified.txt
    check "and is read in the enquiry" says run/justified.txt "She was to be met at the gate"
    quote run/justified.txt "EMERGENCY SHARES" DECISIONS
    leave run/justified.txt 11-enquiry-inside.txt "her enquiry, with the reasons"
}

# ---- 12 -------------------------------------------------------------------------------------------

correct() {
    form police correct correction.json "$(jq -nc --arg m "$(message_of police police-update.json)" '{message_id: $m, class: "domestic_abuse",
        kind: "corrected", text: "It was the flat next door.", summary: "Police attended the flat next door; the child was not there."}')"
}
recalls() { json hub.manager recalls "$@"; }
told_of_recall() { is "$(one "count(*) FROM mash.recall WHERE agency = '$1'")" "$2"; }
letters_are() { is "$(find "agencies/$1/inbox" -name '*.confirm.json' | wc -l)" "$2"; } # AGENCY COUNT
confirm() { # AGENCY: every recall that it has
    local blank n=0
    for blank in "agencies/$1/inbox"/*.confirm.json; do
        n=$((n + 1))
        form "$1" confirm "confirm-$n.json" "$(jq -c '.done = "corrected" | .name = "J. Oduya"' "$blank")"
    done
}
waiting_for() { is "$(recalls state=unconfirmed | jq -r '[.recalls[].recipient] | unique | join(",")')" "$1"; }
register() { siro police -c "SELECT recipient, class, kind, to_char(confirm_by, 'YYYY-MM-DD HH24:MI') AS confirm_by, done FROM siro.recalls"; }
comes_back() { holds "$(json triage.officer queue)" 'any(.enquiries[]; .reference == "'"$ref"'" and .state == "waiting")'; }

story_12_recall() {
    local letter
    step 12 "It was not so" "The police find that they had written the wrong address; whoever received their words must learn of it."
    check "children's services received them, too" eval "share social-care && await 30 test -s agencies/social-care/inbox/\$product.txt"
    correct
    check "the police correct what they said" await 30 told_of_recall education 6
    check "the school gets a letter for the summary and one for the fact in each of its three products" await 30 letters_are education 6
    check "children's services for theirs" await 30 letters_are social-care 2
    letter=$(find agencies/social-care/inbox -name '*.confirm.json' | head -1)
    letter=${letter%.confirm.json}.txt
    quote "$letter" To: OFFICIAL
    leave "$letter" 12-recall.txt "the recall, as children's services read it"
    leave "${letter%txt}html" 12-recall.html "the same as a page"
    check "the hospital, which received none of it, is told nothing" letters_are health 0
    check "the enquiry is back in the queue, for whoever decides" comes_back
    scene "Everybody who was told must confirm; the register shows who has not."
    check "now: both" waiting_for education,social-care
    confirm education
    check "the school confirms: children's services are left" await 30 waiting_for social-care
    register >run/recalls.txt
    quote run/recalls.txt
    confirm social-care
    check "they confirm, and nobody is left" await 30 waiting_for ""
    register >run/recalls-after.txt
    quote run/recalls-after.txt
    leave run/recalls.txt 12-register.txt "the register of recalls, when one had not confirmed"
    leave run/recalls-after.txt 12-register-after.txt "and when all had"
}
