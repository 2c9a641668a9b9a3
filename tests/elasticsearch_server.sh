#!/usr/bin/env bash
# A real Elasticsearch server for tests, without containers: Elastic's own minimal build from Maven Central.
#
#   tests/elasticsearch_server.sh start FOLDER    prints its address, which is what ELASTICSEARCH_URL wants
#   tests/elasticsearch_server.sh stop FOLDER     a later start goes on with the same data at the same address
#   tests/elasticsearch_server.sh remove FOLDER   stops it and removes the folder
#   tests/elasticsearch_server.sh fetch           only downloads it (100 MB, once, into HAVENLINK_CACHE)
#
# Needs Java 17, Maven, unzip and python3 (Debian: openjdk-17-jre-headless maven unzip). It takes 15 s and 0.8 GB of memory.
# The server refuses to run as root: for root it runs as the user nobody, who must be able to reach FOLDER (below /tmp).
set -euo pipefail

VERSION=8.19.16
# Of the archive. Whoever raises the version takes it from a file that they trust; repositories do not all keep checksums.
SHA512=97db38d6920fbdace83ce32d041e2e6faf1c895aa03dc3cc75715c952a646021af124f4e49b0a8e2bb066362cdec4d45772a846c613a8f459b7e8260f9d17067
CACHE=${HAVENLINK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/havenlink}
ARCHIVE=$CACHE/elasticsearch-$VERSION.zip
HEAP=${ELASTICSEARCH_HEAP:-512m}

fail() { echo "elasticsearch_server.sh: $*" >&2; exit 1; }
say() { echo "$*" >&2; }

java_home() {
  local home
  for home in "${ES_JAVA_HOME:-}" /usr/lib/jvm/java-17-openjdk-* /usr/lib/jvm/java-1.17.0-openjdk-*; do
    [ -n "$home" ] && [ -x "$home/bin/java" ] && { echo "$home"; return; }
  done
  fail "Java 17 was not found. Install openjdk-17-jre-headless, or name it: ES_JAVA_HOME=/path/of/it"
}

fetch() {
  [ -s "$ARCHIVE" ] && return
  command -v mvn >/dev/null || fail "Maven was not found. Install the package maven."
  mkdir -p "$CACHE"
  local beside
  beside=$(mktemp -d "$CACHE/fetch.XXXXXX")
  say "Fetching Elasticsearch $VERSION (100 MB, once)"
  mvn -q org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy -DoutputDirectory="$beside" \
    -Dartifact="org.elasticsearch.distribution.integ-test-zip:elasticsearch:$VERSION:zip" >&2 ||
    { rm -rf "$beside"; fail "Maven could not fetch it."; }
  echo "$SHA512  $beside/elasticsearch-$VERSION.zip" | sha512sum --quiet --check >&2 ||
    { rm -rf "$beside"; fail "What was fetched is not the archive that is known here (SHA512 in this script)."; }
  # Two that fetch at once do no harm: the last one wins, whole.
  mv -f "$beside/elasticsearch-$VERSION.zip" "$ARCHIVE"
  rm -rf "$beside"
}

free_ports() {
  python3 - <<'PYTHON'
import socket

sockets = [socket.socket() for _ in range(2)]
for each in sockets:
    each.bind(("127.0.0.1", 0))
print(*(each.getsockname()[1] for each in sockets))
PYTHON
}

as_owner() {
  if [ "$(id -u)" = 0 ]; then runuser -u nobody -- "$@"; else "$@"; fi
}

install() {
  command -v unzip >/dev/null || fail "unzip was not found. Install the package unzip."
  mkdir -p "$FOLDER"
  unzip -q "$ARCHIVE" -d "$FOLDER"
  mv "$FOLDER/elasticsearch-$VERSION"* "$FOLDER/server"
  chmod +x "$FOLDER"/server/bin/*
  local http transport
  read -r http transport < <(free_ports)
  cat > "$FOLDER/server/config/elasticsearch.yml" <<YAML
cluster.name: havenlink-tests
discovery.type: single-node
network.host: 127.0.0.1
http.port: $http
transport.port: $transport
path.data: $FOLDER/data
path.logs: $FOLDER/logs
xpack.security.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
YAML
  echo "http://127.0.0.1:$http" > "$FOLDER/address"
  if [ "$(id -u)" = 0 ]; then chown -R nobody "$FOLDER"; fi
}

wait_until_ready() {
  python3 - "$1" <<'PYTHON'
import sys
import time
import urllib.error
import urllib.request

deadline = time.monotonic() + 180
while True:
    try:
        urllib.request.urlopen(sys.argv[1] + "/_cluster/health?wait_for_status=yellow&timeout=10s", timeout=15)
        break
    except OSError:
        if time.monotonic() > deadline:
            sys.exit("it does not answer")
        time.sleep(0.2)
PYTHON
}

# Prints the number of its process, if it runs. The server takes the file away when it ends.
running() {
  local pid
  pid=$(cat "$FOLDER/pid" 2>/dev/null) && [ -n "$pid" ] && grep -qsF "$FOLDER" "/proc/$pid/cmdline" && echo "$pid"
}

start() {
  local java
  java=$(java_home)
  if ! [ -s "$FOLDER/address" ]; then
    fetch
    install
  fi
  if ! running >/dev/null; then
    (
      cd "$FOLDER"
      as_owner env ES_JAVA_HOME="$java" ES_JAVA_OPTS="-Xms$HEAP -Xmx$HEAP" \
        "$FOLDER/server/bin/elasticsearch" -d -p "$FOLDER/pid" >"$FOLDER/start.log" 2>&1 </dev/null
    ) || { tail -n 20 "$FOLDER/start.log" >&2; fail "Elasticsearch did not start."; }
  fi
  wait_until_ready "$(cat "$FOLDER/address")" || { tail -n 20 "$FOLDER"/logs/*.log >&2; fail "It does not answer."; }
  cat "$FOLDER/address"
}

stop() {
  local pid
  pid=$(running) || return 0
  kill -CONT "$pid" 2>/dev/null || true
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 100); do
    [ -d "/proc/$pid" ] || return 0
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
}

verb=${1:-}
if [ "$verb" = fetch ]; then
  fetch
  exit
fi
[ -n "${2:-}" ] || { sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2; }
FOLDER=$(realpath -m "$2")
case $verb in
  start) start ;;
  stop) stop ;;
  remove) stop; rm -rf "$FOLDER" ;;
  *) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
