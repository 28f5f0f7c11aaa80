# What the deployment's scripts share: where things are, and how to reach the hub's own PostgreSQL.
# Sourced, never run. A hub lives in one folder, HUB; everything in it is named relative to it and
# every program runs in it, so that the folder may be moved and its path may hold spaces.
#
#   pg/            the hub's own cluster           keys/<program>/   keys and password, mode 0600
#   settings/      one INI file a program          agencies/<code>/  the agency's side: folders, spool
#   run/           endpoints, pids, the socket's place (run/sockets), locks
#   log/           one file a program              realm             live or demonstration
# shellcheck shell=bash disable=SC2034 # what is set here is used by those who source it
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${BUILD:-build/debug}
[[ $BUILD == /* ]] || BUILD=$here/$BUILD
PG=/usr/lib/postgresql/15/bin
export BUILD PGHOST
unset PGUSER PGDATABASE PGPASSFILE PGSERVICE PGOPTIONS

superuser=mash_superuser
hub_programs=(notary hub intake courier)
# agency, its type, its name, how its desk is reached
agencies=(
    "police|police|Example Constabulary|Public protection desk, 01632 960101"
    "health|health_acute|Example General Hospital|Safeguarding team, 01632 960102"
    "education|school|Example Primary School|Designated safeguarding lead, 01632 960103"
    "social-care|childrens_social_care|Example Children's Services|Front door, 01632 960104"
)
# member of staff, roles
staff=(
    "triage.officer|triage_officer"
    "decision.maker|decision_maker,triage_officer"
    "social.work.manager|social_work_manager,decision_maker,triage_officer"
    "hub.manager|hub_manager"
)

say() { printf '%s\n' "$*"; }
die() {
    printf '%s\n' "$*" >&2
    exit 1
}

# HUB as an absolute path, and PGHOST from the hub's running or last start.
hub_at() {
    [[ -d $1 ]] || die "There is no hub in $1."
    HUB=$(cd "$1" && pwd)
    PGHOST=$(cat "$HUB/run/sockets" 2>/dev/null || true)
}

psql_super() { # DATABASE [psql's own ...]
    local database=$1
    shift
    PGOPTIONS='-c client_min_messages=warning' "$PG/psql" -X -q -v ON_ERROR_STOP=1 -U "$superuser" -d "$database" "$@"
}

psql_as() { # ROLE DATABASE [psql's own ...]: with the role's own password
    local role=$1 database=$2
    shift 2
    PGPASSFILE=$HUB/keys/${role#mash_}/pgpass "$PG/psql" -X -q -v ON_ERROR_STOP=1 -U "$role" -d "$database" "$@"
}

random_word() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }

siro_role() { echo "siro_${1//-/_}"; } # agency

public_hex() { cut -d' ' -f2 "$1"; } # key file
