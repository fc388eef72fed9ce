#!/usr/bin/env bash
# The large counts: what the test command does a few times, many times. Ends with 1 at the first run that fails.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: infra/soak.sh [--no-build] [RUN …]

  kill         20 rounds of kill -9 under load and recovery; AMA_KILL_ROUNDS says otherwise
  corpus       the whole corpus in and out again, byte for byte, by way of the receipts

Without a RUN all of them, in this order. They need the corpus (AMA_CORPUS, default ../shared/corpus beside the clone), curl, a
few GB in the temporary folder, and an hour.
TEXT
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=yes
runs=()
for argument in "$@"; do
  case $argument in
    --help|-h) usage; exit 0 ;;
    --no-build) build=no ;;
    kill|corpus) runs+=("$argument") ;;
    *) usage >&2; exit 2 ;;
  esac
done
[ ${#runs[@]} -gt 0 ] || runs=(kill corpus)
[ "$build" = no ] || dotnet build AMA.sln -c Release --disable-build-servers -warnaserror -v quiet </dev/null

for run in "${runs[@]}"; do
  echo "== $run"
  case $run in
    kill) AMA_KILL_ROUNDS=${AMA_KILL_ROUNDS:-20} infra/test.sh --no-build --only Cluster -class '*KillTests' ;;
    corpus) infra/corpus-roundtrip.sh --no-build ;;
  esac
done
echo "All runs passed: ${runs[*]}"
