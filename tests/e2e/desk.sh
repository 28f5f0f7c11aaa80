# What the desk refuses, asked with mashctl on the running hub: each refusal by its word, and nothing done.
# shellcheck shell=bash disable=SC2154 # sourced by tests/e2e/run
n=0
refused() { # REASON COMMAND [ARGUMENT ...]
    local reason=$1 said
    shift
    n=$((n + 1))
    if ! said=$("$@" 2>&1) && grep -q "^Refused ($reason)" <<<"$said"; then
        echo "ok $n - refuses $reason"
    else
        echo "not ok $n - refuses $reason"
        printf '# %s\n' "$said"
    fi
}
tells() { # WORDS COMMAND [ARGUMENT ...]: done, and said so
    local said
    said=$("${@:2}" 2>&1) && grep -qF -e "$1" <<<"$said"
}
an_enquiry_waits() { ref=$(desk triage.officer queue --json | jq -re '[.enquiries[] | select(.holder == null or .holder == "")][0].reference'); }
make_decision() { # SUBJECT OUTCOME [ARGUMENT ...]: on a version that is long past
    desk decision.maker decide "ref=$ref" "subject=$1" "outcome=$2" version=1 "${@:3}"
}

echo "1..22"
drop police in "$here/deploy/story/police-notice.json"
await 20 an_enquiry_waits
refused not_found desk triage.officer show ref=ZZZZ-ZZZZ
refused argument_missing desk triage.officer rate "ref=$ref" token=1
refused role_missing desk hub.manager claim "ref=$ref"
refused not_claimed make_decision 1 assessment_s17 token=1 gateway=ca1989_s17 rationale=Why. necessity=Needed.
desk decision.maker claim "ref=$ref" >/dev/null
refused claimed_by_other desk triage.officer claim "ref=$ref"
refused gateway_missing make_decision 1 assessment_s17 rationale=Why. necessity=Needed.
refused rationale_missing make_decision 1 assessment_s17 gateway=ca1989_s17 necessity=Needed.
refused necessity_missing make_decision 1 assessment_s17 gateway=ca1989_s17 rationale=Why.
refused outcome_not_allowed make_decision 1 strategy_s47 gateway=ca1989_s17 rationale=Why. necessity=Needed.
refused argument_wrong make_decision 9 assessment_s17 gateway=ca1989_s17 rationale=Why. necessity=Needed.
printf 'police never allow intelligence to go to anyone\n' >run/unsigned.policy
sign_policy police run/unsigned.policy police-siro 1
refused policy_unsigned desk hub.manager policy-load owner=police text=@run/unsigned.policy signatures=@run/unsigned.policy.sig
printf 'police allow everything to go to anyone\n' >run/wrong.policy
refused policy_wrong desk hub.manager policy-load owner=police text=@run/wrong.policy signatures=@run/unsigned.policy.sig
refused argument_wrong desk hub.manager take-back "ref=$ref" reason=because
check "the argument that is no id is named" refuses '"product" is an id' desk decision.maker product product=nonsense
check "where somebody justifies, too" refuses '"product" is an id' desk decision.maker justify product=nonsense rationale=Why. necessity=Needed.
check "and where a text is tried" refuses '"after" is an id' desk hub.manager policy-rehearse text=@run/unsigned.policy since=2026-01-01 after=nonsense
refused items_changed make_decision 1 assessment_s17 gateway=ca1989_s17 rationale=Why. necessity=Needed.
desk hub.manager take-back "ref=$ref" reason=absent >/dev/null
refused not_claimed desk decision.maker renew "ref=$ref"
printf '%s\n' "police allow incident to go to agency education for early_help when rating is any; show fact; from 2026-09-01 until 2027-08-31" \
    'police never allow incident to go to any school' >run/typed.policy
for who in siro dpo; do sign_policy police run/typed.policy "police-$who" 1; done >/dev/null
load() { desk hub.manager policy-load owner=police text=@run/typed.policy signatures=@run/typed.policy.sig; }
check "a rule that the agencies' types make dead is told when it is loaded" tells "line 1: can never change anything: line 2 forbids it in every case" load
preview() { desk decision.maker preview "ref=$ref" "recipient=$1" "purpose=$2"; }
check "a recipient that is none is told which there are" refuses 'is the code of no agency here. There are: ' preview nobody early_help
check "and a purpose" refuses '"purpose" is none that there is. There are: safeguarding_assessment' preview education learning
check "and no second sentence follows" test -z "$(preview education learning 2>&1 | grep -F 'not in the form')"
