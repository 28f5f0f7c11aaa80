# The last step of the story that deploy/demo plays: whoever could not see anything of all this can check it all the
# same. It alters a row of the ledger at its end, so nothing comes after it.
# shellcheck shell=bash disable=SC2154 # demo, lib.sh and play.sh set them

views=(acts received revealed shared withheld withholding_register withholding_trend silent undecided choices refusals
    authorisations signposts emergencies recalls notices deadlines reads looks)

siro_views() { # AGENCY: all that her SIRO sees
    local view
    for view in "${views[@]}"; do printf '\\echo "## siro.%s"\nSELECT * FROM siro.%s;\n' "$view" "$view"; done |
        siro "$1" -v ON_ERROR_STOP=1 -f - >"run/siro-$1.txt"
}

siro_answers() { # AGENCY VIEW COUNT
    is "$(siro "$1" -At -c "SELECT count(*) FROM siro.$2")" "$3"
}

export_ledger() { # FOLDER
    rm -rf "$1"
    mkdir "$1"
    (cd "$1" && psql_super mash -f "$here/sql/export.sql" >/dev/null)
}

verify() { # FOLDER
    "$BUILD/mash-verify" ledger "$1" "${trusted[@]}"
}

# What the police's adapter keeps of every acknowledgement, against the ledger: was every promise kept?
verify_acks() { # AGENCY FOLDER
    sqlite3 -readonly -separator $'\t' "spool/$1.db" \
        "SELECT lower(hex(message_id)), leaf_index, lower(hex(leaf)) FROM outbound WHERE leaf IS NOT NULL" >"run/$1.acks.tsv"
    [[ -s run/$1.acks.tsv ]] && "$BUILD/mash-verify" acks "run/$1.acks.tsv" "$2" "${trusted[@]}"
}

all_signed() { is "$(count "mash.cosignature c JOIN mash.ledger_head h ON h.size = c.size")" 4; }

alter_a_row() {
    psql_super mash <<'SQL'
ALTER TABLE mash.ledger_row DISABLE TRIGGER USER;
UPDATE mash.ledger_row SET body = convert_to(replace(convert_from(body, 'UTF8'), 'outcome delivered', 'outcome unreadable'), 'UTF8')
 WHERE idx = (SELECT min(idx) FROM mash.ledger_leaf WHERE act = 'deliver');
SQL
}

row_is_named() {
    local said row
    row=$(psql_super mash -At -c "SELECT min(idx) FROM mash.ledger_leaf WHERE act = 'deliver'")
    if said=$(verify run/altered 2>&1); then return 1; fi
    printf '%s\n' "$said" | tee run/proof-altered.txt
    grep -qw "$row" <<<"$said"
}

story_13_proof() {
    local agency trusted=(--log-key keys/public/log.ed25519-public --origin mash.example/hub/demonstration)
    for agency in police health education social-care; do
        trusted+=(--witness "mash.example/witness/$agency=keys/$agency/witness.ed25519-public")
    done
    step 13 "The proof" "Each agency's SIRO sees her own agency's acts and nobody's words; the ledger proves itself offline."
    for agency in police health education social-care; do
        check "$agency: the SIRO opens psql with her own role" siro_views "$agency"
    done
    check "police: all five notices, and nothing of others" siro_answers police "received WHERE content = 'referral'" 5
    check "health: a referral, an answer and a reply, and nothing of others" siro_answers health received 3
    check "police: what was withheld from the school is listed for her" grep -q intelligence run/siro-police.txt
    check "and for nobody else" absent intelligence run/siro-{health,education,social-care}.txt
    check "no view holds content" absent "quistgaard|isolde|osprey|kestrel|zarathene|fernsby" run/siro-*.txt
    check "every look is in the ledger" at_least $((4 * ${#views[@]})) "mash.ledger_leaf WHERE act = 'look'"
    check "what was kept silent reached nobody" not_in LANNER agencies/{education,health,social-care}
    check "nor did the other child's words" not_in GOSHAWK agencies/{police,health,social-care}
    check "still nothing is in clear anywhere in the hub" nothing_in_clear
    for agency in police health education social-care; do
        leave "run/siro-$agency.txt" "13-siro-$agency.txt" "all that the SIRO of $agency sees"
    done
    scene "The notary signs the ledger without seeing content, and every agency cosigns it."
    check "all of it is signed and cosigned" await 30 all_signed
    export_ledger run/export
    check "mash-verify, offline, proves the whole ledger" verify run/export
    verify run/export >run/proof.txt 2>&1
    quote <(grep -v ^Witness run/proof.txt)
    check "and every acknowledgement that the police were given" verify_acks police run/export
    verify_acks police run/export >run/proof-acknowledgements.txt 2>&1
    scene "Now somebody with every right on the database rewrites one row."
    alter_a_row
    export_ledger run/altered
    check "it is found, and the row is named" row_is_named
    quote <(grep WRONG run/proof-altered.txt)
    leave run/proof.txt 13-proof.txt "what mash-verify says of the ledger"
    leave run/proof-acknowledgements.txt 13-proof-acknowledgements.txt "and of every promise that the police were given"
    leave run/proof-altered.txt 13-proof-altered.txt "and after somebody had rewritten a row"
}
