#!/usr/bin/env bash
# Base images for a machine that reaches Debian's packages but no registry of images:
#
#   tests/deployments/containers/stand-ins.sh FOLDER
#
# makes python:3.11-slim, postgres:16, redis:7 and minio by debootstrap, under the very names that the
# Dockerfile and the compose file ask for, with Debian's own versions in them. As root; FOLDER takes
# 700 MB. Nothing is made that is there already.
set -euo pipefail

folder=$(realpath -m "${1:?a folder for Debian}")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
suite=bookworm
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
certificates=/etc/ssl/certs/ca-certificates.crt

known() { docker image inspect "$1" >/dev/null 2>&1; }

if ! known longtake-debian:latest; then
    [ -e "$folder/root/usr/bin/redis-server" ] ||
        debootstrap --variant=minbase --include=python3,python3-venv,python3-pip,ca-certificates,postgresql,redis-server \
            "$suite" "$folder/root" "$mirror"
    tar -C "$folder/root" -c . | docker import - longtake-debian:latest
fi

# What this machine trusts, for package registries behind a proxy of its own.
mkdir -p "$folder/context"
cp "$certificates" "$folder/context/ca-certificates.crt"
cp "$here/postgres-entrypoint.sh" "$folder/context/"

known python:3.11-slim || docker build --tag python:3.11-slim --file - "$folder/context" <<'DOCKERFILE'
FROM longtake-debian:latest
RUN ln -s python3 /usr/bin/python && rm -f /usr/lib/python3*/EXTERNALLY-MANAGED
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt PIP_DEFAULT_TIMEOUT=180
DOCKERFILE

known postgres:16 || docker build --tag postgres:16 --file - "$folder/context" <<'DOCKERFILE'
FROM longtake-debian:latest
COPY postgres-entrypoint.sh /usr/local/bin/postgres-entrypoint.sh
RUN install -d -o postgres /var/lib/postgresql/data && ln -s /usr/lib/postgresql/*/bin/pg_isready /usr/local/bin/
ENV PGDATA=/var/lib/postgresql/data
USER postgres
STOPSIGNAL SIGINT
ENTRYPOINT ["/usr/local/bin/postgres-entrypoint.sh"]
CMD ["postgres"]
DOCKERFILE

known redis:7 || docker build --tag redis:7 --file - "$folder/context" <<'DOCKERFILE'
FROM longtake-debian:latest
RUN install -d -o redis /data
WORKDIR /data
USER redis
ENTRYPOINT ["/bin/sh", "-c", "exec \"$@\" --bind 0.0.0.0 --protected-mode no --dir /data", "redis"]
CMD ["redis-server"]
DOCKERFILE

# S3 by moto, in memory; `mc ready local` is what the compose file asks it.
cp "$here/../../../constraints.txt" "$folder/context/"
known minio/minio:latest || docker build --network host --tag minio/minio:latest --file - "$folder/context" <<'DOCKERFILE'
FROM python:3.11-slim
COPY constraints.txt /tmp/
RUN pip install --no-cache-dir -c /tmp/constraints.txt 'moto[s3,server]'
RUN printf '#!/bin/sh\nexec python -c "import urllib.request as r; r.urlopen(\\"http://127.0.0.1:9000/moto-api/\\", timeout=4)"\n' >/usr/local/bin/mc && chmod 755 /usr/local/bin/mc
ENTRYPOINT ["/bin/sh", "-c", "exec moto_server -H 0.0.0.0 -p 9000"]
DOCKERFILE
