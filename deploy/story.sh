# Steps 1 to 7 of the story that deploy/demo plays, in the hub's folder: from the first concern to the product at the
# school. Each helper answers yes or no. Sourced after play.sh and demo-tell.sh; goes on in story-afterwards.sh.
# shellcheck shell=bash disable=SC2154 # demo, lib.sh and play.sh set them
ref='' token='' version='' product=''

json() { desk "$1" "${@:2}" --json; } # STAFF COMMAND ...: the answer as one JSON object

count() { psql_super mash -At -c "SELECT count(*) FROM $1"; }
is() { [[ $1 == "$2" ]] || { echo "got '$1', wanted '$2'"; return 1; }; }
count_is() { is "$(count "$1")" "$2"; }
at_least() { [[ $(count "$2") -ge $1 ]]; }
absent() { ! grep -iE "$1" "${@:2}"; }
every_message_is_worked_off() { count_is "mash.message_todo" 0; }
holds() { jq -e "$2" <<<"$1" >/dev/null || { echo "$1"; return 1; }; } # JSON FILTER

# ---- 1 --------------------------------------------------------------------------------------------

story_1_arrival() {
    step 1 "Three agencies tell" "The police drop a file, a hospital sends HL7, a school exports its concern log: each in its own format, answered in its own convention."
    local ack again
    ack=$(send_hl7 "$story/ed-referral.hl7") || fail "the emergency department's system is answered"
    check "health: the HL7 sender gets AA for its own control id" grep -q '^MSA|AA|ED2026112099001' <<<"$ack"
    drop police in "$story/police-notice.json"
    check "police: a receipt file for the JSON notice" await 20 test -s agencies/police/receipts/police-notice.json.receipt.json
    drop police in "$story/police-notice.xml"
    check "police: a receipt file for the XML notice" await 20 test -s agencies/police/receipts/police-notice.xml.receipt.json
    drop education in "$story/concern-log.csv"
    check "education: a receipt file for the concern log" await 20 test -s agencies/education/receipts/concern-log.csv.receipt.json
    again=$(send_hl7 "$story/ed-referral.hl7") || fail "the emergency department's system is answered again"
    check "the same HL7 message gets the same acknowledgement" is "$again" "$ack"
    drop police in "$story/police-notice.json" police-notice-again.json
    check "the same notice gets a receipt again" await 20 test -s agencies/police/receipts/police-notice-again.json.receipt.json
}

# ---- 2 --------------------------------------------------------------------------------------------

story_2_acceptance() {
    step 2 "The hub takes it" "Intake verifies, seals, commits with a leaf of the ledger, and only then acknowledges."
    check "four messages are in: two notices, one referral, the one marked row" await 20 count_is mash.message 4
    check "each has exactly one leaf" count_is "mash.ledger_leaf WHERE act = 'accept'" 4
    check "the hub has worked off all of them" await 20 every_message_is_worked_off
    drop police in "$story/police-update.json"
    check "changed content under the same reference is an update, not a second referral" \
        await 20 count_is "mash.enquiry_message WHERE treatment = 'update'" 1
    check "the content is nowhere in clear: not in the database, its WAL, a log or a spool" nothing_in_clear
}

# The story's names and canaries, as bytes of the cluster's files; one word that must be found shows that it looks.
nothing_in_clear() {
    local control=mash.example/hub/demonstration words
    words='Quistgaard|Isolde|QUISTGAARD|Zarathene|Vexmoor|Fernsby|OSPREY|KESTREL|LANNER|GOSHAWK|9991234519|X920200116047|2016-04-17'
    psql_super mash -c CHECKPOINT
    is "$(grep -rhoaF -f <(tr '|' '\n' <<<"$control|$words") pg log spool | sort -u)" "$control"
}

# ---- 3 --------------------------------------------------------------------------------------------

story_3_enquiry() {
    step 3 "One child, one enquiry" "Whoever tells, it is one enquiry, with a suggested rating, and its clocks run."
    local queue
    check "the hub opens two enquiries: two families" count_is mash.enquiry 2
    queue=$(json triage.officer queue)
    ref=$(jq -r '.enquiries[0].reference' <<<"$queue")
    check "police, health and the school are in one enquiry" holds "$queue" '.enquiries[0].agencies == 3 and .enquiries[0].subjects == 1'
    check "it is rated red, because the domestic abuse risk is high" holds "$queue" '.enquiries[0].rating == "red"'
    check "the product clock is at most four hours, the decision clock runs, too" \
        holds "$queue" '.enquiries[0].product_minutes <= 240 and (.enquiries[0].decision_due | length) > 0'
}

# ---- 4 --------------------------------------------------------------------------------------------

claim() { # STAFF
    local claim
    claim=$(json "$1" claim "ref=$ref") || return 1
    token=$(jq -r .claim.token <<<"$claim")
}

ask() { # AGENCY QUESTION
    desk triage.officer check "ref=$ref" "token=$token" "agency=$1" gateway=ca1989_s47 threshold=s47 \
        family=no_risk "question=$2"
}

forms() { find "agencies/$1/desk/questions" -name '*.json' | wc -l; }
has_question() { [[ $(forms "$1") -ge 1 ]]; }

reply() { # AGENCY
    local form
    form=$(find "agencies/$1/desk/questions" -name '*.json' -printf '%f\n' | head -1)
    drop "$1" desk/reply "$story/$1-reply.json" "$form"
}

story_4_checks() {
    step 4 "The desk asks" "Staff see the queue, claim the enquiry, and ask two agencies, saying why they may be asked."
    local late
    desk triage.officer queue >run/queue.txt
    quote run/queue.txt
    check "the queue shows the red enquiry first" grep -q "$ref" run/queue.txt
    check "and no name" absent "quistgaard|isolde|ferncastle" run/queue.txt
    leave run/queue.txt 04-queue.txt "the desk's queue: most urgent first, and no name"
    scene "One person at a time works on it, and a claim ends by itself."
    check "a triage officer claims it" claim triage.officer
    refused "a colleague cannot take it at the same time" claimed_by_other desk decision.maker claim "ref=$ref"
    check "the claim is renewed" desk triage.officer renew "ref=$ref" "token=$token"
    late=$token
    psql_as mash_admin mash -c "SELECT door.admin_clock(16 * 60)" >/dev/null
    refused "an act on a claim that ran out is too late" claim_expired desk triage.officer check "ref=$ref" "token=$late" agency=health \
        gateway=ca1989_s47 threshold=s47 family=no_risk question=any
    check "it is claimed anew, with a higher token" claim triage.officer
    scene "Who asks another agency must say by which law, above which threshold, and whether the family knows."
    refused "a check without its gateway is refused" gateway_missing desk triage.officer check "ref=$ref" "token=$token" \
        agency=health threshold=s47 family=no_risk question=any
    refused "without its threshold, too" threshold_missing desk triage.officer check "ref=$ref" "token=$token" \
        agency=health gateway=ca1989_s47 family=no_risk question=any
    refused "and without saying whether the family was told" family_missing desk triage.officer check "ref=$ref" "token=$token" \
        agency=health gateway=ca1989_s47 threshold=s47 question=any
    refused "a question that names the informant is refused" question_names ask health "Has Quillon Zarathene rung you?"
    scene "Two questions leave as sealed letters; the desks of both agencies answer."
    check "health is asked" ask health "Attendances and injuries in the last year?"
    check "education is asked" ask education "Attendance and presentation this term?"
    check "the courier delivers the question to health's desk" await 30 has_question health
    check "and to education's" await 30 has_question education
    reply health
    reply education
    check "both answers come in by intake" await 30 count_is "mash.agency_check WHERE state = 'answered'" 2
    check "and are items owned by whoever answered" owners_answered
    desk triage.officer show "ref=$ref" >run/enquiry.txt
    check "the enquiry shows the very words that were asked" grep -q "Attendances and injuries in the last year?" run/enquiry.txt
    leave run/enquiry.txt 04-enquiry-inside.txt "the enquiry as staff see it inside: everything is revealed here"
}

owners_answered() {
    is "$(psql_super mash -At -c "SELECT string_agg(DISTINCT i.owner, ',' ORDER BY i.owner) FROM mash.item i
        JOIN mash.enquiry_message m ON m.agency = i.owner AND m.message_id = i.message_id WHERE m.treatment = 'answer'")" education,health
}

# ---- 5 --------------------------------------------------------------------------------------------

look() { # STAFF: the enquiry as it is now
    local shown
    shown=$(json "$1" show "ref=$ref") || return 1
    version=$(jq -r .enquiry.version <<<"$shown")
}

decide() { # STAFF OUTCOME VERSION RATIONALE
    desk "$1" decide "ref=$ref" "token=$token" subject=1 "outcome=$2" gateway=ca1989_s17 "version=$3" "rationale=$4" \
        "necessity=The child cannot be kept safe without it, and nothing less would do."
}

version_moved() { [[ $(psql_super mash -At -c "SELECT version FROM mash.enquiry WHERE reference = '$ref'") -gt $version ]]; }

story_5_decision() {
    step 5 "A decision" "Per child, by a named person, on exactly what she saw."
    check "the triage officer gives it back" desk triage.officer release "ref=$ref" "token=$token"
    check "a decision maker claims it" claim decision.maker
    check "and looks: her look is recorded" look decision.maker
    scene "A decision needs its reasons, the right person, and what is known now."
    refused "without a rationale there is no decision" rationale_missing decide decision.maker assessment_s17 "$version" ""
    refused "a section 47 outcome is for the social-work manager only" outcome_not_allowed decide decision.maker strategy_s47 "$version" "Why."
    drop police in "$story/police-late.json"
    check "meanwhile a second police notice arrives" await 30 version_moved
    refused "the decision on what she saw before is asked again" items_changed decide decision.maker assessment_s17 "$version" "Why."
    check "she looks again" look decision.maker
    check "and decides on what is known now" decide decision.maker assessment_s17 "$version" "Repeated domestic abuse, a disclosure and an injury."
    check "the frozen set is exactly the items of the enquiry" frozen_is_all
    json decision.maker decisions "ref=$ref" >run/decision.json
    leave run/decision.json 05-decision.json "the decision, its reasons, and the very items it stood on"
}

frozen_is_all() {
    is "$(count "mash.decision_item")" "$(count "mash.item i JOIN mash.enquiry e USING (enquiry_id) WHERE e.reference = '$ref'")"
}

# ---- 6 --------------------------------------------------------------------------------------------

# What was decided on an owner's items of one class, leaving out what a later message says anew.
verdict_of() { jq -r --arg c "$2" --arg o "$1" '[.cuts[] | select(.owner == $o and .class == $c and (.reason | test("anew") | not)) | .verdict] | unique | join(",")' run/preview.json; }

preview() { json decision.maker preview "ref=$ref" "recipient=$1" purpose=safeguarding_assessment >run/preview.json; } # RECIPIENT

share() { # RECIPIENT
    preview "$1" || return 1
    product=$(jq -r .product run/preview.json)
    desk decision.maker share "ref=$ref" "recipient=$1" purpose=safeguarding_assessment "product=$product" \
        "digest=$(jq -r .digest run/preview.json)" gateway=ca1989_s17
}

story_6_sharing() {
    step 6 "What may be shared" "A product for the school, for one purpose: each owner's own rule decides on each item."
    grep "^police.*domestic_abuse.*any school" run/police.signed.policy >run/rule.txt
    quote run/rule.txt
    check "a decision maker previews, and shares exactly that" share education
    check "of the incident, the police's own summary, and of the rest the bare fact" is "$(verdict_of police domestic_abuse)" fact,summary
    check "the record leaves a signpost" is "$(verdict_of police offence)" signpost
    check "the informant stays in: nothing tells that there was one" is "$(verdict_of police source_identity)" silent
    check "so does intelligence" is "$(verdict_of police intelligence)" silent
    json decision.maker product "product=$product" >run/both-versions.json
    jq .cuts run/both-versions.json >run/cuts.json
    check "what leaves carries random ids only, which tell neither when nor how many" \
        count_is "(SELECT product_id AS id FROM mash.product UNION ALL SELECT letter_id FROM mash.letter
                   UNION ALL SELECT check_id FROM mash.agency_check) o WHERE substr(o.id::text, 15, 1) <> '4'" 0
    check "both versions and every cut are kept" is "$(jq length run/cuts.json)" "$(count mash.decision_item)"
    leave run/both-versions.json 06-both-versions.json "what left and what was known, kept inside for who must answer for it"
    leave run/cuts.json 06-cuts.json "each item: left or stayed, by which rule, and why"
    scene "The police change a rule; what left before is still explained by the rule that held then."
    sed 's/^police allow domestic_abuse to go to any school.*$/police never allow domestic_abuse to go to any school; signpost/' \
        "$here/deploy/policy/police.policy" >run/police-2.policy
    cp run/police.signed.policy run/police-1.policy
    cp run/police.signed.policy.sig run/police-1.policy.sig
    check "a new version, signed by two of their people" load_policy police run/police-2.policy
    refused "the old rules with their old signatures do not come back" policy_unsigned desk hub.manager policy-load owner=police \
        text=@run/police-1.policy signatures=@run/police-1.policy.sig
    check "the old product still shows the version that held" old_version_shown
}

old_version_shown() {
    holds "$(json decision.maker product "product=$product")" \
        '[.cuts[] | select(.class == "domestic_abuse" and .verdict == "summary") | .version == 1] | all and length > 0'
}

# ---- 7 --------------------------------------------------------------------------------------------

has_receipt() { count_is "mash.receipt r JOIN mash.product p USING (letter_id) WHERE r.outcome = 'delivered'" 1; }

# Everything that the school's side has: inbox, questions, receipts, whatever is there.
nowhere_outside() {
    local word
    for word in OSPREY GANNET PTARMIGAN SHRIKE Zarathene; do
        if grep -rqiF "$word" agencies/education; then
            echo "$word reached the school"
            return 1
        fi
    done
}

story_7_delivery() {
    local inbox=agencies/education/inbox/$product
    step 7 "The product arrives" "The courier carries the sealed letter, which it cannot open; the school's adapter opens it and signs a receipt."
    check "the product is in the school's inbox" await 30 test -s "$inbox.txt"
    check "the signed receipt has returned" await 30 has_receipt
    scene "This is what the school may know:"
    quote "$inbox.txt" To: "Use this"
    check "what may leave is there (the canary that must be found)" grep -q KESTREL "$inbox.txt"
    check "in the page" grep -q KESTREL "$inbox.html"
    check "in the opened letter" grep -q KESTREL "$inbox.json"
    check "what was withheld is nowhere, in no rendering and no letter" nowhere_outside
    check "the signpost names whom to ask" grep -q "Example Constabulary may be able to tell you more" "$inbox.txt"
    leave "$inbox.txt" 07-product.txt "the product, as the school reads it"
    leave "$inbox.html" 07-product.html "the same as a page"
    leave "$inbox.json" 07-product.json "the same for the school's own system"
}
