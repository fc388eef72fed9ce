#!/usr/bin/env bash
# Sends the whole corpus (ordinary/ and odd/) through `ama send` into an empty archive, fetches every message back, and
# follows every receipt to its record: the bytes under it must be those that were sent, and the counters must add up.
set -euo pipefail
export LC_ALL=C DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

usage() {
  cat <<'TEXT'
Usage: infra/corpus-roundtrip.sh [--no-build] [--connections N] [--keep DIR]

  --no-build        take what is built in bin/Release
  --connections N   SMTP connections, default 8
  --keep DIR        work in DIR (must be empty) and leave everything there

AMA_CORPUS names the corpus (default: ../shared/corpus beside the clone). Needs curl.
TEXT
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
corpus=$(realpath "${AMA_CORPUS:-$root/../shared/corpus}" 2>/dev/null || true)
build=yes connections=8 work=
while [ $# -gt 0 ]; do
  case $1 in
    --help|-h) usage; exit 0 ;;
    --no-build) build=no; shift ;;
    --connections) connections=$2; shift 2 ;;
    --keep) work=$(realpath -m "$2"); shift 2 ;;
    *) usage >&2; exit 2 ;;
  esac
done

fail() {
  echo "infra/corpus-roundtrip.sh: $*" >&2
  exit 1
}

[ -d "$corpus/ordinary" ] || fail "no corpus; AMA_CORPUS names its folder"
command -v curl >/dev/null || fail "curl is missing"
if [ "$build" = yes ]; then
  for project in Silo/Embedded Gateway/Cli; do
    dotnet build -c Release -v quiet --disable-build-servers "$root/$project" </dev/null
  done
fi

archive=
cleanup() {
  if [ -n "$archive" ] && kill -TERM "$archive" 2>/dev/null; then wait "$archive" || true; fi
  if [ -z "$kept" ]; then rm -rf "$work"; fi
}
kept=$work
[ -n "$work" ] || work=$(mktemp -d)
mkdir -p "$work"
[ -z "$(ls -A "$work")" ] || fail "$work is not empty"
trap cleanup EXIT

start_archive() {
  dotnet "$root/Silo/Embedded/bin/Release/net10.0/AMA.Silo.Embedded.dll" "--AMA:DataDirectory=$work/data" \
    --AMA:Smtp:Endpoint=127.0.0.1:0 --AMA:Smtp:ImplicitTlsEndpoint=127.0.0.1:0 --AMA:Web:Endpoint=http://127.0.0.1:0 \
    </dev/null >"$work/screen" 2>"$work/errors" &
  archive=$!
  local seconds
  for seconds in $(seq 120); do
    grep -q 'Ctrl-C stops' "$work/screen" && break
    kill -0 "$archive" 2>/dev/null || fail "the archive did not start: $(cat "$work/screen" "$work/errors")"
    [ "$seconds" -lt 120 ] || fail "the archive was not ready after $seconds s"
    sleep 1
  done
  smtp=$(sed -n 's/.*SMTP (STARTTLS) *\([0-9.:]*\).*/\1/p' "$work/screen")
  url=$(sed -n 's|.*REST API *\(http://[0-9.:]*\)/.*|\1|p' "$work/screen")
}

ama() {
  AMA_CONFIG=$work/session.json AMA_DATA_DIRECTORY=$work/data AMA_URL=$url AMA_SMTP=$smtp \
    dotnet "$root/Gateway/Cli/bin/Release/net10.0/ama.dll" "$@"
}

make_tenant() {
  head -c 24 /dev/urandom | base64 >"$work/password"
  ama tenant create corpus --journal journal@corpus.example --second-factor off
  ama source add network 127.0.0.0/8 --tenant corpus
  ama user create auditor --tenant corpus --role auditor --password-file "$work/password"
  ama login --tenant corpus --user auditor --password-stdin <"$work/password"
  token=$(sed -n 's/.*"token": *"\([^"]*\)".*/\1/p' "$work/session.json")
}

# Files are named one by one: what is named is taken at its word, also what does not look like mail.
send_all() {
  local files
  mapfile -d '' files < <(find "$corpus/ordinary" "$corpus/odd" -type f ! -name '*.index.tsv.gz' -print0 | sort -z)
  ama send --to journal@corpus.example --connections "$connections" --receipts "$work/receipts" "${files[@]}"
  ama status --wait-drained --timeout 3600 --json | tail -n 1 >"$work/status"
}

# Of every record the bytes and the view, several at a time over kept connections.
fetch_all() {
  mkdir -p "$work/raw" "$work/view"
  ama search --all --json | grep -o '"id": *"[0-9a-f]\{32\}"' | grep -o '[0-9a-f]\{32\}' >"$work/ids"
  local id
  while read -r id; do
    printf 'url = "%s/v1/messages/%s/raw"\noutput = "%s"\n' "$url" "$id" "$work/raw/$id"
    printf 'url = "%s/v1/messages/%s"\noutput = "%s"\n' "$url" "$id" "$work/view/$id"
  done <"$work/ids" >"$work/requests"
  # A tenant may have so many reads in a minute; beyond them the answer is to come again.
  curl --no-progress-meter --fail --retry 30 --retry-all-errors --parallel --parallel-max "$connections" \
    --header "Authorization: Bearer $token" --config "$work/requests"
}

# "receipt sha256", of what was sent and of what is archived: the same lines, or something is missing, double or changed.
compare() {
  awk -F '\t' '$3 == "delivered" { print $4, $2 }' "$work/receipts" | sort >"$work/sent"
  (cd "$work/raw" && find . -type f -printf '%f\n' | sort | xargs -n 500 sha256sum) | awk '{ print $2, $1 }' >"$work/hashes"
  (cd "$work/view" && grep -o '"receipt": *"[^"]*"' -r . | sed 's/^\.\/\([^:]*\):.*"\([^"]*\)"$/\1 \2/') | sort >"$work/deliveries"
  join "$work/hashes" "$work/deliveries" | awk '{ print $3, $2 }' | sort >"$work/archived"
  diff "$work/sent" "$work/archived" >"$work/differences" \
    || fail "$(wc -l <"$work/differences") lines of difference between sent (<) and archived (>):
$(head "$work/differences")"
}

number() {
  grep -o "\"$1\": *[0-9]*" "$work/status" | grep -o '[0-9]*$'
}

expect() {
  [ "$(number "$1")" -eq "$2" ] || fail "status says $1 = $(number "$1"), should be $2: $(cat "$work/status")"
}

count() {
  local delivered different unsent
  delivered=$(wc -l <"$work/sent")
  different=$(cut -d ' ' -f 2 "$work/sent" | sort -u | wc -l)
  unsent=$(awk -F '\t' '$3 != "delivered"' "$work/receipts" | wc -l)
  [ "$delivered" -ge 6214 ] || fail "only $delivered messages were sent"
  [ "$unsent" -eq 0 ] || fail "$unsent were not delivered: $(awk -F '\t' '$3 != "delivered"' "$work/receipts" | head)"
  expect accepted "$delivered"
  expect archived "$different"
  expect indexed "$different"
  expect duplicates $((delivered - different))
  expect quarantined 0
  expect entries 0
  [ "$(wc -l <"$work/ids")" -eq "$different" ] || fail "search lists $(wc -l <"$work/ids") records, should be $different"
  echo "$delivered deliveries, $different records: every receipt leads to the bytes that were sent, and the counters add up"
}

start_archive
make_tenant
send_all
fetch_all
compare
count
