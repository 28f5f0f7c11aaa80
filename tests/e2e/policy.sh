# Whose word lets something out, on the running hub: two people's signatures on this very version, and a ledger
# that knows of none after it. What a superuser takes away or alters withholds; it never lets out more.
# shellcheck shell=bash disable=SC2154 # sourced by tests/e2e/run
load() { desk hub.manager policy-load owner=police "text=@$1" "signatures=@$1.sig"; } # FILE
preview() { desk decision.maker preview "ref=$ref" recipient=education purpose=safeguarding_assessment --json; }
ask() { desk decision.maker check "ref=$ref" agency=health gateway=ca1989_s47 threshold=s47 family=no_risk "question=$1"; }
answers() { desk triage.officer whoami; }


second_key() { # for the police's SIRO, enrolled in her name by two of the police
    "$BUILD/mash-keygen" people keys/people police-siro-2 >/dev/null
    people_act "police-siro police-dpo" agency=police act=enrol public=@keys/people/police-siro-2.ed25519-public \
        holder=police-siro "until=$(date -u -d '+30 days' +%F)"
}
signed() { # FILE VERSION PERSON ...
    local who
    rm -f "$1.sig"
    for who in "${@:3}"; do sign_policy police "$1" "$who" "$2"; done
}
roll_back() { desk hub.manager policy-roll-back owner=police "version=$1" "signatures=@$2.sig"; } # VERSION FILE
untidy() { # one line twice, and one by a key that nobody has
    {
        cat "$1.sig" "$1.sig"
        sed -n '1s/^[0-9a-f]*/no-such-key;/p' "$1.sig"
    } >"$1.untidy"
    mv "$1.untidy" "$1.sig"
}
decided() {
    desk decision.maker claim "ref=$ref" && desk decision.maker show "ref=$ref" &&
        desk decision.maker decide "ref=$ref" subject=1 outcome=assessment_s17 gateway=ca1989_s17 rationale=Why. necessity=Needed.
}
shown() { preview | jq -e --arg o "$1" '[.cuts[] | select(.owner == $o) | .verdict] | any(. == "summary" or . == "full" or . == "fact")'; } # OWNER
withheld() { # OWNER: nothing of it would leave
    local said
    if said=$(preview 2>run/said); then
        jq -e --arg o "$1" '[.cuts[] | select(.owner == $o) | .verdict] | all(. == "silent" or . == "signpost")' <<<"$said"
    else
        grep nothing_to_share run/said
    fi
}
both_here() { desk triage.officer queue --json | jq -re '[.enquiries[] | select(.agencies == 2)][0].reference'; }

echo "1..24"
drop police in "$here/deploy/story/police-notice.json" again.json
send_hl7 "$here/deploy/story/ed-referral.hl7" >/dev/null
await 20 both_here >/dev/null
ref=$(both_here)
printf 'police never allow domestic_abuse to go to anyone\n' >run/strict.policy

second_key >/dev/null
signed run/strict.policy 1 police-siro-2 police-dpo
check "two people sign, one with her second key" await 20 load run/strict.policy
signed run/strict.policy 2 police-siro police-siro-2
check "two keys of one person are one person" refuses "Sign it as version 2: 1 of" load run/strict.policy
signed run/strict.policy 1 police-siro police-dpo
check "what was signed as an old version is not taken again" refuses "Sign it as version 2: 0 of" load run/strict.policy
echo '# No rule: nobody else would sign a rule of the police.' >run/none.policy
for who in siro dpo; do sign_policy health run/none.policy "police-$who" 2; done
check "nor what was signed for another owner" refuses policy_unsigned load run/none.policy
load_policy police "$here/deploy/policy/police.policy" >/dev/null
signed run/police.signed.policy 3 police-siro police-dpo
untidy run/police.signed.policy
check "a line twice and an odd key do no harm" load run/police.signed.policy
check "the hub is still there" answers
check "one signature a person is kept" test "$(psql_super mash -At -c "SELECT count(*) FROM mash.policy_signature WHERE version = 3")" = 2
load_policy health "$here/deploy/policy/health.policy" >/dev/null

check "an enquiry is decided" decided
check "who asks a check of what is decided is told to claim it again" refuses "Claim it again, and ask" ask "Any injuries?"
check "the police's rules let something out" shown police
signed run/strict.policy 4 police-siro police-dpo
check "they change their mind" load run/strict.policy
check "and nothing of theirs would leave" withheld police
superuser policy_signature "DELETE FROM mash.policy_signature WHERE owner = 'police' AND version = 4"
superuser policy_version "DELETE FROM mash.policy_version WHERE owner = 'police' AND version = 4"
check "a superuser who takes that version away brings none back" withheld police
check "it is logged" grep -rq "policy_not_obeyed owner=police version=3" log
check "going back takes new signatures" refuses policy_unsigned roll_back 3 run/police.signed.policy
signed run/police.signed.policy 5 police-siro police-dpo
check "going back is one command, on the old text signed anew" roll_back 3 run/police.signed.policy
check "and then it holds" shown police

check "it is claimed again" desk decision.maker claim "ref=$ref"
check "a question without a name is asked" ask "Any injuries since March?"
superuser mention "UPDATE mash.mention SET roles = '{child}'"
check "roles altered in the table let no informant be named" refuses question_names ask "Has Quillon Zarathene rung you?"
last=$(psql_super mash -At -c "SELECT max(m.mention_id::text) FROM mash.mention m JOIN mash.enquiry_message USING (agency, message_id)
    JOIN mash.enquiry e USING (enquiry_id) WHERE m.agency = 'police' AND e.reference = '$ref'")
psql_super vault -c "DELETE FROM vault.wrapped_key WHERE id = '$last'"
check "whoever cannot be read silences what her agency owns" withheld police
check "and the cut says so" jq -e '[.cuts[] | select(.owner == "police") | .reason] | any(test("cannot be read"))' <<<"$(preview)"
check "and no question is sent unsearched" refuses question_names ask "Any injuries since March?"
superuser mention "UPDATE mash.mention SET sealed = '\x00' WHERE agency = 'police'"
check "whose words were altered, and not erased, silences everybody" refuses nothing_to_share preview
