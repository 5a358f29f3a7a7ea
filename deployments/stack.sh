#!/usr/bin/env bash
# longtake's whole stack as processes of this machine, on 127.0.0.1: what compose.yaml is without Docker.
#
#   deployments/stack.sh [--dir DIR] up               start what is not running, deploy, wait until it is well
#   deployments/stack.sh [--dir DIR] env              what to export to work with it: eval "$(… env)"
#   deployments/stack.sh [--dir DIR] status           each part, its process and its address; 1 if one is down
#   deployments/stack.sh [--dir DIR] restart NAME     stop a part and start it again at the same address
#   deployments/stack.sh [--dir DIR] kill NAME [main] SIGKILL to a part and all it started, or to its main process alone
#   deployments/stack.sh [--dir DIR] freeze|thaw NAME it hangs as if the network were gone, and comes back
#   deployments/stack.sh [--dir DIR] down             stop everything; data stay in DIR until it is deleted
#
# The parts: postgres (Prefect's database and the ledger; STACK_DATABASE=sqlite: two files in its place), s3 (moto: in memory, empty again after a
# restart), prefect, emulator, and for each of STACK_MACHINES pretended machines N two workers,
# storyboards-N and scenes-N, as a worker serves one pool. Redis is not there: it carries events
# between replicas of the server, and there is one.
#
# Environment: STACK_DIR (deployments/.stack); STACK_MACHINES (2); STACK_PACE (60), how many times
# faster than real the emulator is; STACK_FAULTS, a file of faults for it; STACK_WORKER_LIMIT (4), runs
# at once in a worker; STACK_<PART>_PORT for POSTGRES, S3, PREFECT, EMULATOR, else free ones;
# STACK_DATABASE (postgres), or sqlite; STACK_PYTHON, else .venv/bin/python or python3; SEGMIND_API_KEY, else one is made up for the emulator.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/deployments/stack-parts.sh"

settings=(STACK_DATABASE STACK_MACHINES STACK_PACE STACK_FAULTS STACK_WORKER_LIMIT STACK_PYTHON
    STACK_POSTGRES_PORT STACK_S3_PORT STACK_EMULATOR_PORT STACK_PREFECT_PORT)

up() {
    local part
    command -v curl setsid >/dev/null || die "curl and setsid are needed: apt-get install curl util-linux"
    mkdir -p "$dir/logs" "$dir/pids"
    [ -n "$(marked "STACK_MARK=$dir")$(recorded postgres)" ] || settle
    environment
    for part in $(servers); do bring_up "$part"; done
    for part in $(servers); do await "$part"; done
    (cd "$root" && "$STACK_PYTHON" deployments/setup.py --jobs 8 --requests-per-minute "$((120 * ${STACK_PACE%.*} + 1))" \
        --profile stack --share-environment &&
        "$STACK_PYTHON" -m prefect --no-prompt deploy --all) >"$dir/logs/deploy.log" 2>&1 ||
        unwell deploy
    for part in $(workers); do bring_up "$part"; done
    for part in $(workers); do await "$part"; done
    status
}

bring_up() { main_process "$1" >/dev/null || launch "$1"; }

# What the stack is made of is settled when it starts, so that a part that is restarted fits the others.
settle() {
    local name free
    rm -f "$dir/settings" # left from the last time; what is asked for now counts
    : "${STACK_DATABASE:=postgres}" "${STACK_MACHINES:=2}" "${STACK_PACE:=60}" "${STACK_FAULTS:=}" "${STACK_WORKER_LIMIT:=4}"
    [ -n "${STACK_PYTHON:=$(ls "$root/.venv/bin/python" 2>/dev/null || command -v python3)}" ]
    (cd "$root" && "$STACK_PYTHON" -c 'import longtake, moto.server, prefect, s3fs') ||
        die "$STACK_PYTHON lacks what the stack needs: pip install -c constraints.txt -e '.[dev]', or set STACK_PYTHON"
    mapfile -t free < <("$STACK_PYTHON" -c 'import socket; s = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]; print(*(x.getsockname()[1] for x in s), sep="\n")')
    : "${STACK_POSTGRES_PORT:=${free[0]}}" "${STACK_S3_PORT:=${free[1]}}" "${STACK_EMULATOR_PORT:=${free[2]}}" "${STACK_PREFECT_PORT:=${free[3]}}"
    for name in "${settings[@]}"; do printf '%s=%q\n' "$name" "${!name}"; done >"$dir/settings"
    [ -n "${SEGMIND_API_KEY:-}" ] || SEGMIND_API_KEY=$(cat "$dir/segmind.key" 2>/dev/null || echo "emulated-$RANDOM$RANDOM")
    (umask 077 && echo "$SEGMIND_API_KEY" >"$dir/segmind.key")
}

shared=(PREFECT_API_URL LONGTAKE_API_URL LONGTAKE_UPLOAD_URL LONGTAKE_HISTORY_URL
    LONGTAKE_KEEPING__LEDGER LONGTAKE_KEEPING__STORE LONGTAKE_RATES__EXPECTED_SECONDS
    AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_DEFAULT_REGION SEGMIND_API_KEY)

environment() { # what every part has, and `env` prints
    [ -e "$dir/settings" ] || die "nothing was ever started in $dir: say up first"
    source "$dir/settings"
    export PREFECT_API_URL=$(url prefect)/api
    export LONGTAKE_API_URL=$(url emulator) LONGTAKE_UPLOAD_URL=$(url emulator) LONGTAKE_HISTORY_URL=$(url emulator)
    export LONGTAKE_KEEPING__LEDGER=$(on_postgres && echo "postgresql://longtake@127.0.0.1:$STACK_POSTGRES_PORT/ledger" || echo "$dir/ledger.db")
    export LONGTAKE_KEEPING__STORE=s3://longtake/store
    export LONGTAKE_RATES__EXPECTED_SECONDS=$(awk -v pace="$STACK_PACE" 'BEGIN { printf "{\"wan-2.2-t2v-fast\": %.3f, \"wan-2.2-i2v-fast\": %.3f}", 93 / pace, 54 / pace }')
    export AWS_ENDPOINT_URL=$(url s3) AWS_ACCESS_KEY_ID=longtake AWS_SECRET_ACCESS_KEY=longtake AWS_DEFAULT_REGION=us-east-1
    export SEGMIND_API_KEY=$(cat "$dir/segmind.key")
    # Of the parts alone. Quick to notice work and death: Prefect's own are 10 s, 30 s and 180 s.
    export PREFECT_HOME=$dir/prefect DO_NOT_TRACK=1 PREFECT_SERVER_ANALYTICS_ENABLED=false
    # What is old is removed, as in compose.yaml.
    export PREFECT_SERVER_EVENTS_RETENTION_PERIOD=${PREFECT_SERVER_EVENTS_RETENTION_PERIOD:-P2D} PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED=events,flow_runs
    export PREFECT_WORKER_QUERY_SECONDS=2 PREFECT_WORKER_HEARTBEAT_SECONDS=10 PREFECT_FLOWS_HEARTBEAT_FREQUENCY=30 PREFECT_CLIENT_RETRY_EXTRA_CODES=500
}

print_environment() {
    local name
    for name in "${shared[@]}"; do printf 'export %s=%q\n' "$name" "${!name}"; done
}

status() {
    local part pid whole=0
    for part in $(parts); do
        if pid=$(main_process "$part"); then
            printf '%-14s %-8s %s\n' "$part" "$pid" "$(address "$part")"
        else
            printf '%-14s %s\n' "$part" down
            whole=1
        fi
    done
    return $whole
}

address() {
    case $1 in
    postgres) echo "$LONGTAKE_KEEPING__LEDGER" ;;
    s3 | emulator | prefect) url "$1" ;;
    *) echo "$dir/logs/$1.log" ;;
    esac
}

restart() {
    known "$1"
    stop "$1"
    launch "$1"
    await "$1"
}

signal() { # SIGNAL PART: to all of it
    known "$2"
    local pids
    pids=$(members "$2")
    [ -n "$pids" ] || die "$2 is not running"
    kill -"$1" $pids
}

slay() { # PART [main]
    known "$1"
    [ "${2:-}" != main ] || { kill -KILL "$(main_process "$1")" && return; }
    end "$1"
}

down() {
    local left
    stop $(workers)
    stop prefect emulator s3
    stop postgres
    # Whatever a part left behind when it died.
    while left=$(marked "STACK_MARK=$dir") && [ -n "$left" ]; do
        kill -KILL $left 2>/dev/null || true
        sleep 0.1
    done
}

[ "${1:-}" != --dir ] || { STACK_DIR=$2 && shift 2; }
dir=$(realpath -m "${STACK_DIR:-$root/deployments/.stack}")
command=${1:-help}
shift || true
case $command in
up) up ;;
env) environment && print_environment ;;
status) environment && status ;;
down) [ ! -e "$dir/settings" ] || { environment && down; } ;;
restart) environment && restart "$1" ;;
kill) environment && slay "$@" ;;
freeze) environment && signal STOP "$1" ;;
thaw) environment && signal CONT "$1" ;;
*) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" && [ "$command" = help ] ;;
esac
