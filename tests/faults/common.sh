# What the fault campaigns share: a throw-away hub with two intakes behind chaos proxies, senders that
# write down what they were told, an observer with a clock of its own, and the oracle that compares.
# Sourced by run and points.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317 # lib.sh and those who source this set and call them
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$tests/../../deploy/lib.sh"
. "$tests/../../deploy/play.sh"
dir=$(mktemp -d "${TMPDIR:-/tmp}/mash-faults.XXXXXX")/hub
another=
senders=()
helpers=()
sending_agencies=(police health education)
exec {idle}<> <(:) # never has anything to read: waiting without a process
pause() { read -r -t "$1" -u "$idle" || true; }

end() {
    local status=$? pid
    trap - EXIT
    set +e
    for pid in "${senders[@]}" "${helpers[@]}"; do kill "$pid" 2>/dev/null; done
    if [[ -d $dir ]]; then
        rm -f "$dir"/run/shim/* "$dir"/run/points/*
        for pid in "$dir"/run/*.pid; do kill -CONT "$(<"$pid")" 2>/dev/null; done
        "$here/deploy/hub" stop "$dir" >&2
        ((status == 0)) || tail -n 40 "$dir"/log/*.log >&2
    fi
    rm -rf "${dir%/*}"
    exit "$status"
}
trap end EXIT
trap 'exit 143' TERM INT HUP

# ---- the hub --------------------------------------------------------------------------------------------

chaos_start() { # LETTER INTAKE
    "$BUILD/faults-chaos" "run/chaos-$1.endpoint" "run/$2.endpoint" "run/chaos-$1.control" \
        "run/chaos-$1.counts" "$seed" &
    helpers+=($!)
    await 10 test -s "run/chaos-$1.endpoint"
}
chaos_say() { printf '%s\n' "$2" 1<>"run/chaos-$1.control"; } # LETTER COMMAND
chaos_count() { # LETTER NAME: into `counted`
    local name number
    counted=0
    while read -r name number; do [[ $name != "$2" ]] || counted=$number; done <"run/chaos-$1.counts"
}

through_chaos() {
    local agency places="file:run/chaos-a.endpoint file:run/chaos-b.endpoint"
    for agency in "${sending_agencies[@]}" social-care; do
        sed -i "s|file:run/intake.endpoint|$places|" "settings/$agency.ini"
    done
}

start_hub() { # with `another` intake, if one is named
    "$here/deploy/hub" create "$dir" demonstration >&2
    hub_at "$dir"
    cd "$HUB"
    mkdir -p run/shim run/points
    [[ -z $another ]] || "$here/deploy/hub" another "$dir" "$another"
    through_chaos
    MASH_SHIM_DIR=$HUB/run/shim MASH_FAULT_DIR=$HUB/run/points MASH_KEEP_PAUSE_MS=400 \
        LD_PRELOAD=$BUILD/faults-shim.so "$here/deploy/hub" start "$dir" \
        "${hub_programs[@]}" ${another:+"$another"} "${sending_agencies[@]}" social-care >&2
    hub_at "$dir"
    chaos_start a intake
    [[ -z $another ]] || chaos_start b "$another"
    observe
}

# ---- the observer: "microseconds program word" into run/observed, by a clock that never jumps ---------------

observe() {
    local logs
    exec {logs}< <(exec tail -n 0 -F log/*.log 2>/dev/null)
    helpers+=($!)
    observe_lines <&"$logs" >>run/observed &
    helpers+=($!)
    exec {logs}<&-
}
observe_lines() {
    local line file=
    while IFS= read -r line; do
        case $line in
        '==> log/'*) file=${line#'==> log/'} file=${file%.log <==} ;;
        *' event=acknowledged'*) echo "${EPOCHREALTIME/./} $file ack" ;;
        *' event=processed'*) echo "${EPOCHREALTIME/./} $file processed" ;;
        *' event=agency_present'*) echo "${EPOCHREALTIME/./} $file present" ;;
        *' event=ready'* | *' event=started'*) echo "${EPOCHREALTIME/./} $file ready" ;;
        esac
    done
}

# Police and health have both been acknowledged since then.
heard_since() { # MICROSECONDS
    tail -n 500 run/observed | awk -v since="$1" \
        '$1 > since && $3 == "ack" { heard[$2] } END { exit !("police" in heard && "health" in heard) }'
}

# ---- the senders: what they were told goes to run/told.<agency>.<flow>, one message a line -------------------

police_notice() { # REFERENCE
    cat <<JSON
[{"notice_ref": "PPN-$1", "force_code": "05", "incident_datetime": "2026-11-20T20:15:00+00:00",
  "incident_type": "Neglect", "dash_risk": "medium", "circumstances": "Fault campaign $1.",
  "persons": [{"role": "child", "surname": "Child$1", "forenames": "Fault", "dob": "2015-01-02", "sex": "M"}]}]
JSON
}
concern_row() { # REFERENCE
    cat <<CSV
Incident Ref,UPN,Forename,Surname,DOB,Year Group,Incident Date,Incident Time,Categories,Linked Students,Incident,Body Map,Actions,Assigned To,Status,Added By
INC-$1,,Fault,Pupil$1,17/04/2016,5,20/11/2026,10:40,Physical abuse,,Fault campaign $1.,,Phone call home; MASH referral made,DSL,Open,A. Teacher
CSV
}

# A system that drops a file, waits for its receipt, and drops the next.
send_files() { # AGENCY FLOW MAKER ENDING
    local n=0 name receipt text in=agencies/$1/in
    until [[ -d $in ]]; do pause 0.05; done
    while [[ ! -e run/stop-sending ]]; do
        n=$((n + 1)) name=fault-$2-$n.$4
        receipt=agencies/$1/receipts/$name.receipt.json
        "$3" "$2-$n" >"$in/.$name.part"
        mv "$in/.$name.part" "$in/$name"
        until [[ -s $receipt ]]; do pause 0.03; done
        text=$(<"$receipt")
        [[ $text =~ \"message_id\":\ *\"([0-9a-f-]{36})\" ]] && echo "${BASH_REMATCH[1]//-/}" >>"run/told.$1.$2"
        rm -f "$receipt"
        pause "$pace"
    done
}

# One HL7 message over MLLP; the acknowledgement into `ack`.
mllp_ask() { # MESSAGE
    local link port status=0
    port=$(<agencies/health/run/mllp.port) && port=${port##*:} || return 1
    { exec {link}<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
    printf '\x0b%s\x1c\r' "$1" >&"$link" && IFS= read -r -d $'\x1c' -t 5 -u "$link" ack || status=1
    exec {link}>&-
    return "$status"
}

# A trust's system: sends over MLLP, and the same again until it is told AA.
send_health() { # FLOW
    local n=0 message ack template
    trap '' PIPE
    template=$(<"$here/deploy/story/ed-referral.hl7")
    template=${template//9991234519/}
    while [[ ! -e run/stop-sending ]]; do
        n=$((n + 1))
        message=${template//ED2026112099001/FAULT-$1-$n}
        message=${message//RX1-REF-9901/FAULT-REF-$1-$n}
        message=${message//QUISTGAARD/CHILD$1X$n}
        message=${message//MRN9901/MRN$1X$n}
        until ack='' && mllp_ask "$message" 2>/dev/null && [[ $ack =~ MSA\|AA\|FAULT-$1-${n}[^0-9] ]]; do pause 0.1; done
        cut -d'|' -f10 <<<"${ack%%$'\r'*}" >>"run/told.health.$1"
        pause "$pace"
    done
}

# The desk: claims one enquiry and asks every agency, over and over; each question is a letter.
send_checks() {
    local ref='' token='' n=0 agency said
    while [[ ! -e run/stop-sending ]]; do
        if [[ -z $token ]]; then
            ref=$(desk triage.officer queue --json 2>/dev/null |
                jq -r '[.enquiries[] | select((.holder // "") == "" or .holder == "triage.officer")][0].reference // ""') || ref=''
            said=$(desk triage.officer claim "ref=$ref" --json 2>/dev/null) && token=$(jq -r '.claim.token // ""' <<<"$said")
            [[ -n $token ]] || pause 0.3
            continue
        fi
        for agency in police social-care; do
            n=$((n + 1))
            desk triage.officer check "ref=$ref" "token=$token" "agency=$agency" gateway=ca1989_s47 threshold=s47 \
                family=no_risk "question=Attendance this term, once more ($n)?" >/dev/null 2>&1 || token=''
        done
        pause 0.5
    done
}

start_senders() {
    send_files police 1 police_notice json &
    senders+=($!)
    send_files police 2 police_notice json &
    senders+=($!)
    send_health 1 &
    senders+=($!)
    send_health 2 &
    senders+=($!)
    send_files education 1 concern_row csv &
    senders+=($!)
    send_checks &
    senders+=($!)
    local agency
    for agency in police health education; do await 30 test -s "run/told.$agency.1"; done
    await 30 was_asked
}
was_asked() { [[ $(find agencies/police/desk/questions -name '*.txt' 2>/dev/null) ]]; }
stop_senders() {
    touch run/stop-sending
    await 60 senders_are_gone && senders=()
}
senders_are_gone() {
    local pid
    for pid in "${senders[@]}"; do ! kill -0 "$pid" 2>/dev/null || return 1; done
}

# ---- a running process ----------------------------------------------------------------------------------------

pid_of() { # NAME: into `pid`
    pid=
    if [[ $1 == postgres ]]; then
        { read -r pid <pg/postmaster.pid; } 2>/dev/null
    else
        { pid=$(<"run/$1.pid"); } 2>/dev/null
    fi
    [[ -n $pid ]] && is_alive "$1" "$pid"
}
# Alive, and still what it was: numbers of processes come back.
is_alive() { # NAME PID
    local comm state
    { read -r comm <"/proc/$2/comm" && read -r state <"/proc/$2/stat"; } 2>/dev/null || return 1
    state=${state##*) }
    [[ mash-$1 == "$comm"* || $1 == "$comm" ]] && [[ ${state:0:1} != [ZX] ]]
}

has_points() { grep -qa MASH_FAULT_DIR "$BUILD/mash-intake"; }
# "program point" lines: all that tests may arm.
all_points() {
    sed -nE 's/^FAULT\(([a-z_]+), *"([a-z ]+)".*/\1 \2/p' "$here/broker/io/faults.def" |
        while read -r point names; do for name in $names; do echo "$name $point"; done; done
}
arm() { # PROGRAM POINT N ACTION
    rm -f "run/points/mash-$1.taken"
    echo "$2:$3:$4" >"run/points/.$1"
    mv "run/points/.$1" "run/points/mash-$1"
}
