# shellcheck shell=bash
# What the checks share: they run from the top of the tree, print one TAP line a rule, and end with
# `finish`.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
count=0
failed=0

# verdict DESCRIPTION OFFENCES: it holds when there are none.
verdict() {
    count=$((count + 1))
    if [[ -z $2 ]]; then
        echo "ok $count - $1"
    else
        echo "not ok $count - $1"
        printf '%s\n' "$2" | sed 's/^/# /'
        failed=1
    fi
}

finish() {
    exit "$failed"
}
