# What people and agencies' systems do, for `make run` and `make demo`: drop files, send HL7, work at the
# desk, look as a SIRO. Sourced after lib.sh, in the hub's folder.
# shellcheck shell=bash disable=SC2154 # lib.sh sets them

# Until the command succeeds; for what comes as a row or a file and cannot be listened to.
await() { # SECONDS COMMAND [ARGUMENT ...]
    local until=$((SECONDS + $1)) nothing
    shift
    exec {nothing}<> <(:)
    until "$@"; do
        if ((SECONDS >= until)); then
            exec {nothing}>&-
            return 1
        fi
        read -r -t 0.05 -u "$nothing" || true
    done
    exec {nothing}>&-
}

# Under another name first: an adapter takes a file once it has its own.
drop() { # AGENCY FOLDER FILE [NAME]
    local to=agencies/$1/$2 name=${4:-${3##*/}}
    await 20 test -d "$to"
    cp "$3" "$to/.$name.part"
    mv "$to/.$name.part" "$to/$name"
}

# One HL7 message over MLLP; prints the acknowledgement's segments, a line each.
send_hl7() { # FILE
    local port link answer
    port=$(sed 's/.*://' agencies/health/run/mllp.port)
    exec {link}<>"/dev/tcp/127.0.0.1/$port"
    { printf '\x0b'; cat "$1"; printf '\x1c\r'; } >&"$link"
    IFS= read -r -d $'\x1c' -t 20 -u "$link" answer
    exec {link}>&-
    printf '%s' "${answer#$'\x0b'}" | tr '\r' '\n'
}

desk() { # STAFF COMMAND [NAME=VALUE ...]
    "$BUILD/mashctl" --config "settings/$1.ini" "${@:2}"
}

siro() { # AGENCY [psql's own ...]
    PGPASSFILE=keys/siro/$1.pgpass "$PG/psql" -X -d mash -U "$(siro_role "$1")" "${@:2}"
}

# What the next version of an agency's policy must be signed as.
next_version() { # AGENCY
    desk hub.manager policy-list --json | jq --arg owner "$1" '[.policies[] | select(.owner == $owner) | .version] | max // 0 | . + 1'
}

sign_policy() { # AGENCY FILE PERSON VERSION
    "$BUILD/mashctl" policy sign "$2" "owner=$1" "version=$4" "realm=$(<realm)" --key "keys/people/$3.ed25519-secret"
}

# An agency's sentences, valid from now on, signed by two of its people, loaded by the hub's manager.
load_policy() { # AGENCY FILE
    local who text=run/$1.signed.policy from until version
    version=$(next_version "$1")
    from=$(date -d '-30 days' +%F)
    until=$(date -d '+300 days' +%F)
    sed -E "s/from [0-9-]{10} until [0-9-]{10}$/from $from until $until/" "$2" >"$text"
    rm -f "$text.sig"
    for who in siro dpo; do
        sign_policy "$1" "$text" "$1-$who" "$version"
    done
    desk hub.manager policy-load "owner=$1" "text=@$text" "signatures=@$text.sig"
}

# An act of an agency's people: each of these signs its words, and the hub's manager brings it in.
people_sign() { # FILE "PERSON ..." WORD ...
    local who
    rm -f "$1"
    for who in $2; do
        "$BUILD/mashctl" people-sign "$1" "realm=$(<realm)" "${@:3}" --key "keys/people/$who.ed25519-secret" || return 1
    done
}

people_act() { # "PERSON ..." WORD ...
    people_sign run/people.sig "$@" && desk hub.manager people-change "${@:2}" signatures=@run/people.sig
}
