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

echo "1..6"
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
