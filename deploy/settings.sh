# The settings of every program: one INI file each, all paths relative to the hub's folder, in which
# they run. Sourced by deploy/hub. The socket's place comes by PGHOST, passwords by passfiles.
# shellcheck shell=bash disable=SC2154 # lib.sh sets agencies

conninfo() { echo "user=mash_$1 dbname=${2:-mash} passfile=keys/$1/pgpass"; } # role [database]

server_settings() { # program realm
    cat <<INI
[hub]
realm = $2
database = $(conninfo "$1")
endpoint = tcp://127.0.0.1:*
endpoint_file = run/$1.endpoint
status = unix:run/$1.status
INI
}

program_settings() { # program realm
    case $1 in
    intake)
        server_settings intake "$2"
        cat <<INI
[keys]
curve = keys/intake/intake.curve-secret
ack = keys/intake/ack.ed25519-secret
hub_intake_public = keys/intake/intake.x25519-public
INI
        ;;
    hub)
        server_settings hub "$2"
        cat <<INI
vault = $(conninfo vault vault)
state = run/hub.ending
[keys]
curve = keys/hub/hub.curve-secret
intake = keys/hub/intake.x25519-secret
storage = keys/hub/storage.aes-secret
index = keys/hub/index.hmac-secret
letter_sign = keys/hub/letter-sign.ed25519-secret
INI
        ;;
    courier)
        server_settings courier "$2"
        cat <<INI
[keys]
curve = keys/courier/courier.curve-secret
INI
        ;;
    notary)
        cat <<INI
[hub]
realm = $2
database = $(conninfo notary)
origin = mash.example/hub/$2
status = unix:run/notary.status
[keys]
log = keys/notary/log.ed25519-secret
[notary]
state = keys/notary/state
INI
        ;;
    esac
}

adapter_settings() { # agency type name realm
    cat <<INI
[hub]
realm = $4
intake_endpoint = file:run/intake.endpoint
intake_public = keys/public/intake.curve-public
ack_public = keys/public/ack.ed25519-public
courier_endpoint = file:run/courier.endpoint
courier_public = keys/public/courier.curve-public
letter_sign_public = keys/public/letter-sign.ed25519-public
log_public = keys/public/log.ed25519-public
log_origin = mash.example/hub/$4
[agency]
code = $1
name = $3
type = $2
[keys]
transport = keys/$1/transport.curve-secret
origin = keys/$1/origin.ed25519-secret
letter = keys/$1/letter.x25519-secret
spool = keys/$1/spool.aes-secret
witness = keys/$1/witness.ed25519-secret
[adapter]
dir = agencies/$1
spool = spool/$1.db
INI
}

# What only this agency's adapter has.
adapter_own_settings() { # agency
    case $1 in
    health) printf '[mllp]\nlisten = 127.0.0.1:0\n' ;;
    esac
}

# What mashctl needs, for one member of staff.
staff_settings() { # staff realm
    cat <<INI
[hub]
realm = $2
endpoint = file:run/hub.endpoint
public = keys/public/hub.curve-public
[keys]
curve = keys/staff/$1/staff.curve-secret
INI
}

write_settings() { # realm
    local program line agency type name who
    for program in intake hub courier notary; do program_settings "$program" "$1" >"settings/$program.ini"; done
    for line in "${agencies[@]}"; do
        IFS='|' read -r agency type name _ <<<"$line"
        { adapter_settings "$agency" "$type" "$name" "$1"; adapter_own_settings "$agency"; } >"settings/$agency.ini"
    done
    for line in "${staff[@]}"; do
        who=${line%%|*}
        staff_settings "$who" "$1" >"settings/$who.ini"
    done
}
