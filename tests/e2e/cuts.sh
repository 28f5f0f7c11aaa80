# What the net cut out of words that left is kept with the full version, span by span, for those who may see both; the
# shared version and the database tell nobody.
# shellcheck shell=bash disable=SC2154,SC2016,SC2317 # sourced by tests/e2e/run; helpers are called by check; eval has its own
. "$tests/product"
kept() { desk decision.maker product "product=$product" purpose=oversight --json; }
summary_of() { jq -r '.full[]? | select(.summary // "" | test("HERON")) | .summary' run/kept.json; }
# What stood at each place that is said to be cut, a line each.
stood_there() {
    jq -r '.full[]? | select(.removed) | .summary as $s | .removed[] | .at as $at | .length as $n | $s[$at:$at + $n]' run/kept.json
}
kinds() { jq -r '.full[]?.removed[]?.kind' run/kept.json | sort | paste -sd' '; }
# The enquiry as staff see it, as a file on paper.
as_file() {
    jq -n --argjson seen "$(desk decision.maker show "ref=$ref" --json)" --argjson agencies "$(psql_super mash -At -c \
        "SELECT json_agg(json_strip_nulls(json_build_object('code', agency, 'name', name, 'type', type, 'desk', nullif(desk, '')))) FROM mash.agency")" '
        def given(f): if . == null or . == [] then empty else {(f): .} end;
        {rating: $seen.enquiry.rating, $agencies,
         people: [$seen.persons | to_entries[] | .key as $i | .value | {ref: "p\($i)", subject: (.subject != null), roles: .details.role}
            + (.details | [(.name | given("names")), (.birth_date | given("birth_date")), (.address | given("addresses")),
                           (.telecom | given("telecom"))] | add)],
         items: [$seen.owners[] | .owner as $owner | .items[] | {id: .item, $owner, class, free_text, text}
            + (if .tier_by == "class" then {} else {tier} end) + (if .summary then {summary} else {} end)]}'
}
# Paper and hub, but for the reference.
the_same_on_paper() { # FORM ENDING
    as_file >run/paper.json &&
        "$BUILD/mashctl" product preview --policy "$here/deploy/policy/police.policy" --enquiry run/paper.json --recipient education \
            --purpose safeguarding_assessment --today "$(date -u +%F)" --format "$1" >run/on-paper &&
        diff <(sed -E "s/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/ID/g" run/on-paper) <(sed "s/$product/ID/g" "agencies/education/inbox/$product.$2")
}

echo "1..8"
summary="HERON: Torben Kittiwake rang from 01632 960555 and the child was unhurt."
product_at_school 880007 Kittiwake Runa >run/product.log 2>&1 || cat run/product.log >&2
check "the school has the summary, without the father's name or the number" \
    holds_only "agencies/education/inbox/$product.txt" HERON "the child was unhurt" not Torben 960555
kept >run/kept.json
check "inside, the whole of it is kept" test "$(summary_of)" = "$summary"
check "and of what kind each cut is" test "$(kinds)" = "name telephone"
check "and where: what stood there is what was cut" test "$(stood_there)" = $'Torben Kittiwake\n01632 960555'
check "people read it without a tool" eval 'desk decision.maker product "product=$product" purpose=oversight | grep -q "kind: telephone"'
check "and no file of the database has any of it" eval '! grep -rqaE "Torben|960555" pg'
check "on paper, the same bytes would leave as have left, as text" the_same_on_paper text txt
check "and as a page" the_same_on_paper html html
