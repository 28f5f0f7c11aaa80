# What the tools on paper say of what they were given: what happened, why, what to do. Sourced by tests/paper/run.
# shellcheck shell=bash disable=SC2154
desk=$(mktemp -d)
printf 'ed25519-secret %064d\n' 7 >"$desk/key"
printf 'ed25519-secret %064d\n' 8 >"$desk/open"
printf 'curve-secret %064d\n' 9 >"$desk/other"
chmod 600 "$desk/key" "$desk/other"
chmod 644 "$desk/open"
sed '/^health/d' "$paper/new.policy" >"$desk/police.policy"
printf '\xef\xbb\xbf' | cat - "$desk/police.policy" >"$desk/bom.policy"
printf '\xef\xbb\xbf' | cat - schemas/examples/rules.json >"$desk/bom.json"
head -c 1200000 /dev/zero | tr '\0' ' ' >"$desk/large"
ends() { # EXIT COMMAND [ARGUMENT ...]
    local status=0
    "$mashctl" "${@:2}" >/dev/null 2>&1 || status=$?
    ((status == $1))
}
signs() { # TEXT OWNER: and the signature is there
    "$mashctl" policy sign "$1" "owner=$2" version=1 realm=live --key "$desk/key" && [[ -s $1.sig ]]
}
signs_not() { ! signs "$@" && [[ ! -e $1.sig ]]; }
paper_preview=(product preview --policy schemas/examples/owners.policy --enquiry)
to_school=(--recipient education --purpose safeguarding_assessment)
as_live=(realm=live --key "$desk/key")

# ---- what is signed -----------------------------------------------------------------------------
cp "$paper/misspelt.policy" "$paper/contradiction.policy" "$paper/overlap.policy" "$desk"
holds "a misspelt text is not signed" signs_not "$desk/misspelt.policy" police
holds "nor one that contradicts itself" signs_not "$desk/contradiction.policy" health
holds "nor another owner's" signs_not "$desk/police.policy" health
says "and is told whose it is" "line 2 is a rule of police, and what is signed as health's" policy sign "$desk/police.policy" owner=health version=1 "${as_live[@]}"
says "the word is told as check tells it" '"shcool" is not a type of agency; did you mean school?' policy sign "$desk/misspelt.policy" owner=police version=1 "${as_live[@]}"
says "who signs is warned of what one rule forbids of another" "Worth a look before anybody else signs: line 6: line 7 forbids some" \
    policy sign "$desk/overlap.policy" owner=police version=1 "${as_live[@]}"
holds "what is understood is signed" signs "$desk/police.policy" police
says "once a key" "this key has signed this already" policy sign "$desk/police.policy" owner=police version=1 "${as_live[@]}"
says "as another version it is something else" "this key has signed something else here" policy sign "$desk/police.policy" owner=police version=2 "${as_live[@]}"
says "a version is a number" "version= is missing, or no whole number from 1" policy sign "$desk/police.policy" owner=police version=one "${as_live[@]}"
says "and must be said" "version= is missing" policy sign "$desk/police.policy" owner=police "${as_live[@]}"
says "so is a realm" "realm= must be live or demonstration" policy sign "$desk/police.policy" owner=police version=1 realm=lvie --key "$desk/key"
says "a key that others can read is told" "others on this machine can read it" policy sign "$desk/police.policy" owner=police version=1 realm=live --key "$desk/open"
says "a key of another kind is told" "is no ed25519-secret key file" policy sign "$desk/police.policy" owner=police version=1 realm=live --key "$desk/other"
says "a key that is not there is told" "there is no such file" policy sign "$desk/police.policy" owner=police version=1 realm=live --key "$desk/none"
says "an act that is none is told which there are" "enrol, rotate, revoke, delegate or withdraw" people-sign "$desk/act.sig" agency=police act=lead "${as_live[@]}"

# ---- which command ------------------------------------------------------------------------------
says "a group without a word says what it does" "use check, diff, matrix, explain, words, sign, rehearse" policy
says "so does one with a wrong word" '"cheque" is nothing that it does; use check' policy cheque
says "and another group" '"preveiw" is nothing that it does; use preview' product preveiw
holds "it ends with 2" ends 2 policy cheque
says "help names the act as it is called" "enrol, rotate, revoke, delegate, withdraw" help

says "the hub's product is asked of the hub" "give --config FILE" product product=1

# ---- which file ---------------------------------------------------------------------------------
says "a folder is called one" "is a folder" policy check "$paper"
says "a missing enquiry is called missing" "there is no such file" "${paper_preview[@]}" "$desk/none" "${to_school[@]}"
says "a large one is told how large it may be" "is larger than 1100 KiB" "${paper_preview[@]}" "$desk/large" "${to_school[@]}"
says "a policy, too" "is larger than 1024 KiB" policy check "$desk/large"
holds "a mark of the order of bytes does not matter in a policy" ends 0 policy check "$desk/bom.policy"
holds "nor in an enquiry" ends 0 "${paper_preview[@]}" "$desk/bom.json" "${to_school[@]}"
holds "a form that is none is a wrong call" ends 2 "${paper_preview[@]}" schemas/examples/rules.json "${to_school[@]}" --format pdf
holds "so is a recipient" ends 2 "${paper_preview[@]}" schemas/examples/rules.json --recipient nobody --purpose early_help
says "which says the forms once" '"pdf" is not a form. Valid are: msgpack, json, html, text, fhir' "${paper_preview[@]}" schemas/examples/rules.json "${to_school[@]}" --format pdf
says "the roles of people are listed" "Roles of people" policy words
rm -rf "$desk"
