# Whom only a message mentions that its owner holds at source is shown to nobody, and leaves with nobody's letter: others'
# words are still searched for her name.
# shellcheck shell=bash disable=SC2154,SC2016 # sourced by tests/e2e/run
. "$tests/named"
school_allows() {
    echo "education allow education to go to any health_acute for safeguarding_assessment when rating is any; show summary; from 2026-09-01 until 2027-08-31" >run/school.policy
    for who in siro dpo; do sign_policy education run/school.policy "education-$who" 1 || return 1; done
    desk hub.manager policy-load owner=education text=@run/school.policy signatures=@run/school.policy.sig
}
choose() { # FIELDS: two people of the police, for all that their notice says
    local before
    before=$(one "count(*) FROM mash.ledger_leaf WHERE act = 'choice'")
    jq -nc --arg m "$message" --arg at "$(one "mash.rfc3339(mash.hub_now())")" "{message_id: \$m, chosen_at: \$at} + {$1}" >run/choice.json
    for who in police-siro police-dpo; do
        "$BUILD/mashctl" choice-sign run/choice.json owner=police "realm=$(<realm)" --key "keys/people/$who.ed25519-secret"
    done
    drop police desk/choices run/choice.json "choice-$before.json"
    await 30 at_least $((before + 1)) "count(*) FROM mash.ledger_leaf WHERE act = 'choice'"
}
shown() { desk decision.maker show "ref=$ref" --json | jq -e "$1"; }
named() { grep -F "$1" <<<"$(desk decision.maker show "ref=$ref" --json | jq -c .persons)"; } # WORD: among the persons
left() { desk decision.maker preview "ref=$ref" recipient=health purpose=safeguarding_assessment --json | jq -r .text; }
leaves() { left | grep -F "$1"; } # WORD
leaves_not() { ! grep -F "$1" <<<"$(left)"; }
named_not() { ! named "$1"; }

echo "1..21"
drop police in "$here/deploy/story/police-notice.json" held-notice.json
await 30 came police referral
concern >run/held.csv
drop education in run/held.csv
await 30 came education referral
message=$(one "message_id FROM mash.message WHERE agency = 'police' AND content = 'referral'")
ref=$(one "e.reference FROM mash.enquiry_message m JOIN mash.enquiry e USING (enquiry_id) WHERE m.message_id = '$message'")
desk hub.manager term silent_tier from=2026-01-01 source=agreement/2026-1 >/dev/null
desk decision.maker claim "ref=$ref" >/dev/null
check "the school answers" answers
desk decision.maker show "ref=$ref" >/dev/null
desk decision.maker decide "ref=$ref" subject=1 outcome=assessment_s17 gateway=ca1989_s17 rationale=Why. necessity=Needed. >/dev/null

check "the school lets its words go to the hospital" school_allows
check "police and school mention the child" shown '[.persons[] | select(.subject == 1) | .agency] | sort == ["education", "police"]'
check "the police alone her stepfather" shown '[.persons[] | select(.roles | test("perpetrator|suspect")) | .agency] == ["police"]'
check "the school's words leave" leaves HERON
check "without his name" leaves_not Vexmoor
check "without the child's number: only the police gave it, and nothing of theirs leaves" leaves_not 9991234519

check "two people hold all of the notice at source" choose '"held_at_source": true, "reason": "live_operation", "review_on": "2027-03-01"'
check "it is shown as no more than that" shown '[.owners[] | select(.owner == "police") | .items[] | keys[]] | unique == ["held_at_source", "item"]'
check "the child is shown as the school mentions her" shown '[.persons[].agency] | unique == ["education"]'
check "her stepfather not at all" named_not Torben
check "nor her number" named_not 9991234519
check "nor that there is somebody more" shown '[.pages[] | select(.list == "persons") | .agency + " " + (.total | tostring)] == ["education 1"]'
check "nor in what people read" eval '! desk triage.officer show "ref=$ref" | grep -F 9991234519'
check "the school's words leave as before" leaves HERON
check "about the child" leaves "Isolde Quistgaard"
check "his name is cut from them all the same" leaves_not Vexmoor
check "and the number stays in" leaves_not 9991234519

check "by the police's own word they are shown again" choose '"tier": "sanitise"'
check "both" named Torben
check "the child too, with her number" named 9991234519
