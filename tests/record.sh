# How every campaign's record begins: when, what and where it was run. A campaign writes it in the end, to
# descriptor 9 (a picture to 8); the Makefile keeps it if all has passed. Sourced.
# shellcheck shell=bash

# MASH_COMMIT comes from the Makefile where the history is out of reach (deploy/as-user).
record_commit() {
    [[ -n ${MASH_COMMIT:-} ]] || MASH_COMMIT=$(git describe --always --dirty 2>/dev/null) || MASH_COMMIT=unknown
    echo "$MASH_COMMIT"
}

record_machine() {
    local model memory
    model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
    memory=$(awk '/^MemTotal/ { printf "%.0f GB", $2 / 1048576 }' /proc/meminfo)
    echo "$(nproc) x ${model:-unknown processor}, $memory, $(uname -sr)"
}

record_head() { # TITLE SEED COMMAND
    printf '# %s\n\n- date: %s\n- commit: %s\n- machine: %s\n- seed: %s\n- command: %s\n\n' \
        "$1" "$(date -u +%Y-%m-%dT%H:%MZ)" "$(record_commit)" "$(record_machine)" "$2" "$3"
}

# Whether somebody keeps it.
record_wanted() { { : >&"$1"; } 2>/dev/null; } # DESCRIPTOR
