#!/bin/sh
# What the official image's entrypoint does for the compose file: a database on the first start,
# with the scripts of /docker-entrypoint-initdb.d, and then the server.
set -eu
PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
if [ ! -e "$PGDATA/PG_VERSION" ]; then
    initdb --username="$POSTGRES_USER" --auth=trust --encoding=UTF8 --locale=C.UTF-8
    echo "host all all all trust" >>"$PGDATA/pg_hba.conf"
    pg_ctl --wait --options="-c listen_addresses=" start
    psql --username="$POSTGRES_USER" --dbname=postgres --command="CREATE DATABASE $POSTGRES_DB"
    for file in /docker-entrypoint-initdb.d/*.sql; do
        psql --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --file="$file"
    done
    pg_ctl --wait stop
fi
exec "$@" -c listen_addresses='*'
