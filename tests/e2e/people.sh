# Who speaks for an agency, on the running hub: two of its people, or a lead whom it named, and nobody whom a row
# names. What was signed in good time stands when its signer goes; what may not have been hers falls.
# shellcheck shell=bash disable=SC2154,SC2016 # sourced by tests/e2e/run
day() { date -u -d "$1" +%F; }
public() { echo "public=@keys/people/$1.ed25519-public"; }
hub_day() { psql_super mash -At -c "SELECT to_char(mash.hub_now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')"; } # its clock was moved
key_of() { public_hex "keys/people/$1.ed25519-public" | xxd -r -p | sha256sum | cut -c1-16; }
make_key() { "$BUILD/mash-keygen" people keys/people "$1" >/dev/null; }
admin() { psql_as mash_admin mash -c "$1"; }
ceremony() { # AGENCY PERSON
    make_key "$2"
    admin "SELECT door.admin_agency_key('$1', 'people', '\\x$(public_hex "keys/people/$2.ed25519-public")', '$2', 365)"
}
state() { # JSON of people, HOLDER-or-KEY
    desk hub.manager people --json | jq -re --arg w "$1" '[.people[] | select(.holder == $w or .key == $w) | .state] | last'
}
state_is() { [[ $(state "$1") == "$2" ]] || { state "$1"; return 1; }; }
policy() { # AGENCY VERSION "PERSON ...": signed and loaded
    local who
    rm -f run/people.policy.sig
    printf '%s never allow domestic_abuse to go to anyone\n# version %s\n' "$1" "$2" >run/people.policy
    for who in $3; do sign_policy "$1" run/people.policy "$who" "$2" || return 1; done
    desk hub.manager policy-load "owner=$1" text=@run/people.policy signatures=@run/people.policy.sig
}
policy_is() { # AGENCY STATE: of its last version
    local state
    state=$(desk hub.manager policy-list --json | jq -re --arg o "$1" '[.policies[] | select(.owner == $o) | .state] | last')
    [[ $state == "$2" ]] || { echo "it is $state"; return 1; }
}
signed_by() { desk hub.manager policy-list --json | jq -re --arg o "$1" '[.policies[] | select(.owner == $o) | .signed_by] | last'; }
replay() { desk hub.manager people-change "$@" signatures=@run/kept.sig; }
enrol() { people_act "$1" agency=fire act=enrol "$(public "$2")" "holder=$2" "until=$(day '+300 days')"; } # "SIGNER ..." PERSON

echo "1..55"
admin "SELECT door.admin_agency('fire', 'Example Fire Service', 'fire', 'Prevention desk')" >/dev/null
ceremony fire fire-siro >/dev/null
ceremony fire fire-dpo >/dev/null

# ---- two people -------------------------------------------------------------------------------------------
check "the ceremony enrols two people" await 10 state_is fire-dpo "in force"
check "and says so" test "$(desk hub.manager people fire --json | jq -r '[.people[].by] | unique[0]')" = "key ceremony"
check "and no third: not even the key officer may" refuses people_unsigned ceremony fire fire-head
check "one of two is not enough" refuses people_unsigned enrol fire-siro fire-head
check "nor are two of another agency" refuses people_unsigned enrol "police-siro police-dpo" fire-head
check "a person of each is one person of its own" refuses people_unsigned enrol "fire-siro police-dpo" fire-head
check "an end that is no day is refused before anybody signs" refuses "until: is missing, wrong" people_act fire-siro agency=fire act=enrol "$(public fire-head)" holder=fire-head until=2027-02-31T10
check "a key that two of them signed is enrolled" enrol "fire-siro fire-dpo" fire-head
check "and it is told by whose word" jq -e --arg k "$(key_of fire-siro)" '[.people[] | select(.holder == "fire-head") | .by | test($k)] | all and length == 1' \
    <<<"$(desk hub.manager people fire --json)"
people_sign run/kept.sig "fire-siro fire-dpo" agency=fire act=enrol "$(public fire-head)" holder=fire-chief "until=$(day '+300 days')" 2>/dev/null
make_key fire-other
check "what was signed for one key enrols no other" refuses people_unsigned replay agency=fire act=enrol "$(public fire-other)" holder=fire-chief \
    "until=$(day '+300 days')"
check "nor for longer" refuses people_unsigned replay agency=fire act=enrol "$(public fire-head)" holder=fire-chief "until=$(day '+301 days')"
check "and a key is enrolled once" refuses state_wrong replay agency=fire act=enrol "$(public fire-head)" holder=fire-chief "until=$(day '+300 days')"
make_key fire-siro-2
check "one person gets a second key" people_act "fire-head fire-dpo" agency=fire act=enrol "$(public fire-siro-2)" holder=fire-siro "until=$(day '+30 days')"
check "and is one person still" refuses people_unsigned enrol "fire-siro fire-siro-2" fire-other

# ---- what stands and what falls -----------------------------------------------------------------------------
check "the new person signs a policy with another" policy fire 1 "fire-head fire-dpo"
check "which is obeyed" policy_is fire "in force"
check "and who signed is told" grep -qF "fire-head (fire)" <<<"$(signed_by fire)"
make_key fire-head-2
check "she takes a new key: her old one signs its own end" people_act "fire-head fire-dpo" agency=fire act=rotate "$(public fire-head-2)" holder=fire-head \
    "replaces=$(key_of fire-head)" "until=$(day '+300 days')"
check "the old one has ended" state_is "$(key_of fire-head)" "ended $(hub_day)"
check "and the new one is in force" state_is "$(key_of fire-head-2)" "in force"
check "what the old key had signed stands" policy_is fire "in force"
check "but it signs nothing more" refuses policy_unsigned policy fire 2 "fire-head fire-dpo"
check "the data protection officer leaves" people_act "fire-siro fire-head-2" agency=fire act=revoke "key=$(key_of fire-dpo)" reason=left
check "what she had signed stands, too" policy_is fire "in force"
check "nobody says that she came back" refuses people_unsigned enrol "fire-dpo fire-siro" fire-other
check "the key officer alone may end a key" admin "SELECT door.admin_revoke('$(key_of fire-head)', 'compromised')"
check "a key that was not its holder's alone voids what it signed" await 10 policy_is fire "not obeyed"
check "it is told" state_is "$(key_of fire-head)" compromised
check "and logged" grep -rq "policy_not_obeyed owner=fire version=1" log
check "so is her enrolment of another, who may be anybody" state_is "$(key_of fire-head-2)" "not obeyed"
make_key fire-chief
check "the only one who is left names a lead" people_act fire-siro agency=fire act=delegate lead=police holder=police-dpo "until=$(day '+30 days')" number=1
check "with whom she enrols another" enrol "fire-siro police-dpo" fire-chief
check "and the two of the fire service sign it anew" policy fire 2 "fire-siro fire-chief"
check "which is obeyed" policy_is fire "in force"

# ---- a database administrator at work -------------------------------------------------------------------------
superuser key_revocation "DELETE FROM mash.key_revocation WHERE key_id = '$(key_of fire-head)'" >/dev/null
check "a revocation taken away brings no key back" state_is "$(key_of fire-head)" compromised
slip() { # KEY: with a leaf by mash.record and another act's signatures
    psql_super mash -q <<SQL
WITH leaf AS (SELECT mash.record('key', '{fire}', 'h.manager', mash.register_subject('$(key_of "$1")'), 'change', 'enrol', 'kind', 'people',
        'key', '$(key_of "$1")', 'digest', encode(sha256('\x$(public_hex "keys/people/$1.ed25519-public")'), 'hex'), 'holder', 'fire-siro',
        'valid_until', '$(day '+300 days')T00:00:00.000Z', 'bootstrap', 'yes') AS idx),
     key AS (INSERT INTO mash.agency_key SELECT '$(key_of "$1")', 'fire', 'people', '\x$(public_hex "keys/people/$1.ed25519-public")', 'fire-siro',
        now(), '$(day '+300 days')Z', idx FROM leaf)
INSERT INTO mash.people_act SELECT idx, 'fire', 'enrol', (SELECT signatures FROM mash.people_act WHERE act = 'enrol' LIMIT 1), 'h.manager', now() FROM leaf;
NOTIFY register;
SQL
}
check "a key slipped in with a leaf and the signatures of another act" slip fire-other
check "is not obeyed" await 10 state_is "$(key_of fire-other)" "not obeyed"
check "and signs nothing" refuses policy_unsigned policy fire 3 "fire-other fire-siro"
superuser people_act "UPDATE mash.people_act SET signatures = replace(signatures, ' ', ' 00') WHERE leaf_index = (SELECT leaf_index FROM mash.agency_key WHERE key_id = '$(key_of fire-chief)')" >/dev/null
psql_super mash -c "NOTIFY register"
again() { policy_is fire "not obeyed" || { psql_super mash -c "SELECT mash.record('key', '{}', 'nobody', NULL, 'change', 'none')" -c "NOTIFY register"; false; }; }
check "signatures altered beside an act: its key is nobody's, and what it signed is void" await 20 again

# ---- a lead ---------------------------------------------------------------------------------------------------
admin "SELECT door.admin_agency('small', 'Example Infant School', 'school', 'The head')" >/dev/null
ceremony small small-head >/dev/null
lead=(agency=small act=delegate lead=health holder=health-siro "until=$(day '+300 days')")
check "a school of one person has one" await 10 state_is small-head "in force"
check "she alone signs no policy" refuses policy_unsigned policy small 1 small-head
check "nor with somebody whom she did not name" refuses policy_unsigned policy small 1 "small-head health-siro"
check "she names a lead, being alone, alone" people_act small-head "${lead[@]}" number=1
check "the delegation is listed" jq -e '[.delegations[] | select(.agency == "small")] | length == 1 and .[0].state == "in force" and .[0].holder == "health-siro"' \
    <<<"$(desk hub.manager people small --json)"
check "she and the lead sign" policy small 1 "small-head health-siro"
check "and it is told who signed for whom" grep -qF "health-siro (health)" <<<"$(signed_by small)"
check "so do the lead and a colleague of the lead" policy small 2 "health-siro health-dpo"
check "a colleague without the lead does not" refuses policy_unsigned policy small 3 "small-head health-dpo"
make_key small-deputy
check "the lead's people enrol nobody for her" refuses people_unsigned people_act "health-siro health-dpo" agency=small act=enrol "$(public small-deputy)" \
    holder=small-deputy "until=$(day '+300 days')"
check "she and the lead do" people_act "small-head health-siro" agency=small act=enrol "$(public small-deputy)" holder=small-deputy "until=$(day '+300 days')"
check "now that they are two, one alone delegates nothing more" refuses people_unsigned people_act small-head "${lead[@]}" number=2
check "it is taken back by one of them, at once" people_act small-deputy agency=small act=withdraw number=1
check "and what the lead had signed is void" policy_is small "not obeyed"
check "the old delegation does not come back" refuses "sign anew" people_act "small-head small-deputy" "${lead[@]}" number=1
check "but another does, signed by both" people_act "small-head small-deputy" "${lead[@]}" number=2
