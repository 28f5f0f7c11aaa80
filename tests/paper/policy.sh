# Policies on paper: checked, compared, shown and explained. Sourced by tests/paper/run.
# shellcheck shell=bash disable=SC2154
day=2026-11-28
holds() { # NAME COMMAND [ARGUMENT ...]
    "${@:2}" >/dev/null 2>&1
    verdict "$1" $?
}
no_script() { ! "$mashctl" policy matrix deploy/policy/police.policy --format html --day "$day" | grep -qiE '<script|src=|href='; }
every_class() { # each class of the one source is listed, with its example
    local listed
    listed=$("$mashctl" policy words | grep -c 'for example:')
    ((listed == $(grep -c '^CLASS(' schemas/classes.def)))
}
totals_agree() { # there and back again: what is newly released one way is newly withheld the other
    local there back
    there=$("$mashctl" policy diff "$paper/old.policy" "$paper/new.policy" | sed -n 's/^Newly released: //p')
    back=$("$mashctl" policy diff "$paper/new.policy" "$paper/old.policy" | sed -n 's/^Newly withheld: //p')
    [[ -n $there && $there == "$back" ]]
}

golden check-police 0 policy check deploy/policy/police.policy --day "$day"
golden check-printed 0 policy check deploy/policy/health.policy --print --day "$day"
golden check-found 0 policy check "$paper/found.policy" --day "$day"
golden check-strict 1 policy check "$paper/found.policy" --day "$day" --strict
golden check-overlap 0 policy check "$paper/overlap.policy" --agencies "$paper/all.agencies" --day "$day"
golden check-overlap-untyped 0 policy check "$paper/overlap.policy" --day "$day"
golden check-owners 1 policy check "$paper/old.policy" --day "$day" --strict
golden check-word 1 policy check "$paper/misspelt.policy" --day "$day"
golden check-contradiction 1 policy check "$paper/contradiction.policy" --day "$day"
golden check-agency 1 policy check "$paper/new.policy" --agencies "$paper/few.agencies" --day "$day"
golden check-agencies 1 policy check "$paper/new.policy" --agencies "$paper/wrong.agencies" --day "$day"
golden check-no-file 1 policy check "$paper/nowhere.policy"
golden check-day 2 policy check "$paper/new.policy" --day 2026-02-30
golden diff 0 policy diff "$paper/old.policy" "$paper/new.policy"
golden diff-agencies 0 policy diff "$paper/old.policy" "$paper/new.policy" --agencies "$paper/all.agencies"
golden diff-same 0 policy diff "$paper/old.policy" "$paper/old.policy"
says "without a dead rule all is alike" "all alike" policy diff "$paper/overlap.policy" "$paper/overlap-less.policy"
golden diff-wrong 1 policy diff "$paper/old.policy" "$paper/misspelt.policy"
holds "a comparison is the same both ways" totals_agree
golden matrix-text 0 policy matrix deploy/policy/police.policy --day "$day"
golden matrix-csv 0 policy matrix "$paper/new.policy" --format csv --purpose early_help --day "$day"
golden matrix-html 0 policy matrix "$paper/new.policy" --format html --purpose early_help --day "$day"
golden matrix-format 2 policy matrix deploy/policy/police.policy --format pdf
holds "the page has no script and fetches nothing" no_script
golden explain-goes 0 policy explain deploy/policy/police.policy --class domestic_abuse --recipient education --type school \
    --purpose safeguarding_assessment --rating red --day "$day"
golden explain-forbidden 0 policy explain deploy/policy/police.policy --class offence --recipient education --type school \
    --purpose safeguarding_assessment --rating red --day "$day"
golden explain-rungs 0 policy explain "$paper/new.policy" --owner police --class incident --recipient education \
    --agencies "$paper/all.agencies" --purpose early_help --rating green --no-summary --no-desk --day "$day"
golden explain-no-rule 0 policy explain deploy/policy/police.policy --class housing --recipient education --type school \
    --purpose early_help --day "$day"
golden explain-word 2 policy explain deploy/policy/police.policy --class offense
golden explain-missing 2 policy explain deploy/policy/police.policy --class offence
says "a tier keeps it inside" "The owner keeps this item inside." policy explain deploy/policy/police.policy --class concern \
    --recipient education --type school --purpose safeguarding_assessment --rating red --tier signpost --day "$day"
holds "the words list every class with an example" every_class
says "help names what needs no hub" "policy diff OLD NEW" help
