# What intake could not take, as the hub manager meets it: listed, shown, put through again where it can be, left out
# with a reason. The material is what e2e-intake was refused, on the same hub; nothing of it is ever lost.
# shellcheck shell=bash disable=SC2154,SC2317 # sourced by tests/e2e/run; helpers are called by check
listed() { desk hub.manager quarantine "$@" --json; }
first() { listed | jq -re "[.quarantine[] | select($1)][0].$2"; } # FILTER FIELD
is_listed() { listed | jq -e --arg id "$1" 'any(.quarantine[]; .id == $id)'; }
shown() { desk hub.manager quarantine-show "id=$1" --json; }
looks() { psql_super mash -At -c "SELECT count(*) FROM mash.ledger_leaf WHERE act = 'view' AND actor = 'hub.manager'"; }
refused_as() { # REASON COMMAND ...
    local reason=$1 said
    shift
    ! said=$("$@" 2>&1) && grep -q "($reason)" <<<"$said"
}

only_in_the_record() { ! is_listed "$1" && listed all=yes | jq -e --arg id "$1" 'any(.quarantine[]; .id == $id and .act == "reject")'; }

echo "1..10"
if [[ -z $(listed | jq -r '.quarantine[].id') ]]; then
    "$BUILD/e2e-intake" >/dev/null 2>&1 || true # run alone: the refusals are made first
fi
clash=$(first '.reason == "content_clash"' id)
raw=$(first '.content == null' id)
before=$(looks)
check "a clash is listed, and so is a submission that failed as a whole" test -n "$clash" -a -n "$raw"
check "a clash is opened for a person to read" jq -e '.told.narrative[0].text | length > 0' <<<"$(shown "$clash")"
check "so are the frames of a whole submission" jq -e '.frames | length > 0' <<<"$(shown "$raw")"
check "both looks are in the ledger" test "$(looks)" -ge $((before + 2))
check "a triage officer may not look" refused_as role_missing desk triage.officer quarantine-show "id=$clash"
check "what is no single message cannot be put through again" refused_as state_wrong desk hub.manager quarantine-replay "id=$raw"
check "nor can a clash: its id belongs to the other version, and the sender is to mint a new one" \
    refused_as content_clash desk hub.manager quarantine-replay "id=$clash"
check "without a reason nothing is left out" refused_as argument_missing desk hub.manager quarantine-reject "id=$raw"
check "with one it is, and leaves the list" desk hub.manager quarantine-reject "id=$raw" "reason=Sent again by the agency."
check "but not the record" only_in_the_record "$raw"
