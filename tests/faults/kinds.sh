# The kinds of fault. Each do_<kind> begins one and fails when there is nothing to do it to; what lasts
# ends by a call that `later` keeps. `took` writes down a fault that took effect, and when it was over:
# only those are counted. Sourced after common.sh.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317 # run sets and calls them

# Legend: how often a kind is drawn, relative to the others; those in `deaths` end a process.
declare -A weights=([kill]=44 [point]=22 [backend]=4 [crash]=2 [stop]=6 [lost]=4 [cut]=4 [half]=1 [delay]=3
    [throttle]=2 [corrupt]=3 [hole]=2 [db_full]=2 [spool_full]=2 [clock]=4 [revoke]=1)
declare -A sentences=([kill]="a program killed at random" [point]="a program ended at a named point"
    [backend]="a PostgreSQL backend killed" [crash]="all of PostgreSQL killed" [stop]="SIGSTOP, 0.1 to 3 s"
    [lost]="connection cut after COMMIT, before its answer" [cut]="every connection to an intake reset"
    [half]="half-open connections" [delay]="the network is slow" [throttle]="the network is narrow"
    [corrupt]="bytes flipped on the way" [hole]="the network swallows everything" [db_full]="disk full, database"
    [spool_full]="disk full, a spool" [clock]="a program's clock jumps" [revoke]="a key revoked mid-flow")
deaths='kill point backend crash'
kill_targets=(intake intake-2 hub courier notary police health education social-care)
declare -A tried=() took=() busy=()
points=()
died=0

took() { # KIND TARGET [MICROSECONDS]
    echo "${3:-${EPOCHREALTIME/./}} $1 $2" >>run/faults
    took[$1]=$((${took[$1]:-0} + 1))
    [[ " $deaths " != *" $1 "* ]] || died=$((died + 1))
}
between() { drawn=$(($1 + RANDOM % ($2 - $1 + 1))); } # LEAST MOST: into `drawn`
one_of() { drawn=${*:RANDOM % $# + 1:1}; }             # WORD ...: into `drawn`
asked() { database "$1" 2>/dev/null; }                 # QUERY, while the database may be away

# ---- what lasts ---------------------------------------------------------------------------------------------

due=()
calls=()
later() { # MILLISECONDS CALL [ARGUMENT ...]
    due+=($((${EPOCHREALTIME/./} + $1 * 1000)))
    calls+=("${*:2}")
}
# A call that fails comes again.
run_due() {
    local i now=${EPOCHREALTIME/./}
    for i in "${!due[@]}"; do
        ((due[i] <= now)) || continue
        # shellcheck disable=SC2086 # a call and its words
        if ${calls[i]}; then unset "due[i]" "calls[i]"; else due[i]=$((now + 300000)); fi
    done
}
nothing_lasts() {
    run_due
    ((${#due[@]} == 0))
}
hold() { [[ -z ${busy[$1]:-} ]] && busy[$1]=yes; } # NAME: one at a time
release() { unset "busy[$1]"; }

# ---- processes ----------------------------------------------------------------------------------------------

do_kill() {
    one_of "${kill_targets[@]}"
    pid_of "$drawn" && kill -9 "$pid" 2>/dev/null && took kill "$drawn"
}

# All of PostgreSQL at once, as by a power cut: what is only in its memory is gone. While answers flow,
# because only then there is something that may not be gone.
do_crash() {
    local children
    await 20 heard_since "${EPOCHREALTIME/./}" || return 1
    pid_of postgres && { read -ra children <"/proc/$pid/task/$pid/children" || true; } 2>/dev/null
    [[ -n $pid ]] && kill -9 "$pid" "${children[@]}" 2>/dev/null && took crash postgres
}

backend_of() { # PROGRAM: one of its backends, in the order in which they came, into `pid`
    local pids
    pids=$(asked "SELECT pid FROM pg_stat_activity WHERE application_name = 'mash-$1' ORDER BY backend_start") &&
        [[ -n $pids ]] || return 1
    # shellcheck disable=SC2086 # words
    one_of $pids
    pid=$drawn
}
do_backend() {
    one_of intake intake intake hub courier notary
    backend_of "$drawn" && kill -9 "$pid" 2>/dev/null && took backend postgres
}

# Ended by a process of its own: whoever is paused may hold a lock that this script runs into.
do_stop() {
    local target
    one_of intake intake-2 hub backend
    target=$drawn
    if [[ $target == backend ]]; then backend_of intake || return 1; else pid_of "$target" || return 1; fi
    between 100 3000
    kill -STOP "$pid" 2>/dev/null || return 1
    { pause "$((drawn / 1000)).$(printf %03d $((drawn % 1000)))"; kill -CONT "$pid" 2>/dev/null; } &
    await 1 is_stopped "$pid" && took stop "$target" $((${EPOCHREALTIME/./} + drawn * 1000))
}
is_stopped() { # PID
    local state=''
    { read -r state <"/proc/$1/stat"; } 2>/dev/null || return 1
    state=${state##*) }
    [[ ${state:0:1} == T ]]
}

# ---- named points -------------------------------------------------------------------------------------------

arm_for() { # KIND PROGRAM POINT ACTION
    hold "point $2" || return 1
    between 1 3
    arm "$2" "$3" "$drawn" "$4"
    later 2000 point_end "$1" "$2"
}
do_point() {
    local program point
    one_of "${points[@]}"
    read -r program point <<<"$drawn"
    one_of kill kill kill exit
    arm_for point "$program" "$point" "$drawn"
}
do_lost() {
    one_of accept_result_lost accept_result_lost store_result_lost
    arm_for lost intake "$drawn" fail
}
# It was taken, or is taken back.
point_end() { # KIND PROGRAM
    local at=run/points/mash-$2
    rm -f "$at"
    release "point $2"
    [[ ! -e $at.taken ]] || took "$1" "$2" "$(stat -c %.6Z "$at.taken" | tr -d .)"
    rm -f "$at.taken"
}

# ---- the network --------------------------------------------------------------------------------------------

disturb() { # KIND COMMAND COUNTER MILLISECONDS [COMMAND THAT ENDS IT]
    local at
    one_of a b
    at=$drawn
    hold "$1 $at" || return 1
    chaos_count "$at" "$3"
    chaos_say "$at" "$2"
    later "$4" disturb_end "$1" "$at" "$3" "$counted" "${@:5}"
}
disturb_end() { # KIND LETTER COUNTER BEFORE [COMMAND]
    [[ $# -lt 5 ]] || chaos_say "$2" "${*:5}"
    release "$1 $2"
    chaos_count "$2" "$3"
    ((counted == $4)) || took "$1" "chaos-$2"
}
do_cut() { disturb cut cut cut 150; }
do_half() {
    one_of up down
    disturb half "half $drawn" half 3000
}
do_delay() {
    between 20 400
    disturb delay "delay $drawn $drawn" delayed 1500 delay 0 0
}
do_throttle() {
    between 500 8000
    disturb throttle "throttle $drawn" throttled 1500 throttle 0
}
do_corrupt() {
    between 100 3000
    disturb corrupt "corrupt $drawn" corrupted 1000 corrupt 0
}
do_hole() {
    between 300 3000
    disturb hole "hole 1" hole "$drawn" hole 0
}

# ---- disks and clocks ---------------------------------------------------------------------------------------

shim() { # KIND FILE TEXT MILLISECONDS TARGET
    hold "$2" || return 1
    rm -f "run/shim/$2.took"
    echo "$3" >"run/shim/.$2"
    mv "run/shim/.$2" "run/shim/$2"
    later "$4" shim_end "$1" "$2" "$5"
}
shim_end() { # KIND FILE TARGET
    rm -f "run/shim/$2"
    release "$2"
    [[ ! -e run/shim/$2.took ]] || took "$1" "$3"
}
do_db_full() {
    between 200 1200
    shim db_full full.postgres yes "$drawn" postgres
}
do_spool_full() {
    local target
    one_of police health education
    target=$drawn
    between 300 2000
    shim spool_full "full.mash-$target" yes "$drawn" "$target"
}
# PostgreSQL's own clock stays while a revocation is timed by it.
do_clock() {
    local target ms
    one_of intake hub courier notary police health postgres
    target=$drawn
    [[ $target != postgres || -z ${busy[revoke]:-} ]] || return 1
    between 1 3600
    ms=$((drawn * 1000))
    [[ $target == postgres ]] || ms=$((ms * 48))
    one_of "$ms" "-$ms"
    ms=$drawn
    between 300 3000
    if [[ $target == postgres ]]; then
        shim clock clock.postgres "$ms" "$drawn" postgres
    else
        shim clock "clock.mash-$target" "$ms" "$drawn" "$target"
    fi
}

# ---- keys ---------------------------------------------------------------------------------------------------

revoke_kinds=(transport:curve origin:ed25519)
admin() { psql_as mash_admin mash -At -c "$1" 2>/dev/null; }
key_id() { printf '%b' "$(public_hex "$1" | sed 's/../\\x&/g')" | sha256sum | cut -c-16; } # FILE
database_time() { asked "SELECT extract(epoch FROM clock_timestamp())"; }
is_revoked() { [[ $(asked "SELECT mash.key_revoked('$1')") == t ]]; } # KEY ID
is_enrolled() { [[ $(asked "SELECT count(*) FROM mash.agency_key WHERE key_id = '$1'") == 1 ]]; }

# The school's key ends while its adapter sends; seven seconds later it gets another. An act whose outcome
# is not known is looked up before it is done again.
do_revoke() {
    local file id
    [[ ! -e run/shim/clock.postgres ]] && hold revoke || return 1
    one_of "${revoke_kinds[@]}"
    file=${drawn%:*}.${drawn#*:}
    id=$(key_id "keys/education/$file-public")
    later 0 revoke_now "$file" "$id"
}
revoke_now() { # FILE KEY
    is_revoked "$2" || admin "SELECT door.admin_revoke('$2', 'fault campaign')" || true
    is_revoked "$2" || return 1
    local from
    from=$(database_time) || return 1
    rm -rf keys/education-next
    "$BUILD/mash-keygen" agency keys/education-next >/dev/null
    later 7000 revoke_end "$1" "$from"
}
revoke_end() { # FILE SECONDS
    local to id new=keys/education-next/$1
    to=$(database_time) || return 1
    id=$(key_id "$new-public")
    is_enrolled "$id" || admin "SELECT door.admin_agency_key('education', '${1%%.*}', '\\x$(public_hex "$new-public")', NULL, 365)" || true
    is_enrolled "$id" || return 1
    mv "$new-public" "$new-secret" keys/education/
    echo "$2 $to" >>run/revoked
    pid_of education && kill -9 "$pid" 2>/dev/null
    release revoke
    took revoke education
}
