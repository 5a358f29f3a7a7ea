#!/usr/bin/env bash
# The stack of compose.yaml in real containers, tried: two renders, and four blows amid one.
#
#   deployments/try-containers.sh          build, start, try, and remove it all again
#   deployments/try-containers.sh up       build and start; try and down are the other two
#
# Needs a Docker engine that may be talked to (DOCKER_HOST), docker compose (the plugin, or
# docker-compose 1.29), python3. Its volumes are its own and are removed at the end.
#
# Environment: STACK_PORT (4200), the UI's on 127.0.0.1; STAND_INS, a folder: base images are made
# from Debian's packages instead of being pulled (as root, needs debootstrap); BUILD_NETWORK, the
# network to build in, such as `host`; EMULATOR_PACE (6), how many times faster than real.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export COMPOSE_PROJECT_NAME=longtake-try EMULATOR_PACE=${EMULATOR_PACE:-6} STACK_PORT=${STACK_PORT:-4200}
export STORE_SECRET=${STORE_SECRET:-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')}

die() { echo "try-containers: $*" >&2; exit 3; }

compose() {
    if docker compose version >/dev/null 2>&1; then
        docker compose --file "$root/deployments/compose.yaml" "$@"
    else
        docker-compose --file "$root/deployments/compose.yaml" "$@"
    fi
}

up() {
    docker info >/dev/null 2>&1 || die "no Docker engine answers at ${DOCKER_HOST:-its usual place}"
    [ -z "${STAND_INS:-}" ] || "$root/tests/deployments/containers/stand-ins.sh" "$STAND_INS"
    docker build ${BUILD_NETWORK:+--network "$BUILD_NETWORK"} --file "$root/deployments/Dockerfile" --tag longtake:latest "$root"
    compose up --detach --scale storyboards=2 --scale scenes=2
}

try() {
    compose ps
    python3 "$root/deployments/try_containers.py" "http://127.0.0.1:$STACK_PORT/api"
}

case ${1:-all} in
up) up ;;
try) try ;;
down) compose down --volumes --timeout 30 ;;
all)
    trap 'compose down --volumes --timeout 30 || true' EXIT
    up
    try
    ;;
help | *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" && exit 2 ;;
esac
