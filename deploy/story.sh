# The eight steps that deploy/demo plays, in the hub's folder. Each helper answers yes or no; what a step
# leaves for a person goes to $out. Sourced after play.sh.
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
    step "1. Three agencies, each in its own format and convention"
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
    step "2. Intake verifies, seals, commits with a ledger leaf, and only then acknowledges"
    check "four messages are in: two notices, one referral, the one marked row" await 20 count_is mash.message 4
    check "each has exactly one leaf" count_is "mash.ledger_leaf WHERE act = 'accept'" 4
    check "the hub has worked off all of them" await 20 every_message_is_worked_off
    drop police in "$story/police-update.json"
    check "changed content under the same reference is an update, not a second referral" \
        await 20 count_is "mash.enquiry_message WHERE treatment = 'update'" 1
    check "the content is nowhere in clear: not in the database, its WAL, a log or a spool" nothing_in_clear
}

# The story's names and canaries, as bytes of the cluster's files; with a positive control.
nothing_in_clear() {
    local word
    psql_super mash -c CHECKPOINT
    for word in Quistgaard Isolde QUISTGAARD Zarathene Vexmoor OSPREY KESTREL 9991234519 X920200116047 2016-04-17; do
        if grep -rqaF "$word" pg log spool; then
            echo "$word is in clear in: $(grep -rlaF "$word" pg log spool | head -3)"
            return 1
        fi
    done
    grep -rqaF 'mash.example/hub/demonstration' pg
}

# ---- 3 --------------------------------------------------------------------------------------------

story_3_enquiry() {
    step "3. One child, one enquiry, whoever tells; a suggested rating; the clocks run"
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
    step "4. The desk: queue, claim, and checks that state why they may be asked"
    local late
    desk triage.officer queue >"$out/queue.txt"
    check "the queue shows the red enquiry first" grep -q "$ref" "$out/queue.txt"
    check "and no name" absent "quistgaard|isolde|ferncastle" "$out/queue.txt"
    check "a triage officer claims it" claim triage.officer
    refused "a colleague cannot take it at the same time" claimed_by_other desk decision.maker claim "ref=$ref"
    check "the claim is renewed" desk triage.officer renew "ref=$ref" "token=$token"
    late=$token
    psql_as mash_admin mash -c "SELECT door.admin_clock(16 * 60)" >/dev/null
    refused "an act on a claim that ran out is too late" claim_expired desk triage.officer check "ref=$ref" "token=$late" agency=health \
        gateway=ca1989_s47 threshold=s47 family=no_risk question=any
    check "it is claimed anew, with a higher token" claim triage.officer
    refused "a check without its gateway is refused" gateway_missing desk triage.officer check "ref=$ref" "token=$token" \
        agency=health threshold=s47 family=no_risk question=any
    refused "without its threshold, too" threshold_missing desk triage.officer check "ref=$ref" "token=$token" \
        agency=health gateway=ca1989_s47 family=no_risk question=any
    refused "and without saying whether the family was told" family_missing desk triage.officer check "ref=$ref" "token=$token" \
        agency=health gateway=ca1989_s47 threshold=s47 question=any
    refused "a question that names the informant is refused" question_names ask health "Has Quillon Zarathene rung you?"
    check "health is asked" ask health "Attendances and injuries in the last year?"
    check "education is asked" ask education "Attendance and presentation this term?"
    check "the courier delivers the question to health's desk" await 30 has_question health
    check "and to education's" await 30 has_question education
    reply health
    reply education
    check "both answers come in by intake" await 30 count_is "mash.agency_check WHERE state = 'answered'" 2
    check "and are items owned by whoever answered" owners_answered
    desk triage.officer show "ref=$ref" >"$out/enquiry.txt"
    check "the enquiry shows the very words that were asked" grep -q "Attendances and injuries in the last year?" "$out/enquiry.txt"
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
    printf '%s\n' "$shown" >"$out/enquiry-inside.json"
}

decide() { # STAFF OUTCOME VERSION RATIONALE
    desk "$1" decide "ref=$ref" "token=$token" subject=1 "outcome=$2" gateway=ca1989_s17 "version=$3" "rationale=$4" \
        "necessity=The child cannot be kept safe without it, and nothing less would do."
}

version_moved() { [[ $(psql_super mash -At -c "SELECT version FROM mash.enquiry WHERE reference = '$ref'") -gt $version ]]; }

story_5_decision() {
    step "5. A decision, per child, on exactly what was visible"
    check "the triage officer gives it back" desk triage.officer release "ref=$ref" "token=$token"
    check "a decision maker claims it" claim decision.maker
    check "and looks: her look is recorded" look decision.maker
    refused "without a rationale there is no decision" rationale_missing decide decision.maker assessment_s17 "$version" ""
    refused "a section 47 outcome is for the social-work manager only" outcome_not_allowed decide decision.maker strategy_s47 "$version" "Why."
    drop police in "$story/police-late.json"
    check "meanwhile a second police notice arrives" await 30 version_moved
    refused "the decision on what she saw before is asked again" items_changed decide decision.maker assessment_s17 "$version" "Why."
    check "she looks again" look decision.maker
    check "and decides on what is known now" decide decision.maker assessment_s17 "$version" "Repeated domestic abuse, a disclosure and an injury."
    check "the frozen set is exactly the items of the enquiry" frozen_is_all
    json decision.maker decisions "ref=$ref" >"$out/decision.json"
}

frozen_is_all() {
    is "$(count "mash.decision_item")" "$(count "mash.item i JOIN mash.enquiry e USING (enquiry_id) WHERE e.reference = '$ref'")"
}

# ---- 6 --------------------------------------------------------------------------------------------

# What was decided on an owner's items of one class, leaving out what a later message says anew.
verdict_of() { jq -r --arg c "$2" --arg o "$1" '[.cuts[] | select(.owner == $o and .class == $c and (.reason | test("anew") | not)) | .verdict] | unique | join(",")' "$out/preview.json"; }

share() {
    json decision.maker preview "ref=$ref" recipient=education purpose=safeguarding_assessment >"$out/preview.json" || return 1
    product=$(jq -r .product "$out/preview.json")
    desk decision.maker share "ref=$ref" recipient=education purpose=safeguarding_assessment "product=$product" \
        "digest=$(jq -r .digest "$out/preview.json")" gateway=ca1989_s17
}

story_6_sharing() {
    step "6. Sharing with the school, for one purpose: each owner's rule decides on each item"
    check "a decision maker previews, and shares exactly that" share
    check "the informant stays in: nothing tells that there was one" is "$(verdict_of police source_identity)" silent
    check "so does intelligence" is "$(verdict_of police intelligence)" silent
    check "the record leaves a signpost" is "$(verdict_of police offence)" signpost
    check "of the incident, the police's own summary, and a signpost for the rest" is "$(verdict_of police domestic_abuse)" signpost,summary
    json decision.maker product "product=$product" >"$out/product-both-versions.json"
    jq .cuts "$out/product-both-versions.json" >"$out/cuts.json"
    check "what leaves carries random ids only, which tell neither when nor how many" \
        count_is "(SELECT product_id AS id FROM mash.product UNION ALL SELECT letter_id FROM mash.letter
                   UNION ALL SELECT check_id FROM mash.agency_check) o WHERE substr(o.id::text, 15, 1) <> '4'" 0
    check "both versions and every cut are kept" is "$(jq length "$out/cuts.json")" "$(count mash.decision_item)"
    sed 's/^police allow domestic_abuse to go to any school.*$/police never allow domestic_abuse to go to any school; signpost/' \
        "$here/deploy/policy/police.policy" >run/police-2.policy
    cp run/police.signed.policy run/police-1.policy
    cp run/police.signed.policy.sig run/police-1.policy.sig
    check "the police change a rule: a new signed version" load_policy police run/police-2.policy
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
    step "7. The courier carries the sealed letter; the school has it; the signed receipt is back"
    check "the product is in the school's inbox" await 30 test -s "$inbox.txt"
    check "the signed receipt has returned" await 30 has_receipt
    cp "$inbox".* "$out/"
    check "what may leave is there (the canary that must be found)" grep -q KESTREL "$inbox.txt"
    check "in the page" grep -q KESTREL "$inbox.html"
    check "in the opened letter" grep -q KESTREL "$inbox.json"
    check "what was withheld is nowhere, in no rendering and no letter" nowhere_outside
    check "the signpost names whom to ask" grep -q "Example Constabulary" "$inbox.txt"
}

# ---- 8 --------------------------------------------------------------------------------------------

siro_views() { # AGENCY
    local view
    for view in acts received revealed shared withheld reads looks; do
        echo "## siro.$view"
        siro "$1" -c "SELECT * FROM siro.$view" || return 1
    done >"$out/siro-$1.txt"
}

siro_answers() { # AGENCY VIEW COUNT
    is "$(siro "$1" -At -c "SELECT count(*) FROM siro.$2")" "$3"
}

export_ledger() { # FOLDER
    rm -rf "$1"
    mkdir "$1"
    (cd "$1" && psql_super mash -f "$here/sql/export.sql" >/dev/null)
}

verify() { # FOLDER
    "$BUILD/mash-verify" ledger "$1" "${trusted[@]}"
}

# What the police's adapter keeps of every acknowledgement, against the ledger: was every promise kept?
verify_acks() { # AGENCY FOLDER
    sqlite3 -readonly -separator $'\t' "spool/$1.db" \
        "SELECT lower(hex(message_id)), leaf_index, lower(hex(leaf)) FROM outbound WHERE leaf IS NOT NULL" >"run/$1.acks.tsv"
    [[ -s run/$1.acks.tsv ]] && "$BUILD/mash-verify" acks "run/$1.acks.tsv" "$2" "${trusted[@]}"
}

all_signed() { is "$(count "mash.cosignature c JOIN mash.ledger_head h ON h.size = c.size")" 4; }

alter_a_row() {
    psql_super mash <<'SQL'
ALTER TABLE mash.ledger_row DISABLE TRIGGER USER;
UPDATE mash.ledger_row SET body = convert_to(replace(convert_from(body, 'UTF8'), 'outcome delivered', 'outcome unreadable'), 'UTF8')
 WHERE idx = (SELECT min(idx) FROM mash.ledger_leaf WHERE act = 'deliver');
SQL
}

row_is_named() {
    local said row
    row=$(psql_super mash -At -c "SELECT min(idx) FROM mash.ledger_leaf WHERE act = 'deliver'")
    if said=$(verify run/altered 2>&1); then return 1; fi
    printf '%s\n' "$said" | tee "$out/proof-after-the-row-was-altered.txt"
    grep -qw "$row" <<<"$said"
}

story_8_proof() {
    local agency trusted=(--log-key keys/public/log.ed25519-public --origin mash.example/hub/demonstration)
    for agency in police health education social-care; do
        trusted+=(--witness "mash.example/witness/$agency=keys/$agency/witness.ed25519-public")
    done
    step "8. Each SIRO sees her own agency's acts; the ledger proves itself offline"
    for agency in police health education social-care; do
        check "$agency: the SIRO opens psql with her own role" siro_views "$agency"
    done
    check "police: all four messages, and nothing of others" siro_answers police received 4
    check "health: her two, and nothing of others" siro_answers health received 2
    check "police: what was withheld from the school is listed for her" grep -q intelligence "$out/siro-police.txt"
    check "and for nobody else" absent intelligence "$out"/siro-{health,education,social-care}.txt
    check "no view holds content" absent "quistgaard|isolde|osprey|kestrel|zarathene" "$out"/siro-*.txt
    check "every look is in the ledger" at_least 28 "mash.ledger_leaf WHERE act = 'look'"
    check "still nothing is in clear anywhere in the hub" nothing_in_clear
    check "the notary has signed all of it, and every agency has cosigned" await 15 all_signed
    export_ledger run/export
    check "mash-verify, offline, proves the whole ledger" verify run/export
    verify run/export >"$out/proof.txt" 2>&1
    check "and every acknowledgement that the police were given" verify_acks police run/export
    verify_acks police run/export >"$out/proof-police-acknowledgements.txt" 2>&1
    alter_a_row
    export_ledger run/altered
    check "a row altered by the superuser is found and named" row_is_named
}
