# A new text tried on what has left already, before anybody signs it: what would have stayed, what more would have left,
# and nothing of anybody else's. A version that begins tomorrow holds tomorrow. And why an item goes or stays.
# shellcheck shell=bash disable=SC2154,SC2317,SC2016 # sourced by tests/e2e/run; helpers are called by check; jq has variables, too
. "$tests/product"
today() { one "(mash.hub_now() AT TIME ZONE 'Europe/London')::date + ${1:-0}"; } # DAYS
rehearse() { # STAFF FILE [OPTION ...]
    "$BUILD/mashctl" --config "settings/$1.ini" policy rehearse "$2" --since "$since" "${@:3}"
}
totals() { # FILE "WHAT=NUMBER ...": each of them, and nothing else but what is the same
    local said
    said=$(rehearse hub.manager "$1" --json) || return 1
    said=$(jq -r '.totals | to_entries | map(select(.value > 0) | .key + "=" + (.value | tostring)) | join(", ")' <<<"$said")
    [[ $said == "$2" ]] || { echo "it says $said"; return 1; }
}
change_of() { # FILE CLASS: then, now, and what that is; of that with the summary, when there are several
    rehearse hub.manager "$1" --json | jq -re --arg c "$2" '[.items[] | select(.class == $c)] | max_by(.tier == "sanitise") |
        .then + " " + .now + ": " + .change'
}
is() { [[ $("${@:2}") == "$1" ]]; } # WANTED COMMAND ...
signed_from() { # FILE FROM: as the police's next version
    local who version
    version=$(next_version police)
    rm -f "$1.sig"
    for who in siro dpo; do
        "$BUILD/mashctl" policy sign "$1" owner=police "version=$version" "realm=$(<realm)" ${2:+"from=$2"} \
            --key "keys/people/police-$who.ed25519-secret" || return 1
    done
}
load() { desk hub.manager policy-load owner=police "text=@$1" "signatures=@$1.sig" "${@:2}"; } # FILE [from=DAY]
state_of() { desk hub.manager policy-list --json | jq -re --argjson v "$1" '.policies[] | select(.owner == "police" and .version == $v) | .state'; } # VERSION
preview() { desk decision.maker preview "ref=$ref" recipient=education purpose=safeguarding_assessment --json; }
verdict() { # CLASS: what preview says of the police's
    local said
    said=$(preview 2>run/said) || { grep -o nothing_to_share run/said; return; }
    jq -r --arg c "$1" '[.cuts[] | select(.owner == "police" and .class == $c) | .verdict] | max_by(. == "summary")' <<<"$said"
}
item_of() { one "item_id FROM mash.cut WHERE product_id = '$product' AND owner = 'police' AND class = '$1' ORDER BY summary DESC LIMIT 1"; }
explain() { # CLASS JQ
    desk decision.maker explain "ref=$ref" "item=$(item_of "$1")" recipient=education purpose=safeguarding_assessment --json |
        jq -re "$2"
}
last_leaf() { one "convert_from(body, 'UTF8') FROM mash.ledger_leaf WHERE act = '$1' ORDER BY idx DESC LIMIT 1"; } # ACT
policy_digest() { one "encode(digest, 'hex') FROM mash.policy_version WHERE owner = 'police' AND version = $1"; }
told_of() { jq -re '.policies[] | select(.owner == "police") | "\(.version) \(.digest)"'; }
product_says() { desk decision.maker product "product=$product" --json | told_of; }
decision_says() { desk decision.maker decisions "ref=$ref" --json | jq -c '.decisions[0]' | told_of; }
altered() { # a superuser makes the past say that more had left
    superuser cut "UPDATE mash.cut SET verdict = 'full' WHERE product_id = '$product' AND owner = 'police'"
}

echo "1..44"
since=$(today -1)
product_at_school 880101 Guillemot Orla >run/product.log 2>&1 || cat run/product.log >&2
old=run/police.signed.policy
version=$(($(next_version police) - 1))
check "the school has the police's summary" holds_only "agencies/education/inbox/$product.txt" HERON
items=$(one "count(*) FROM mash.cut WHERE product_id = '$product' AND owner = 'police'")
check "the text that held changes nothing" totals "$old" "items=$items, same=$items"
check "nor does it need to be said whose it is" is police jq -r .owner <(rehearse hub.manager "$old" --json)

out=$(one "count(*) FROM mash.cut WHERE product_id = '$product' AND owner = 'police' AND class = 'domestic_abuse'
    AND verdict IN ('fact', 'summary', 'full')")
grep -v "^police allow domestic_abuse to go to any school" "$old" >run/strict.policy
check "a stricter text says what would have stayed" is "summary signpost: newly withheld" change_of run/strict.policy domestic_abuse
check "that and nothing else" totals run/strict.policy "items=$items, same=$((items - out)), newly withheld=$out"
sed "s/any school for safeguarding_assessment when rating is amber or higher; show summary/any school for safeguarding_assessment when rating is amber or higher; show fact/" "$old" >run/fact.policy
check "one that shows less says so" is "summary fact: lesser form" change_of run/fact.policy domestic_abuse
year="from $(date -d '-30 days' +%F) until $(date -d '+300 days' +%F)"
{
    grep -v "allow offence to go to any school\|never allow offence to go to any school" "$old"
    echo "police allow offence to go to any school for safeguarding_assessment when rating is any; show fact; $year"
} >run/loose.policy
check "a looser one says what more would have left" is "signpost fact: newly released" change_of run/loose.policy offence
echo "# nothing" >run/empty.policy
check "a text without a rule is somebody's" refuses "say whose it is" rehearse hub.manager run/empty.policy
check "and would have kept all in" grep -q "newly withheld" <(rehearse hub.manager run/empty.policy --owner police)
check "the table is for people" grep -Eq "education +safeguarding_assessment +domestic_abuse .* newly withheld" <(rehearse hub.manager run/strict.policy)
check "no item's words are in it" test -z "$(rehearse hub.manager run/strict.policy --json | grep -E 'OTTER|HERON|WIGEON|Guillemot')"
check "another owner's items do not show" is 0 jq '.items | length' \
    <(rehearse hub.manager run/empty.policy --owner health --json)
check "it is recorded, for the owner" is "police" one "array_to_string(agencies, ',') FROM mash.ledger_leaf WHERE act = 'view'
    AND convert_from(body, 'UTF8') LIKE E'%\nwhat rehearse\nowner police\n%' ORDER BY idx DESC LIMIT 1"
check "with the digest of the text that was tried" grep -q "digest $(sha256sum run/strict.policy | cut -d' ' -f1)" \
    <(one "convert_from(body, 'UTF8') FROM mash.ledger_leaf WHERE act = 'view' ORDER BY idx")
check "who decides does not try policies" refuses role_missing rehearse decision.maker "$old"
sed 's/any school/any shcool/' "$old" >run/misspelt.policy
check "a misspelt text is told as on paper" refuses "$("$BUILD/mashctl" policy check run/misspelt.policy 2>&1 | sed -n '1s/.*\.policy: //p')" \
    rehearse hub.manager run/misspelt.policy
check "a day that is none is refused" refuses YYYY-MM-DD desk hub.manager policy-rehearse "text=@$old" since=yesterday
check "nothing since a later day" is 0 jq .products <(desk hub.manager policy-rehearse "text=@$old" "since=$(today 1)" --json)

# ---- why -------------------------------------------------------------------------------------------------------
check "it is explained why an item goes" is "true summary police $version" explain domestic_abuse '"\(.goes) \(.verdict) \(.owner) \(.version)"'
check "by the rule that decided" is "$(grep -n "^police allow domestic_abuse to go to any school" "$old")" explain domestic_abuse '"\(.line):\(.rule)"'
check "with the digest of its text" is "$(policy_digest "$version")" explain domestic_abuse .digest
check "why another stays" is "false signpost A rule of the owner forbids this." explain offence '"\(.goes) \(.verdict) \(.reason)"'
check "and what else was considered" explain domestic_abuse '.considered | length > 1 and any(.[]; .because == "It is about another recipient.")'
check "the look is recorded" grep -q "^recipient education" <(last_leaf view)
check "with the versions that it was asked of" grep -Eq "^policy [0-9a-f]{64}$" <(last_leaf view)
check "an item of nowhere is not found" refuses not_found desk decision.maker explain "ref=$ref" item=00000000-0000-7000-8000-000000000001 \
    recipient=education purpose=safeguarding_assessment
check "nobody outside of the deciders is told" refuses role_missing desk hub.manager explain "ref=$ref" "item=$(item_of domestic_abuse)" \
    recipient=education purpose=safeguarding_assessment
check "a product names the version that it left by" is "$version $(policy_digest "$version")" product_says
check "a decision names the version in force" is "$version $(policy_digest "$version")" decision_says
check "and its leaf the digest" grep -Eq "^policy [0-9a-f]{64}$" <(last_leaf decide)

# ---- tomorrow --------------------------------------------------------------------------------------------------
signed_from run/strict.policy "$(today 1)" >/dev/null 2>&1
check "what was signed for tomorrow does not hold today" refuses policy_unsigned load run/strict.policy
check "nor on another day" refuses policy_unsigned load run/strict.policy "from=$(today 2)"
check "a day that is none is refused, too" refuses YYYY-MM-DD load run/strict.policy from=tomorrow
check "as signed, it is taken" load run/strict.policy "from=$(today 1)"
check "and begins" is "begins" state_of $((version + 1))
check "today the old one holds" is summary verdict domestic_abuse
clock 1
check "tomorrow the new one does" is signpost verdict domestic_abuse
check "by the list, too" is "replaced in force" echo "$(state_of "$version") $(state_of $((version + 1)))"
superuser policy_version "UPDATE mash.policy_version SET valid_from = valid_from + 30 WHERE owner = 'police' AND version = $((version + 1))"
check "put off by a superuser, the old one does not come back" is signpost verdict domestic_abuse
check "nor is it obeyed" is "not obeyed" state_of "$version"
superuser policy_version "UPDATE mash.policy_version SET valid_from = valid_from - 30 WHERE owner = 'police' AND version = $((version + 1))"
signed_from "$old" "$(today 1)" >/dev/null 2>&1
check "going back may wait for a day, too" desk hub.manager policy-roll-back owner=police "version=$version" "signatures=@$old.sig" "from=$(today 1)"
clock 1
check "and does" is summary verdict domestic_abuse

altered
check "a past that was altered is not replayed" totals "$old" "items=$items, not known=$items"
check "nor hidden" is "not known" jq -r '.items[0].change' <(rehearse hub.manager "$old" --json)
