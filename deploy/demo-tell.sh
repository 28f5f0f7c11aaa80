# How the demonstration speaks: a step has a number, a title and one sentence; a scene says what happens next; a
# check says what held; a quote shows what somebody reads; what is left for a person is named and kept in $out.
# Colour on a terminal only, and none in the transcript. Sourced by deploy/demo, which sets out.
# shellcheck shell=bash disable=SC2154 # deploy/demo sets out
step_now=setup checks=0
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
    bold=$'\e[1m' faint=$'\e[2m' green=$'\e[32m' red=$'\e[1;31m' blue=$'\e[36m' plain=$'\e[0m'
else
    bold='' faint='' green='' red='' blue='' plain=''
fi

tell() { # LINE [COLOUR]
    printf '%s\n' "$1" >>"$out/transcript.txt"
    printf '%s%s%s\n' "${2:-}" "$1" "$plain"
}

told() { # INDENT WORDS [COLOUR]: as many lines as it needs
    local line
    while IFS= read -r line; do tell "$1$line" "${3:-}"; done < <(fold -s -w 92 <<<"$2" | sed 's/ *$//')
}

step() { # NUMBER TITLE SENTENCE
    step_now="$1. $2"
    tell ""
    tell ""
    tell "$(printf '%2s  %s' "$1" "$2")" "$bold"
    told "    " "$3"
    tell ""
}

scene() { # SENTENCE
    tell ""
    told "    " "$1"
}

# What somebody has before her: all of it, or from the line that begins so up to, but without, the line that begins so.
quote() { # FILE [FROM [TO]]
    local line
    while IFS= read -r line; do tell "      | $line" "$blue"; done < <(awk -v from="${2:-}" -v to="${3:-}" '
        on && to != "" && index($0, to) == 1 { exit }
        from == "" || index($0, from) == 1 { on = 1 }
        on && /./ { printf "%s%s\n", gap, $0; gap = "" }
        on && !/./ && NR > 1 { gap = "\n" }' "$1" | fold -s -w 88 | sed 's/ *$//')
}

# A copy for whoever wants to see it afterwards; the index at the end says what it is.
leave() { # FILE NAME WHAT
    [[ $1 -ef $out/$2 ]] || cp "$1" "$out/$2"
    printf '%-34s %s\n' "$2" "$3" >>"$out/index.txt"
    tell "       see $2" "$faint"
}

fail() {
    tell "   FAILED  $1" "$red"
    tell ""
    tell "The demonstration failed at: $step_now"
    tell "Details: $out/details.txt; the programs' logs: $out/log"
    exit 1
}

held() {
    checks=$((checks + 1))
    printf '   ok  %s\n' "$1" >>"$out/transcript.txt"
    printf '   %sok%s  %s\n' "$green" "$plain" "$1"
}

# The sentence holds when the command succeeds.
check() {
    local what=$1
    shift
    printf '\n# %s s: %s\n' "$SECONDS" "$what" >>"$out/details.txt"
    if "$@" >>"$out/details.txt" 2>&1; then held "$what"; else fail "$what"; fi
}

# The sentence holds when the command is refused for this reason and for no other.
refused() {
    local what=$1 reason=$2 said
    shift 2
    printf '\n# %s s: %s\n' "$SECONDS" "$what" >>"$out/details.txt"
    if said=$("$@" 2>&1); then fail "$what (it was not refused)"; fi
    printf '%s\n' "$said" >>"$out/details.txt"
    if grep -qw -e "$reason" <<<"$said"; then held "$what"; else fail "$what (another reason)"; fi
}
