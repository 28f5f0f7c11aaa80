# The owner's choices on the running hub, by the real adapter: what it narrows is gone from the next preview, what it
# widens still needs a rule, silence needs the partnership's agreement and two people, and what it holds at source is
# shown to nobody. What a superuser does to rows lets nothing out.
# shellcheck shell=bash disable=SC2154 # sourced by tests/e2e/run
choices=agencies/police/desk/choices
chosen=0
behind="" # the desk's clock, where it is not right
sent_message() { # AGENCY: of the notice that was dropped last
    local id
    id=$(psql_super mash -At -c "SELECT m.message_id FROM mash.message m JOIN mash.enquiry_message USING (agency, message_id)
        WHERE m.agency = '$1' AND m.content = 'referral' ORDER BY m.received_at DESC LIMIT 1")
    [[ -n $id ]] && echo "$id"
}
write_choice() { # FILE MESSAGE JSON-FIELDS
    jq -nc --arg m "$2" --arg at "$(date -u -d "${behind:-now}" +%FT%T.%3NZ)" "{message_id: \$m, chosen_at: \$at} + {$3}" >"$1"
}
endorse() { "$BUILD/mashctl" choice-sign "$1" owner=police "realm=$(<realm)" --key "keys/people/$2.ed25519-secret"; } # FILE PERSON
leaves() { psql_super mash -At -c "SELECT count(*) FROM mash.ledger_leaf WHERE act = '$1'"; }
more_than() { (($(leaves "$1") > $2)); }
taken() { # FILE ACT: the adapter sends it and the hub obeys it, or sets it aside
    local before
    before=$(leaves "$2")
    chosen=$((chosen + 1))
    drop police desk/choices "$1" "choice-$chosen.json" && await 20 more_than "$2" "$before"
}
choose() { # MESSAGE FIELDS [PERSON ...]
    write_choice run/choice.json "$1" "$2"
    for who in "${@:3}"; do endorse run/choice.json "$who"; done
    taken run/choice.json choice
}
refused_word() { # REASON MESSAGE FIELDS [PERSON ...]: set aside with it
    local reason=$1
    write_choice run/choice.json "$2" "$3"
    for who in "${@:4}"; do endorse run/choice.json "$who"; done
    taken run/choice.json quarantine &&
        test "$(psql_super mash -At -c "SELECT reason FROM mash.quarantine WHERE content = 'choice' ORDER BY received_at DESC LIMIT 1")" = "$reason"
}
rejected() { # FIELDS PATH: the adapter itself gives it back
    chosen=$((chosen + 1))
    write_choice run/choice.json "$message" "$1"
    drop police desk/choices run/choice.json "choice-$chosen.json"
    await 20 test -e "$choices/rejected/choice-$chosen.json.reason" &&
        grep -q "\"$2\"" "$choices/rejected/choice-$chosen.json.reason"
}
preview() { desk decision.maker preview "ref=$ref" recipient=education purpose=safeguarding_assessment --json; }
verdict() { preview | jq -re --arg c "$1" '[.cuts[] | select(.owner == "police" and .class == $c) | .verdict] | unique | join("+")'; }
verdict_is() { [[ $(verdict "$1") == "$2" ]]; }
product_text() { preview | jq -r '.text' | sed 's/[0-9a-f]\{8\}-[0-9a-f-]\{27\}/ID/g'; }
share_preview() { # SAID: shares what was previewed then
    desk decision.maker share "ref=$ref" recipient=education purpose=safeguarding_assessment gateway="${2:-ca1989_s17}" \
        "product=$(jq -r .product <<<"$1")" "digest=$(jq -r .digest <<<"$1")"
}
shows() { desk decision.maker show "ref=$ref" --json; }
without_word() { ! grep -q "$1" <<<"$(shows)"; }

echo "1..85"
drop police in "$here/deploy/story/police-notice.json" choice-notice.json
await 20 sent_message police >/dev/null
message=$(sent_message police)
ref=$(psql_super mash -At -c "SELECT e.reference FROM mash.enquiry_message m JOIN mash.enquiry e USING (enquiry_id) WHERE m.message_id = '$message'")
load_policy police "$here/deploy/policy/police.policy" >/dev/null
desk decision.maker claim "ref=$ref" >/dev/null
desk decision.maker show "ref=$ref" >/dev/null
desk decision.maker decide "ref=$ref" subject=1 outcome=assessment_s17 gateway=ca1989_s17 rationale=Why. necessity=Needed. >/dev/null

check "the police's summary would leave, and the fact of what has none" verdict_is domestic_abuse "fact+summary"
before=$(preview)

check "the police narrow it" choose "$message" '"class": "domestic_abuse", "tier": "signpost", "reason": "live_operation"'
check "and the next preview has it" verdict_is domestic_abuse signpost
check "show says who set the tier" jq -e '[.owners[].items[] | select(.class == "domestic_abuse") | .tier + .tier_by] | unique == ["signpostchoice"]' <<<"$(shows)"
check "what was previewed before is not shared any more" refuses product_changed share_preview "$before"
check "the police widen what no rule lets out" choose "$message" '"class": "intelligence", "tier": "share"'
check "and it does not leave: a tier releases nothing" verdict_is intelligence silent
check "they widen what a rule lets out" choose "$message" '"class": "domestic_abuse", "tier": "sanitise"'
check "and that would leave again" verdict_is domestic_abuse "fact+summary"

check "a choice that withholds without a reason does not leave the desk" rejected '"tier": "signpost"' reason
check "nor one of a class that there is not" rejected '"class": "gossip", "tier": "share"' class
check "nor a silent one that nobody endorsed" rejected '"tier": "silent", "reason": "detriment", "review_on": "2027-03-01"' endorsement
check "nor a word that there is not" rejected '"tier": "secret"' tier

silent='"class": "domestic_abuse", "tier": "silent", "reason": "source_at_risk", "review_on": "2027-03-01"'
check "before the agreement silence is refused, whoever endorsed it" refused_word tier_not_agreed "$message" "$silent" police-siro police-dpo
check "and nothing has changed" verdict_is domestic_abuse "fact+summary"
check "only the hub manager enters the agreement" refuses role_missing desk decision.maker term silent_tier from=2026-01-01 source=agreement/2026-1
check "a source that would be words is not taken" refuses argument_wrong desk hub.manager term silent_tier from=2026-01-01 "source=we all agreed"
check "it is entered" desk hub.manager term silent_tier from=2026-01-01 source=agreement/2026-1
check "and listed" jq -e '.terms[] | select(.term == "silent_tier") | .in_force and .source == "agreement/2026-1"' <<<"$(desk triage.officer terms --json)"

"$BUILD/mash-keygen" people keys/people police-stranger >/dev/null
check "a key that nobody knows is nobody's word" refused_word unendorsed "$message" "$silent" police-siro police-stranger
check "people of another agency endorse nothing" refused_word unendorsed "$message" "$silent" police-siro health-dpo
check "two people of the police choose silence" choose "$message" "$silent" police-siro police-dpo
check "and it stays in without a signpost" verdict_is domestic_abuse silent

write_choice run/choice.json "$message" '"class": "incident", "tier": "share"'
other=$(jq -c --arg a health '.' run/choice.json)
chosen=$((chosen + 1))
was=$(leaves quarantine)
printf '%s' "$other" >run/other.json
drop health desk/choices run/other.json "choice-$chosen.json"
check "another agency's choice for it is refused" await 20 more_than quarantine "$was"
check "as of nothing that it sent" test "$(psql_super mash -At -c "SELECT reason FROM mash.quarantine WHERE content = 'choice' AND agency = 'health'")" = not_found
check "and changes nothing" verdict_is domestic_abuse silent

check "the row of a tier, altered by a superuser" superuser item "UPDATE mash.item SET tier = 'share' WHERE message_id = '$message'"
check "lets nothing out" verdict_is domestic_abuse silent
check "a superuser's own choice, as a message on the work list" psql_super mash -c "INSERT INTO mash.message (agency, message_id, submission_id, content, lane,
    commitment, sealed, received_at) SELECT 'police', gen_random_uuid(), submission_id, 'choice', 'routine', commitment, sealed, now()
    FROM mash.message WHERE content = 'choice' AND agency = 'police' ORDER BY received_at DESC LIMIT 1" -c "INSERT INTO mash.message_todo (message_id, agency,
    lane, received_at) SELECT message_id, agency, lane, received_at FROM mash.message WHERE content = 'choice' ORDER BY received_at DESC LIMIT 1"
gone_from_list() { [[ $(psql_super mash -At -c "SELECT count(*) FROM mash.message_todo") == 0 ]]; }
check "is set aside" await 20 gone_from_list
check "and changes nothing either" verdict_is domestic_abuse silent

silent_text=$(product_text || true)
concern() { shows | grep -c "PTARMIGAN"; }
check "the intelligence is read inside" concern
check "two people hold it at source" choose "$message" '"class": "intelligence", "held_at_source": true, "reason": "live_operation", "review_on": "2027-03-01"' police-siro police-dpo
check "and nobody reads it any more" without_word PTARMIGAN
check "show says that the police hold something" jq -e '[.owners[] | select(.owner == "police") | .items[] | select(.held_at_source)] == [.owners[].items[] | select(.held_at_source)] and ([.owners[].items[] | select(.held_at_source)] | length) == 1 and ([.owners[].items[] | select(.held_at_source) | keys[]] == ["held_at_source", "item"])' <<<"$(shows)"
check "of no class, in the preview either" jq -e '[.cuts[] | select(.reason | test("holds it at source")) | has("class")] == [false]' <<<"$(preview 2>/dev/null || desk decision.maker preview "ref=$ref" recipient=social-care purpose=safeguarding_assessment --json)"
check "nor among what was decided on" jq -e '[.decisions[].known[] | select(has("class") | not)] | length == 1' <<<"$(desk decision.maker decisions "ref=$ref" --json)"
check "what leaves is the same to the letter" test "$(product_text || true)" = "$silent_text"
check "by the police's own word it is read again" choose "$message" '"class": "intelligence"'
check "as before" concern

check "the gateway of section 16LA is not in force" refuses gateway_inactive desk decision.maker check "ref=$ref" agency=health gateway=ca2004_s16la threshold=s47 family=no_risk "question=Any injuries?"

# ---- an update of the same reference ----
update_came() { [[ $(sent_message police) != "$message" ]]; }
told_of() { # MESSAGE CLASS: its tier there, who set it, and for which message, as show says
    shows | jq -re --arg m "$1" --arg c "$2" '[.owners[].items[] | select(.message == $m and .class == $c) |
        [.tier, .tier_by, .chosen_for // empty] | join(" ")] | unique | join("+")'
}
told_is() { [[ $(told_of "$1" "$2") == "$3" ]] || { told_of "$1" "$2"; return 1; }; } # MESSAGE CLASS WANTED
verdict_of() { # MESSAGE CLASS
    preview 2>/dev/null | jq -re --arg c "$2" --argjson of "$(psql_super mash -At -c "SELECT json_agg(item_id) FROM mash.item WHERE message_id = '$1'")" \
        '[.cuts[] | select(.class == $c and (.item | IN($of[]))) | .verdict] | unique | join("+")'
}
verdict_of_is() { [[ $(verdict_of "$1" "$2") == "$3" ]] || { verdict_of "$1" "$2"; return 1; }; } # MESSAGE CLASS WANTED
decide_anew() {
    desk decision.maker claim "ref=$ref" >/dev/null
    shows >/dev/null
    desk decision.maker decide "ref=$ref" subject=1 outcome=assessment_s17 gateway=ca1989_s17 rationale=Why. necessity=Needed.
}
same_in_sql() { # what show says of the update's items is what the registers go by
    diff <(shows | jq -r --arg m "$update" '.owners[].items[] | select(.message == $m) | .item + " " + .tier' | sort) \
        <(psql_super mash -At -F ' ' -c "SELECT i.item_id, t.tier FROM mash.item i CROSS JOIN LATERAL mash.tier_at(i, 'infinity') t
            WHERE i.message_id = '$update'" | sort)
}
reference_of() { psql_super mash -At -c "SELECT encode(reference, 'hex') FROM mash.native_reference WHERE message_id = '$1'"; }

drop police in "$here/deploy/story/police-update.json" choice-update.json
check "the police send it again, changed, under the same reference" await 20 update_came
update=$(sent_message police)
check "it is an update" test "$(psql_super mash -At -c "SELECT treatment FROM mash.enquiry_message WHERE message_id = '$update'")" = update
check "what is known now is decided on" decide_anew
check "what was silent in the earlier message is silent in its update, and show says for which it was chosen" \
    told_is "$update" domestic_abuse "silent choice $message"
check "it stays in without a signpost" verdict_of_is "$update" domestic_abuse silent
check "their SIRO sees it, and of which message it was chosen" test "$(siro police -At -c "SELECT DISTINCT chosen_for, review_on FROM siro.silent
    WHERE message = '$update' AND class = 'domestic_abuse'")" = "$message|2027-03-01"
check "no decision on it is owed" test "$(psql_super mash -At -c "SELECT count(*) FROM mash.deadline_todo d JOIN mash.item i ON i.item_id = d.subject
    WHERE i.message_id = '$update' AND i.class = 'domestic_abuse'")" = 0
check "the registers go by the same tiers" same_in_sql
drop education in "$here/deploy/story/concern-log.csv" choice-log.csv
check "a school tells of the same child" await 20 sent_message education
school=$(sent_message education)
was=$(told_of "$school" concern)
check "another agency's message under the same reference" psql_super mash -c "INSERT INTO mash.native_reference (agency, reference, message_id, content)
    VALUES ('education', decode('$(reference_of "$update")', 'hex'), '$school', 'c')"
check "inherits nothing" told_is "$school" concern "$was"
check "the police widen the update, for its own id" choose "$update" '"class": "domestic_abuse", "tier": "sanitise"'
check "what is known now is decided on again" decide_anew
check "and that would leave" verdict_of_is "$update" domestic_abuse "fact+summary"
check "the earlier message stays silent" told_is "$message" domestic_abuse "silent choice"
check "the registers follow" same_in_sql

# ---- a correction ----
correct() { # NAME MESSAGE WORD: takes the place of what the message says of domestic abuse
    printf '{"message_id": "%s", "class": "domestic_abuse", "kind": "corrected", "text": "%s: it was next door.", "summary": "%s: police attended next door."}' \
        "$2" "$3" "$3" >run/correction.json
    drop police desk/correct run/correction.json "$1.json"
    await 20 test -s "agencies/police/desk/correct/$1.receipt" || return 1
    await 20 worked_in "$(correction "$1")"
}
correction() { jq -re .message_id "agencies/police/desk/correct/$1.receipt"; } # NAME: its message
worked_in() { [[ $(psql_super mash -At -c "SELECT count(*) FROM mash.enquiry_message WHERE message_id = '$1'") == 1 ]]; }
check "the police correct the update" correct c1 "$update" GODWIT
fixed=$(correction c1)
check "the new words are as the old ones would be now, by what was chosen for both" told_is "$fixed" domestic_abuse "silent choice $message"
check "the police widen the correction, for its own id" choose "$fixed" '"class": "domestic_abuse", "tier": "sanitise"'
check "what is known then is decided on" decide_anew
check "and that would leave" verdict_of_is "$fixed" domestic_abuse summary
check "they choose a signpost for all of the update" choose "$update" '"tier": "signpost", "reason": "live_operation"'
check "and the corrected words stay in, too" verdict_of_is "$fixed" domestic_abuse signpost
check "as show says" told_is "$fixed" domestic_abuse "signpost choice $update"
superuser correction "DELETE FROM mash.correction WHERE message_id = '$fixed'"
check "whatever a superuser deletes" told_is "$fixed" domestic_abuse "signpost choice $update"
check "a correction of the correction" correct c2 "$fixed" DUNLIN
fixed=$(correction c2)
check "inherits the strictest: what widened the first was for that alone" told_is "$fixed" domestic_abuse "silent choice $message"
check "its words are read inside" eval 'shows | grep -q DUNLIN'
check "two people hold the first message at source" choose "$message" '"held_at_source": true, "reason": "live_operation", "review_on": "2027-03-01"' police-siro police-dpo
check "and nobody reads them any more" without_word DUNLIN
check "what is held can be corrected" correct c3 "$fixed" PLOVER
fixed=$(correction c3)
check "and stays held" without_word PLOVER
check "by the police's own word on that it is read" choose "$fixed" '"class": "domestic_abuse", "tier": "sanitise"'
check "again" eval 'shows | grep -q PLOVER'
check "what is known at last is decided on" decide_anew
check "and would leave" verdict_of_is "$fixed" domestic_abuse summary

# ---- a desk whose clock is behind ----
behind="1 hour ago"
check "a desk whose clock is an hour behind narrows" choose "$fixed" '"class": "domestic_abuse", "tier": "signpost", "reason": "live_operation"'
check "and it stays in" verdict_of_is "$fixed" domestic_abuse signpost
check "what it would widen then is refused as an older word" refused_word choice_older "$fixed" '"class": "domestic_abuse", "tier": "share"'
behind=""
check "a desk whose clock is right widens" choose "$fixed" '"class": "domestic_abuse", "tier": "sanitise"'
check "and it would leave" verdict_of_is "$fixed" domestic_abuse summary
check "an update whose tie to what it replaces a superuser cuts" superuser native_reference \
    "UPDATE mash.native_reference SET reference = sha256(reference) WHERE message_id = '$update'"
is_silent() { [[ $(told_of "$1" domestic_abuse) == silent* ]]; } # MESSAGE
shows_none() { # MESSAGE: what it says of domestic abuse is silent, or held at source
    shows | jq -e --argjson of "$(psql_super mash -At -c "SELECT json_agg(item_id) FROM mash.item WHERE message_id = '$1' AND class = 'domestic_abuse'")" \
        '[.owners[].items[] | select(.item | IN($of[]))] | length > 0 and all(.held_at_source or .tier == "silent")'
}
check "brings nothing of it back" shows_none "$update"
check "nor what corrects it" is_silent "$fixed"
