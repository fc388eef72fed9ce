#!/usr/bin/env bash
# The large counts: what the test command does a few times, many times. Ends with 1 at the first run that fails.
set -euo pipefail
export AMA_TEST_SECONDS_MAX=14400

usage() {
  cat <<'TEXT'
Usage: infra/soak.sh [--no-build] [RUN …]

  kill         20 rounds of kill -9 under load and recovery; AMA_KILL_ROUNDS says otherwise
  corpus       the whole corpus in and out again, byte for byte, by way of the receipts
  crowd        8,000 idle and 800 slow SMTP connections beside one honest sender, whose p99 may double; AMA_CROWD says
               otherwise. Needs a quiet machine and two file descriptors for each
  faults       every system call that makes a message durable fails in turn, with each error and with a kill; writes the
               table in docs/faults.md. Needs root and strace
  fuzz         coverage-guided: the SMTP body reader and command parser, half an hour each; AMA_FUZZ_SECONDS says
               otherwise, AMA_FUZZ_SEED names the seed (a new one each time). First the known mistakes must be found.
  leases       1,000 random lives of a silo's leases: no key used after its end
  merkle       every leaf of every tree of up to 300 entries, and every size as the beginning of every later one
  testssl      all of testssl.sh against both SMTP ports
  timing       whether the time of a refused sign-in tells who has an account: 10,000 tries of each kind, Welch's t-test;
               AMA_TIMING_TRIES says otherwise. Needs a quiet machine and two hours

Without a RUN all of them, in this order. They need the corpus (AMA_CORPUS, default ../shared/corpus beside the clone), curl, a
few GB in the temporary folder and four hours.
TEXT
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=yes
runs=()
for argument in "$@"; do
  case $argument in
    --help|-h) usage; exit 0 ;;
    --no-build) build=no ;;
    kill|corpus|crowd|faults|fuzz|leases|merkle|testssl|timing) runs+=("$argument") ;;
    *) usage >&2; exit 2 ;;
  esac
done
[ ${#runs[@]} -gt 0 ] || runs=(kill corpus crowd faults fuzz leases merkle testssl timing)
[ "$build" = no ] || dotnet build AMA.sln -c Release --disable-build-servers -warnaserror -v quiet </dev/null

fuzz() {
  local seed=${AMA_FUZZ_SEED:-$RANDOM} target
  copy=$(mktemp -d)
  trap 'rm -rf "$copy"' EXIT
  dotnet Tests/Fuzz/bin/Release/net10.0/AMA.Tests.Fuzz.dll instrument "$copy"
  for target in body command; do
    if AMA_FUZZ_CANARY=1 dotnet "$copy/AMA.Tests.Fuzz.dll" guided "$target" 300 "$seed"; then
      echo "the known mistake in $target was not found" >&2
      return 1
    fi
    dotnet "$copy/AMA.Tests.Fuzz.dll" guided "$target" "${AMA_FUZZ_SECONDS:-1800}" "$seed"
  done
}

for run in "${runs[@]}"; do
  echo "== $run"
  case $run in
    kill) AMA_KILL_ROUNDS=${AMA_KILL_ROUNDS:-20} infra/test.sh --no-build --only Cluster -class '*KillTests' ;;
    corpus) infra/corpus-roundtrip.sh --no-build ;;
    crowd) infra/test.sh --no-build --only Unit -method '*.Crowd_*' -explicit only ;;
    faults) AMA_FAULTS_PAGE=$PWD/docs/faults.md \
      infra/test.sh --no-build --only Cluster -method '*.FaultMatrix_InFull' -explicit only ;;
    fuzz) fuzz ;;
    leases) infra/test.sh --no-build --only Unit -method '*.Threat_38_AThousand*' -explicit only ;;
    merkle) infra/test.sh --no-build --only Unit -class '*.MerkleTreeTests' -explicit only ;;
    testssl) infra/test.sh --no-build --only Cluster -method '*.TestSsl_InFull_*' -explicit only ;;
    timing) infra/test.sh --no-build --only Cluster -class '*TimingTests' -explicit only ;;
  esac
done
echo "All runs passed: ${runs[*]}"
