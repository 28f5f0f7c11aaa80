# The demonstration, step by step, as tests: every check of deploy/demo is one result.
# shellcheck shell=bash disable=SC2154 # sourced by tests/e2e/run
story_var=${dir%/*}/story
n=0
while IFS= read -r line; do
    case $line in
    '   ok  '*)
        n=$((n + 1))
        echo "ok $n - story: ${line#   ok  }"
        ;;
    '   FAILED  '*)
        n=$((n + 1))
        echo "not ok $n - story: ${line#   FAILED  }"
        ;;
    *) echo "$line" >&2 ;;
    esac
done < <(MASH_VAR=$story_var "$here/deploy/demo" 2>&1)
echo "1..$n"
((n > 120)) || echo "not ok - the story is not played to its end"
