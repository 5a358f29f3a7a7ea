# The parts of the stack and their processes; read by stack.sh.

on_postgres() { [ "$STACK_DATABASE" = postgres ]; }

servers() { (on_postgres && echo postgres || true) && printf '%s\n' s3 emulator prefect; }

die() { echo "stack: $*" >&2; exit 3; }

# --- processes ------------------------------------------------------------------------------------

# Everything that a part starts inherits these marks, so it is found though its parent be gone.
# (PostgreSQL overwrites its own environment: it is known by its own pid file.)
marked() { grep -lszxF -- "$1" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3 || true; }
members() { comm -12 <(marked "STACK_MARK=$dir" | sort) <(marked "STACK_PART=$1" | sort); recorded "$1"; }

pid_of() {
    local file=$dir/pids/$1
    [ "$1" != postgres ] || file=$dir/postgres/postmaster.pid
    head -n 1 "$file" 2>/dev/null
}

recorded() {
    local pid
    [ "$1" = postgres ] && pid=$(pid_of postgres) && ! gone "$pid" && [ "$(cat "/proc/$pid/comm")" = postgres ] || return 0
    xargs -n 1 <<<"$pid $(cat "/proc/$pid/task/$pid/children")"
}

main_process() {
    local pid
    pid=$(pid_of "$1") && members "$1" | sort -u | grep -x -- "$pid"
}

# In a session of its own, where no Ctrl-C of ours reaches it. A shell lets what it starts in the
# background ignore SIGINT, with which a worker ends itself: so that is undone.
start() { # NAME COMMAND...
    local name=$1
    shift
    touch "$dir/logs/$name.log" && stat -c %s "$dir/logs/$name.log" >"$dir/pids/$name.log"
    STACK_MARK=$dir STACK_PART=$name setsid env --default-signal=INT,QUIT "$@" >>"$dir/logs/$name.log" 2>&1 </dev/null &
    echo $! >"$dir/pids/$name"
}

stop() { # NAME...: asks all, waits, insists
    local name pid
    for name in "$@"; do
        pid=$(main_process "$name") || continue
        kill -CONT $(members "$name") 2>/dev/null || true # what is frozen hears nothing
        # PostgreSQL's "fast" shutdown is INT: on TERM it waits until every client has gone.
        kill -"$([ "$name" = postgres ] && echo INT || echo TERM)" "$pid" 2>/dev/null || true
    done
    for name in "$@"; do
        within 20 down_is "$name" || echo "stack: $name does not stop; it is killed" >&2
        end "$name"
        rm -f "$dir/pids/$name"
    done
}

down_is() { ! main_process "$1"; }

end() { # NAME: SIGKILL to all of it, until nothing of it is left
    local pids
    while pids=$(members "$1") && [ -n "$pids" ]; do
        kill -KILL $pids 2>/dev/null || true
        sleep 0.1
    done
}

gone() { [ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; } 2>/dev/null

within() { # SECONDS COMMAND...: whether it succeeds in that time
    local until=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $until ] || return 1
        sleep 0.2
    done
}

# --- the parts ------------------------------------------------------------------------------------

parts() { servers && workers; }

known() { parts | grep -x -- "$1" >/dev/null || die "no part ${1:-named}; there are: $(parts | xargs)"; }

workers() {
    local number
    for number in $(seq "${STACK_MACHINES}"); do printf '%s\n' "storyboards-$number" "scenes-$number"; done
}

url() { # PART: where it answers
    local port="STACK_${1^^}_PORT"
    echo "http://127.0.0.1:${!port}"
}

launch() {
    case $1 in
    postgres) launch_postgres ;;
    s3) start s3 "$STACK_PYTHON" -m moto.server -H 127.0.0.1 -p "$STACK_S3_PORT" ;;
    emulator)
        start emulator "$STACK_PYTHON" -m longtake.cli emulate --port "$STACK_EMULATOR_PORT" --pace "$STACK_PACE" \
            ${STACK_FAULTS:+--faults "$STACK_FAULTS"}
        ;;
    prefect)
        PREFECT_SERVER_DATABASE_CONNECTION_URL=$(prefect_database) \
            start prefect "$STACK_PYTHON" "$root/deployments/server.py" --host 127.0.0.1 --port "$STACK_PREFECT_PORT"
        ;;
    # A worker starts far from the clone, as on any machine: the deployment's pull step finds it.
    storyboards-*) (cd "$dir" && PYTHONPATH= start "$1" "$STACK_PYTHON" -m prefect worker start --pool longtake-process --name "$1" --limit "$STACK_WORKER_LIMIT") ;;
    scenes-*) (cd "$dir" && PYTHONPATH= start "$1" "$STACK_PYTHON" -m prefect worker start --pool longtake-scenes --name "$1" --limit "$STACK_WORKER_LIMIT") ;;
    *) die "no part $1; there are: $(parts | xargs)" ;;
    esac
}

prefect_database() {
    on_postgres && echo "postgresql+asyncpg://longtake@127.0.0.1:$STACK_POSTGRES_PORT/prefect" || echo "sqlite+aiosqlite:///$dir/prefect.db"
}

postgres_binaries() { # Debian keeps them off the PATH
    local bin
    for bin in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) "$(dirname "$(command -v postgres || echo /none/postgres)")"; do
        [ ! -x "$bin/initdb" ] || [ ! -x "$bin/pg_isready" ] || { echo "$bin" && return; }
    done
    die "PostgreSQL is not installed: apt-get install postgresql"
}

launch_postgres() {
    local bin as=() name
    bin=$(postgres_binaries)
    if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to be root
        as=(setpriv "--reuid=$(id -u nobody)" "--regid=$(id -g nobody)" --clear-groups)
        mkdir -p "$dir/postgres" && chown nobody "$dir/postgres" && chmod 700 "$dir/postgres"
        "${as[@]}" test -x "$dir/postgres" || die "PostgreSQL runs as nobody, who may not enter $dir: choose another --dir"
    fi
    [ -e "$dir/postgres/PG_VERSION" ] ||
        (cd / && "${as[@]}" "$bin/initdb" -D "$dir/postgres" -U longtake -A trust -E UTF8 --locale=C.UTF-8) >"$dir/logs/initdb.log" 2>&1 ||
        die "no database could be made: $dir/logs/initdb.log"
    # A killed server is a process until somebody has fetched its end, and would seem to be at work.
    ! gone "$(pid_of postgres)" || rm -f "$dir/postgres/postmaster.pid"
    (cd / && start postgres "${as[@]}" "$bin/postgres" -D "$dir/postgres" -p "$STACK_POSTGRES_PORT" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300)
    await postgres
    for name in prefect ledger; do
        "$bin/psql" -XqAt -h 127.0.0.1 -p "$STACK_POSTGRES_PORT" -U longtake postgres -c "SELECT 'CREATE DATABASE $name' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '$name')" -c '\gexec' |
            "$bin/psql" -Xq -h 127.0.0.1 -p "$STACK_POSTGRES_PORT" -U longtake postgres
    done
}

await() { # PART: until it is well
    local until=$((SECONDS + 480)) # a busy machine takes minutes to make a database
    until ready "$1" >/dev/null 2>&1; do
        ! gone "$(cat "$dir/pids/$1")" && [ $SECONDS -lt $until ] || unwell "$1"
        sleep 0.3
    done
    [ "$1" != s3 ] || curl -fsS -o /dev/null -X PUT "$(url s3)/longtake" # its bucket, also after a restart
}

ready() {
    case $1 in
    postgres) "$(postgres_binaries)/pg_isready" -q -h 127.0.0.1 -p "$STACK_POSTGRES_PORT" -U longtake -d postgres ;;
    s3) curl -fsS --max-time 5 "$(url s3)/moto-api/" ;;
    emulator) curl -fsS --max-time 5 "$(url emulator)/emulator/requests" ;;
    prefect) curl -fsS --max-time 5 "$PREFECT_API_URL/ready" ;;
    *) online "$1" ;;
    esac
}

# The server believes in a worker that was killed for half a minute more, so it is not asked.
online() { main_process "$1" >/dev/null && since_start "$1" | grep "Worker '$1' started" >/dev/null; }

since_start() { tail -c "+$(($(cat "$dir/pids/$1.log") + 1))" "$dir/logs/$1.log"; }

unwell() {
    tail -n 20 "$dir/logs/$1.log" >&2 || true
    die "$1 did not come up; its whole log: $dir/logs/$1.log"
}
