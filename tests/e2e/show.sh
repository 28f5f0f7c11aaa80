# An enquiry about which one agency writes more than fits into any answer: everybody's newest words are on the first
# page, what is not is said, and page by page all of it is read, as it was sent. Every page is a look in the ledger;
# none is recorded that showed nothing.
# shellcheck shell=bash disable=SC2154,SC2317,SC2016,SC2119,SC2120 # sourced by tests/e2e/run; helpers are called by check and
# by count_on; jq has variables, too
officer() { desk triage.officer "$@"; }
ask() { psql_super mash -At -c "$1"; }
looks() { ask "SELECT count(*) FROM mash.ledger_leaf WHERE act = 'view' AND actor = 'triage.officer'"; }
shown() { officer show "ref=$ref" "$@" --json; }
page() { jq -e "$2" "run/show-$1.json"; } # NUMBER FILTER
of() { echo "(.pages[] | select(.list == \"$1\" and .agency == ${2:-null}))"; } # LIST [AGENCY]
none_waits() { [[ $(ask "SELECT count(*) FROM mash.message_todo") == 0 ]]; }

school_concern() {
    local columns='Incident Ref,UPN,Forename,Surname,DOB,Year Group,Incident Date,Incident Time,Categories,Linked Students,Incident,Body Map,Actions,Assigned To,Status,Added By'
    printf '%s\r\n' "$columns" 'INC-90001,,Linnea,Overfull,09/03/2016,5,01/10/2026,10:40,Neglect,,The school said this before.,,MASH referral made,DSL,Open,A. Teacher' >run/show.csv
    drop education in run/show.csv
    await 20 became_enquiry
}
its_reference() {
    ask "SELECT e.reference FROM mash.enquiry e JOIN mash.enquiry_message USING (enquiry_id)
        JOIN mash.native_reference n USING (agency, message_id) WHERE n.agency = 'education' ORDER BY e.opened_at DESC LIMIT 1"
}
became_enquiry() { [[ -n $(its_reference) ]]; }
# The same child, so many times, in 9 KB each.
flood() { # COUNT
    jq --argjson n "$1" '.[0] as $one | [range($n) | . as $i | $one | del(.intelligence, .criminal_history, .informant) |
        .notice_ref = "SHOW/\($i)" | .occurrence_number = "show\($i)" |
        .circumstances = "Notice \($i): " + ("They said \"no\" \($i) times. " * 390) |
        .persons[0].surname = "Overfull" | .persons[0].forenames = "Linnea" | .persons[0].dob = "2016-03-09"]' \
        "$here/adapters/police/samples/story-notice.json" >run/flood.json
    drop police in run/flood.json
    await 20 test -s agencies/police/receipts/flood.json.receipt.json && await 30 none_waits
}

# From cursor to cursor, until nothing is left of a list; all pages in run/show-LIST.jsonl.
read_on() { # LIST AGENCY
    local after
    : >"run/show-$1.jsonl"
    after=$(jq -r "$(of "$1" "$2").after // empty" run/show-1.json)
    while [[ -n $after ]]; do
        shown "after=$after" >run/show-next.json || return 1
        cat run/show-next.json >>"run/show-$1.jsonl"
        after=$(jq -r "$(of "$1" "$2").after // empty" run/show-next.json)
    done
}
as_sent() {
    jq -s '[.[].owners[] | select(.owner == "police").items[].text | split("\n")[-1] | select(startswith("Notice "))] | sort' run/show-1.json run/show-items.jsonl >run/read.json
    jq '[.[].circumstances] | sort' run/flood.json | cmp - run/read.json && (($(jq length run/read.json) == 140))
}
each_once() { jq -se '[.[].owners[].items[].item] | length == (unique | length)' run/show-1.json run/show-items.jsonl; }
newest_first() { jq -se '[.[].owners[] | select(.owner == "police").items[].arrived_at] | . == (sort | reverse)' run/show-1.json run/show-items.jsonl; }
in_order() { jq -se '[.[].owners[] | select(.owner == "police").items[]] | group_by(.message) | all([.[].item] | . == sort)' run/show-1.json run/show-items.jsonl; }
all_persons() { [[ $(jq -s '[.[].persons[] | select(.agency == "police")] | length' run/show-1.json run/show-persons.jsonl) == 280 ]]; }
on_paper() { officer show "ref=$ref" | grep -A1 '^NOT ON THIS PAGE' | grep -E "^  [0-9]+ earlier of 280 persons of police: mashctl show $ref after=persons\.police\.[0-9]+$"; }
children_once() { [[ $(officer show "ref=$ref" | grep -cE '^  1  Linnea Overfull, .*says (education|police [0-9]+ times)\)$') == 2 ]]; }
refused_cursor() {
    local said before
    before=$(looks)
    ! said=$(shown "after=$1" 2>&1) && grep -q '(argument_wrong)' <<<"$said" && [[ $(looks) == "$before" ]]
}
claims() { cat settings/triage.officer.ini.claims; }
later_page_is_not_the_version() { # the one that was shown stays what a decision is made on
    local before
    before=$(claims)
    superuser enquiry "UPDATE mash.enquiry SET version = version + 1 WHERE reference = '$ref'"
    shown after=items.police.5 >/dev/null && [[ -n $before && $(claims) == "$before" ]]
    superuser enquiry "UPDATE mash.enquiry SET version = version - 1 WHERE reference = '$ref'"
}

# Staff's own words, more of them than a share.
rates() {
    local i
    for i in 1 2 3; do
        { printf 'Reason %s. ' "$i" && head -c 60000 /dev/zero | tr '\0' x; } >run/reason
        desk decision.maker rate "ref=$ref" rating=amber reason=@run/reason || return 1
    done
}
reasons_on() { jq -c '[.ratings[].reason | select(. != null) | .[:8]]' "$1"; }
reasons_read() {
    shown >run/show-1.json && read_on ratings null &&
        [[ $(cat <(reasons_on run/show-1.json) <(reasons_on run/show-ratings.jsonl) | jq -sc add) == '["Reason 3","Reason 2","Reason 1"]' ]]
}
decides() {
    desk decision.maker show "ref=$ref" >/dev/null &&
        desk decision.maker decide "ref=$ref" subject=1 outcome=assessment_s17 gateway=ca1989_s17 rationale=Why. necessity=Needed.
}
previews() { desk decision.maker preview "ref=$ref" recipient=health purpose=safeguarding_assessment "$@" --json; }
# The cursors of one list, from the file's first page on; prints how many rows came in all.
count_on() { # FILE LIST COMMAND ...
    local after n
    n=$(jq ".$2 | length" "$1")
    after=$(jq -r "$(of "$2").after // empty" "$1")
    while [[ -n $after ]]; do
        "${@:3}" "after=$after" >run/show-next.json || return 1
        n=$((n + $(jq ".$2 | length" run/show-next.json)))
        after=$(jq -r "$(of "$2").after // empty" run/show-next.json)
    done
    echo "$n"
}
cuts_read() { previews >run/preview.json && [[ $(count_on run/preview.json cuts previews) == "$(frozen)" ]]; }
frozen() { ask "SELECT count(*) FROM mash.decision_item WHERE decision_id = '$(jq -r .decision run/preview.json)'"; }
shares() {
    desk decision.maker share "ref=$ref" recipient=health purpose=safeguarding_assessment gateway=ca1989_s17 \
        "product=$(jq -r .product run/preview.json)" "digest=$(jq -r .digest run/preview.json)"
}
kept() { desk decision.maker product "product=$(jq -r .product run/preview.json)" "$@" --json; }
all_kept() { # LIST
    kept >run/product.json && [[ $(count_on run/product.json "$1" kept) == "$(frozen)" ]]
}

echo "1..27"
check "a school's concern becomes an enquiry" school_concern
check "the police write 140 times about the child" flood 140
before=$(looks)
ref=$(its_reference)
check "the enquiry is shown" shown
shown >run/show-1.json
check "with the school's words" page 1 '[.owners[] | select(.owner == "education").items[].text] | any(contains("The school said this before."))'
check "and the police's newest" page 1 '.owners[] | select(.owner == "police").items | length > 20'
check "how many there are is told" page 1 "$(of items '"police"') | .total > 280 and .shown + .earlier == .total"
check "nothing is left off of the school's" page 1 "$(of items '"education"') | .earlier == null and .after == null"
check "on paper it says what is not on the page" on_paper
check "who is said to be the child is said once" children_once
check "the rest is read on" read_on items '"police"'
check "every word as it was sent" as_sent
check "each once" each_once
check "the newest first" newest_first
check "each message's items in their own order" in_order
check "so is everybody they mention" read_on persons '"police"'
check "all of them" all_persons
check "each page is a look in the ledger" test "$(looks)" = $((before + 4 + $(cat run/show-items.jsonl run/show-persons.jsonl | wc -l)))
check "a cursor of no list is refused, and is no look" refused_cursor items.fire.5
check "nor is one without a number" refused_cursor items.police
check "a later page is not the version that was seen" later_page_is_not_the_version
desk decision.maker claim "ref=$ref" >/dev/null
check "a decision maker rates it again and again, with many words" rates
check "and these are read, too" reasons_read
check "she decides on it" decides
check "what would leave is previewed, with every cut" cuts_read
check "it is shared" shares
check "and kept: what it was made of" all_kept full
check "and every cut" all_kept cuts
