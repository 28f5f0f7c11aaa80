# An owner's word on the running hub, all the way: asked by letter about its own section, signed by a person of it, and
# then exactly those words leave. Whatever is another word, recipient, key, agency or row lets nothing out.
# shellcheck shell=bash disable=SC2154 # sourced by tests/e2e/run
word_dir=agencies/police/desk
family() { # FILE: of the story, about a child that no other test has
    sed -E 's/990001/990077/g; s/"nhs_number": "[0-9]+", //; s/9991234519\^\^\^NHS\^NH~//; s/ED2026112099001/ED2026112099077/; s/RX1-REF-9901/RX1-REF-9977/
        s/Quistgaard/Ostrander/g; s/QUISTGAARD/OSTRANDER/g; s/Isolde/Philippa/g; s/ISOLDE/PHILIPPA/g; s/2016-04-17/2015-03-09/g; s/20160417/20150309/g' "$1"
}
here() { desk triage.officer queue --json | jq -re '[.enquiries[] | select(.agencies == 2 and .subjects == 1)][0].reference'; }
decided() {
    desk decision.maker claim "ref=$ref" && desk decision.maker show "ref=$ref" &&
        desk decision.maker decide "ref=$ref" subject=1 outcome=assessment_s17 gateway=ca1989_s17 rationale=Why. necessity=Needed.
}
preview() { desk decision.maker preview "ref=$ref" "recipient=${1:-education}" purpose=safeguarding_assessment --json; } # [RECIPIENT]
released() { preview "$@" | jq -e '.text // "" | contains("hands on my ears")'; }
kept_in() { ! released "$@"; }
wanted() { preview "$@" | jq -e '[.wanted[].owner] == ["police"]'; }
ask() { desk decision.maker authorise-ask "ref=$ref" "recipient=${1:-education}" purpose=safeguarding_assessment --json; } # [RECIPIENT]
asked() { ask "$@" >run/asked && jq -e '.requests | length == 1 and .[0].owner == "police" and .[0].asked' run/asked; }
names_who_would() {
    desk decision.maker authorise-ask "ref=$ref" recipient=education purpose=safeguarding_assessment owner=polise 2>&1 |
        grep -F 'the word of "polise" would let no more of this out. That of these would: police.'
}
asked_before() { ask "$@" | jq -e '.requests | length == 1 and (.[0].asked | not)'; }
request() { jq -r '.requests[0].request' run/asked; }
letter_here() { [[ -s $word_dir/authorise/$(request).json && -s $word_dir/authorise/$(request).txt ]]; }
sign() { "$BUILD/mash-police" authorise "$word_dir/authorise/$(request).json" --key "keys/people/$1.ed25519-secret" "${@:2}"; } # PERSON [MORE]
reply() { # FILE: as a person's program would have written it
    cp "$1" "$word_dir/reply/.$(request).part"
    mv "$word_dir/reply/.$(request).part" "$word_dir/reply/$(request).json"
}
state() { desk decision.maker authorisations "ref=$ref" --json | jq -e --arg r "$(request)" --arg s "$1" '.authorisations[] | select(.request == $r) | .state == $s'; }
quarantined() { [[ $(psql_super mash -At -c "SELECT count(*) FROM mash.quarantine WHERE content = 'authorisation' AND reason = '$1'") == "$2" ]]; } # REASON COUNT
nothing_of_others() { ! grep -riE "OSPREY|GANNET|PTARMIGAN|SHRIKE|Zarathene|Vexmoor|Bruise|General Hospital" "$word_dir/authorise"; }
only_the_owner_has_it() { ! grep -rlF "hands on my ears" agencies/education agencies/health agencies/social-care; }
product() { jq -r .product run/preview; } # as it was shared
share() {
    preview >run/preview || return 1
    desk decision.maker share "ref=$ref" recipient=education purpose=safeguarding_assessment "product=$(product)" \
        "digest=$(jq -r .digest run/preview)" gateway=ca1989_s17
}
delivered() { [[ -s agencies/education/inbox/$(product).txt ]]; }
school_reads() { grep -q "$1" "agencies/education/inbox/$(product).txt" && grep -q "$1" "agencies/education/inbox/$(product).html"; } # WORDS
people_key() { # NAME: one more person of the police, whom two of it enrol
    "$BUILD/mash-keygen" people keys/people "$1" >/dev/null
    people_act "police-siro police-dpo" agency=police act=enrol "public=@keys/people/$1.ed25519-public" "holder=$1" \
        "until=$(date -u -d '+30 days' +%F)" >/dev/null 2>&1
}
rules() { # FILE [MORE RULES]
    printf 'police allow %s; from 2026-09-01 until 2027-08-31\n' \
        "domestic_abuse to go to any school for safeguarding_assessment when rating is any; show summary" \
        "voice_of_child to go to any school for safeguarding_assessment when rating is any; show full; owner authorises" \
        "voice_of_child to go to any childrens_social_care for safeguarding_assessment when rating is any; show full; owner authorises" "${@:2}" >"$1"
    load_policy police "$1" >/dev/null 2>&1
}
await_and_sign() { await 30 letter_here && sign police-sergeant && await 30 state granted && released; }
revoke() { # PERSON: by two of her colleagues, because somebody else has her key
    people_act "police-siro police-dpo" agency=police act=revoke reason=compromised \
        "key=$(public_hex "keys/people/$1.ed25519-public" | xxd -r -p | sha256sum | cut -c1-16)"
}
revoked_voids() { revoke police-sergeant && await 10 kept_in; }
representative() { # STAFF AGENCY
    "$BUILD/mash-keygen" staff "keys/staff/$1" >/dev/null
    sed "s|keys/staff/hub.manager/|keys/staff/$1/|" settings/hub.manager.ini >"settings/$1.ini"
    psql_as mash_admin mash -c "SELECT door.admin_staff('$1', '\\x$(public_hex "keys/staff/$1/staff.curve-public")', '{representative}')" \
        -c "SELECT door.admin_representative('$1', '$2')" >/dev/null
}
seen_here() { desk "$1" authorise-show "request=$(request)" --json >run/shown.json && grep -q "hands on my ears" run/shown.json; } # STAFF
brings() { xargs "$BUILD/mashctl" --config "settings/$1.ini" authorise <run/word; } # STAFF
late_climbs() { desk decision.maker authorisations state=late --json | jq -e --arg r "$(request)" '.authorisations[] | select(.request == $r) | .climbed_to == "desk"'; }
says() { desk triage.officer queue 2>&1 >/dev/null | grep -F "$1"; } # WORDS

echo "1..56"
family "$here/deploy/story/police-notice.json" >run/word-notice.json
family "$here/deploy/story/ed-referral.hl7" >run/word-referral.hl7
drop police in run/word-notice.json
send_hl7 run/word-referral.hl7 >/dev/null
await 30 here >/dev/null
ref=$(here)
rules run/word.policy
people_key police-inspector
people_key police-sergeant
check "an enquiry is decided" decided
check "the preview says whose word is wanted" wanted
check "what it is wanted for stays in" kept_in

# ---- asking
check "who is asked by a name that is nobody's is told whose word is wanted" names_who_would
check "the owner is asked" asked
check "asked again for the same words, it is not sent a second letter" asked_before
check "the letter is at its desk, to read and to sign" await 30 letter_here
check "the words stand in it" grep -q "hands on my ears" "$word_dir/authorise/$(request).txt"
check "and nothing of others, nor what of its own stays in" nothing_of_others
check "nobody else has them" only_the_owner_has_it
check "nothing waits: what may leave is shared at once" share
check "and arrives" await 30 delivered
check "without a trace of what is waited for" refuses "" school_reads "hands on my ears"

# ---- what is not the owner's word
jq '.authorise.rendering.section.line[0].text = "Other words."' "$word_dir/authorise/$(request).json" >run/altered.json
check "an altered file is not signed" refuses "not as the hub sent it" "$BUILD/mash-police" authorise run/altered.json --key keys/people/police-inspector.ed25519-secret --reply run
check "nor with what is no key" refuses "not an ed25519-secret" "$BUILD/mash-police" authorise "$word_dir/authorise/$(request).json" --key keys/police/letter.x25519-secret
check "nor refused for a reason that is none" refuses "not a reason" sign police-inspector --refuse because
sign health-siro --reply run >/dev/null
reply "run/$(request).json"
check "another agency's key is set aside" await 30 quarantined key_unknown 1
sign police-inspector --reply run >/dev/null
jq '.endorsement.signature |= (.[0:126] + (if .[126:] == "00" then "01" else "00" end))' "run/$(request).json" >run/forged.json
reply run/forged.json
check "a signature that does not fit is set aside" await 30 quarantined signature_wrong 1
jq '.verdict = "refused" | .reason = "detriment"' "run/$(request).json" >run/turned.json
reply run/turned.json
check "so is a grant turned into a refusal" await 30 quarantined signature_wrong 2
cp "run/$(request).json" "$word_dir/reply/00000000-0000-4000-8000-000000000000.json"
check "what was never asked is rejected at the desk" await 30 test -s "$word_dir/reply/rejected/00000000-0000-4000-8000-000000000000.json.reason"
check "after all that nothing leaves" kept_in

# ---- the owner's word
check "a person of the owner signs" sign police-inspector
check "and her word arrives" await 30 state granted
check "the queue says that a supplementary product can be made" says "supplementary product"
check "now exactly those words would leave" released
check "to another recipient they would not" kept_in social-care
check "they are shared" share
check "and the school has them" await 30 delivered
check "to the word" school_reads "I put my hands on my ears"
check "the hub knows which product this one supplements" test "$(psql_super mash -At -c "SELECT count(*) FROM mash.product_supplement WHERE product_id = '$(product)'")" = 1
check "which no letter says" refuses "" grep -ri supplement agencies/education/inbox

# ---- what voids it
rules run/word-more.policy "risk_factor to go to any school for safeguarding_assessment when rating is any; show full"
check "another word in the section and it does not hold" kept_in
check "it can be asked anew" wanted
rules run/word.policy
check "the words as they were may leave" released
superuser authorisation "UPDATE mash.authorisation SET signature = sha256('x') || sha256('y') WHERE request_id = '$(request)'"
check "a row altered in the database lets nothing out" kept_in
check "and is logged" grep -rq "authorisation_not_obeyed request=$(request)" log
sign police-inspector --reply run >/dev/null
superuser authorisation "UPDATE mash.authorisation SET signature = '\\x$(jq -r .endorsement.signature "run/$(request).json")' WHERE request_id = '$(request)'"
check "put back, it lets them out" released
superuser authorisation_request "UPDATE mash.authorisation_request SET expires_on = expires_on + 300 WHERE request_id = '$(request)'"
check "a day that nobody signed does not count" kept_in
superuser authorisation_request "UPDATE mash.authorisation_request SET expires_on = expires_on - 300 WHERE request_id = '$(request)'"
check "the owner takes it back" sign police-inspector --refuse source_at_risk
check "which holds at once" await 30 state refused
check "and nothing leaves" kept_in
check "a new request" asked
check "is granted by a colleague" await_and_sign
check "whose key is then revoked, and with it her word" revoked_voids

# ---- a representative at the hub
representative police.here police
representative health.here health
check "another recipient is another question" asked social-care
check "a representative sees what her own agency is asked" await 10 seen_here police.here
check "and not what others owe" refuses role_missing desk police.here deadlines
check "no other's does" refuses not_found desk health.here authorise-show "request=$(request)"
check "nor hub staff" refuses role_missing desk decision.maker authorise-show "request=$(request)"
"$BUILD/mashctl" authorise-sign run/shown.json --key keys/people/health-siro.ed25519-secret >run/word 2>/dev/null
check "with another agency's key she says nothing" refuses key_unknown brings police.here
"$BUILD/mashctl" authorise-sign run/shown.json --key keys/people/police-inspector.ed25519-secret >run/word 2>/dev/null
check "hub staff cannot bring her word" refuses role_missing brings decision.maker
check "nor can another agency's representative" refuses not_found brings health.here
check "she brings it" brings police.here
check "and it holds" released social-care

# ---- what nobody answers
check "the words whose grant is void may be asked about" asked
psql_as mash_admin mash -c "SELECT door.admin_clock(25 * 3600)" >/dev/null
check "what nobody answers is late, and climbs" await 30 late_climbs
