# What holds after a campaign: the senders' own histories, the adapters' spools and the database name
# the same messages (R1-R4), every acknowledged leaf is where it was promised (R15), the ledger is
# dense and proves itself (R18), each letter came once, and a revoked key opens nothing (R7). Sets are
# compared, never counters. A question that cannot be asked has no answer: that is a failure, never an
# empty set. Sourced after common.sh.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317 # common.sh sets them, and `result` calls them

spool() { sqlite3 -readonly -cmd '.timeout 5000' "spool/$1.db" "$2"; }
database() { psql_super mash -At -F' ' -c "$1"; }

all_acknowledged() {
    local agency
    for agency in "${sending_agencies[@]}"; do
        [[ $(spool "$agency" "SELECT count(*) FROM outbound WHERE state = 'queued'") == 0 ]] || return 1
    done
}
hub_has_finished() { [[ $(database "SELECT count(*) FROM mash.message_todo") == 0 ]]; }
letters_are_there() { [[ $(database "SELECT count(*) FROM mash.letter_todo") == 0 ]]; }
head_is_signed() {
    [[ $(database "SELECT count(*) FROM mash.checkpoint c JOIN mash.ledger_head h ON h.size = c.size") == 1 ]]
}

# "agency message-id leaf-index sha256(leaf)" of every acknowledgement, as the adapters keep it.
acknowledged() {
    local agency
    for agency in "${sending_agencies[@]}"; do
        spool "$agency" "SELECT '$agency ' || lower(hex(message_id)) || ' ' || leaf_index || ' ' || lower(hex(leaf))
                           FROM outbound WHERE leaf_index IS NOT NULL" || return 1
    done
}
# The same, as the database keeps it; what is there and was never promised shows, too.
recorded() {
    database "SELECT m.agency, replace(m.message_id::text, '-', ''), l.idx, encode(l.body, 'hex')
        FROM mash.message m LEFT JOIN mash.ledger_leaf l ON l.subject = m.message_id AND l.act = 'accept'"
}
recorded_of() { sed -n "s/^$1 \([^ ]*\) .*/\1/p" run/recorded | sort; } # AGENCY

# Whoever was told a message id finds that message, and the hub holds no other of theirs.
told_files() { diff <(sort run/told."$1".*) <(recorded_of "$1"); }
# An HL7 sender is told the first twenty digits.
told_health() { diff <(sort run/told.health.*) <(recorded_of health | cut -c-20); }
# Into run/acknowledged and run/recorded, sorted, for those who come after; counts what differs.
same_sets() {
    acknowledged | sort >run/acknowledged && recorded | sort >run/recorded || return 1
    lost=$(comm -23 run/acknowledged run/recorded | wc -l)
    extra=$(comm -13 run/acknowledged run/recorded | wc -l)
    doubled=$(cut -d' ' -f1,2 run/recorded | uniq -d | wc -l)
    [[ "$lost $extra $doubled" == '0 0 0' ]]
}
# The query works and finds nothing; what it finds is wrong.
nothing() { # QUERY [ARGUMENT ...]
    local found
    found=$("$@") || return 1
    [[ -z $found ]] || echo "$found" >&2
    [[ -z $found ]]
}
# What a revoked key brought is kept for a person, and comes again by the next key.
none_aside() {
    local agency
    for agency in "${sending_agencies[@]}"; do
        nothing spool "$agency" "SELECT '$agency', lower(hex(message_id)), state, reason FROM outbound
                                  WHERE state <> 'acknowledged'" || return 1
    done
    nothing database "SELECT agency, message_id, content, reason, path, received_at FROM mash.quarantine
                       WHERE (agency, reason) <> ('education', 'key_revoked')"
}
# Each message had its one effect in the hub: none was left out, none made a second referral.
one_effect() {
    nothing database "SELECT m.agency, m.message_id, m.content, e.treatment, m.received_at
        FROM mash.message m LEFT JOIN mash.enquiry_message e USING (agency, message_id)
       WHERE e.treatment IS NULL OR e.treatment = 'repeat'"
}
# Every question that the hub recorded lies in its agency's folder, and no other; there were some.
questions_are_there() {
    local agency some=0
    for agency in police social-care; do
        database "SELECT check_id FROM mash.agency_check WHERE agency = '$agency'" | sort >run/asked || return 1
        find "agencies/$agency/desk/questions" -name '*.txt' -printf '%f\n' | sed 's/\.txt$//' | sort >run/there || return 1
        diff run/asked run/there || return 1
        [[ ! -s run/asked ]] || some=1
    done
    ((some))
}
# Nothing of the school's is dated between five seconds after a revocation and the next key (R7).
nothing_of_the_revoked() {
    local from to
    [[ -e run/revoked ]] || return 0
    while read -r from to; do
        [[ $(database "SELECT count(*) FROM mash.submission WHERE agency = 'education'
            AND received_at > to_timestamp($from) + interval '5 s' AND received_at < to_timestamp($to)") == 0 ]] || return 1
    done <run/revoked
}
ledger_proves_itself() {
    rm -rf run/export
    mkdir run/export
    (cd run/export && psql_super mash -f "$here/sql/export.sql" >/dev/null) &&
        "$BUILD/mash-verify" ledger run/export --log-key keys/public/log.ed25519-public \
            --origin mash.example/hub/demonstration
}

number=0
failed=
lost=unknown extra=0 doubled=0 # until they are compared
result() { # SENTENCE, then a command
    local what=$1
    shift
    number=$((number + 1))
    if "$@" >&2; then echo "ok $number - $what"; else
        echo "not ok $number - $what"
        failed=yes
    fi
}

oracle_results=12
oracle() {
    result "the senders finish what they began" stop_senders
    result "everything in the spools is acknowledged" await 120 all_acknowledged
    result "the hub works all of it off, and the notary signs it" await 180 eval 'hub_has_finished && head_is_signed'
    result "every letter has its receipt" await 90 letters_are_there
    told=$(cat run/told.* | wc -l)
    result "what was acknowledged and what the database holds are the same set" same_sets
    result "what a force and a school were told is what the hub holds" eval 'told_files police && told_files education'
    result "what a trust was told AA for is what the hub holds" told_health
    result "nothing was refused or set aside" none_aside
    result "every message had its one effect" one_effect
    result "every question is in its agency's folder" questions_are_there
    result "no revoked key opened anything later than five seconds" nothing_of_the_revoked
    result "the ledger is dense and proves itself" ledger_proves_itself
}
