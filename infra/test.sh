#!/usr/bin/env bash
# The test command: installs what the tests need, builds with warnings as errors, runs every test program, and closes
# with "N passed, N failed, N skipped". Ends with 1 when a test failed, a program broke off or nothing ran.
set -uo pipefail
export LC_ALL=C DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# Tests run most code a few times: to profile it for a better compilation costs a third of their CPU and never pays.
export DOTNET_TieredPGO=0

usage() {
  cat <<'TEXT'
Usage: infra/test.sh [--no-build] [--only PROGRAM] [XUNIT OPTION …]

  --no-build       take what is built in bin/Release
  --only PROGRAM   one test program: Unit or Cluster
  XUNIT OPTION     goes to the test programs, for instance
                     -class 'AMA.Tests.Unit.Tidy.*'    -method '*Threat_06*'
                     -trait- 'Needs=Corpus'            -explicit only

AMA_CORPUS names the folder with the test mail (default: ../shared/corpus beside the clone); tests that need it and
don't find it are skipped and say so.
TEXT
}

# Debian packages that tests call, as "program package"; installed only when the program is missing. A program with a
# slash is a file, of which one has to be there.
readonly NEEDED=("softhsm2-util softhsm2" "gdb gdb" "zbarimg zbar-tools" "oathtool oathtool" "strace strace"
  "postfix postfix" "/usr/lib/*/sasl2/libplain.so libsasl2-modules" "openssl openssl" "testssl testssl.sh"
  "swaks swaks" "/usr/lib/*/perl5/*/Net/SSLeay.pm libnet-ssleay-perl")

# A test program that runs longer hangs: the whole run is to stay below 20 minutes, and one class is a small part of it.
# AMA_TEST_SECONDS_MAX sets another limit, for long runs.
readonly PROGRAM_SECONDS_MAX=${AMA_TEST_SECONDS_MAX:-600}
readonly CLASS_SECONDS_MAX=${AMA_TEST_SECONDS_MAX:-420}

# Test processes side by side.
readonly CLASSES_AT_ONCE=2

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
export AMA_CORPUS=${AMA_CORPUS:-$root/../shared/corpus}

build=yes
programs=(Unit Cluster)
while [ $# -gt 0 ]; do
  case $1 in
    --help|-h) usage; exit 0 ;;
    --no-build) build=no; shift ;;
    --only) programs=("${2:?"--only needs Unit or Cluster"}"); shift 2 ;;
    *) break ;;
  esac
done

fail() {
  echo "infra/test.sh: $*" >&2
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_needed() {
  local missing=() pair
  for pair in ${NEEDED[@]+"${NEEDED[@]}"}; do
    is_there "${pair% *}" || missing+=("${pair#* }")
  done
  [ ${#missing[@]} -eq 0 ] && return
  echo "Installing ${missing[*]}"
  refuse_daemons
  as_root apt-get update -q </dev/null >/dev/null || fail "apt-get update failed"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}" \
    </dev/null >/dev/null || fail "could not install ${missing[*]}"
  [ -z "$guard" ] || as_root rm -f "$guard"
  trap - EXIT
}

is_there() {
  case $1 in
    /*) compgen -G "$1" >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

# A package that brings a service starts it when it is installed, unless somebody says no: nothing is to listen here that
# a test has not started. What says no already stays as it is.
guard=
refuse_daemons() {
  [ -e /usr/sbin/policy-rc.d ] && return
  guard=/usr/sbin/policy-rc.d
  trap 'as_root rm -f "$guard"' EXIT
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$guard" >/dev/null
  as_root chmod 755 "$guard"
}

# One number of the <assembly …> element in an xunit report (all of it may be one line); 0 when it isn't there.
count() {
  local number
  number=$(grep -o '<assembly [^>]*>' "$2" | head -n 1 | sed -n 's/.* '"$1"'="\([0-9]*\)".*/\1/p')
  echo "${number:-0}"
}

# What each failure said, to be told once more at the end: a pipeline keeps only the last part of a long output.
readonly FAILURE_LINES_MAX=30
keep_failures() {
  awk -v max="$FAILURE_LINES_MAX" '
    /\[FAIL\]$/ { left = max; print; next }
    left > 0 && /^      / { left--; print; next }
    { left = 0 }' "$1" >>"$failures_seen"
}

passed=0 failed=0 skipped=0 reports=0

# Runs one test program and leaves its report, output, exit code and length in files beside $report.
run() {
  local report=$1 name=$2 seconds=$3 begun=$SECONDS
  shift 3
  timeout --kill-after=30 "$seconds" dotnet "Tests/$name/bin/Release/net10.0/AMA.Tests.$name.dll" \
    -noLogo -noColor -reporter quiet -result-xml "$report" "$@" </dev/null >"$report.log" 2>&1
  echo "$? $((SECONDS - begun))" >"$report.end"
}

# Prints what a run left behind, and counts it.
tally() {
  local report=$1 title=$2 code took
  read -r code took <"$report.end"
  echo "== Tests/$title"
  cat "$report.log"
  keep_failures "$report.log"
  if [ ! -s "$report" ]; then
    echo "Tests/$title broke off with exit code $code, without a report" | tee -a "$failures_seen"
    failed=$((failed + 1))
    return
  fi
  local failures=$(($(count failed "$report") + $(count errors "$report")))
  passed=$((passed + $(count passed "$report")))
  skipped=$((skipped + $(count skipped "$report")))
  # A program that counts no failure and still ends badly died after its last test.
  if [ "$failures" -eq 0 ] && [ "$code" -ne 0 ] && [ "$(count total "$report")" -gt 0 ]; then
    failures=1
    echo "Tests/$title ended with exit code $code after its last test" | tee -a "$failures_seen"
  fi
  failed=$((failed + failures))
  echo "   $(count passed "$report") passed, $failures failed, $took s"
}

next_report() {
  reports=$((reports + 1))
  report=$results/$reports.xml
}

run_alone() {
  local name=$1
  next_report
  run "$report" "$name" "$PROGRAM_SECONDS_MAX" "${@:2}"
  tally "$report" "${*:1:3}"
}

# One process of the running ones has ended: its output is shown.
reap() {
  local ended
  wait -n -p ended "${!running[@]}"
  tally ${running[$ended]}
  unset "running[$ended]"
}

# The classes of Cluster start whole archives: each in a process of its own, so that none inherits another's threads,
# ports and memory. They wait for disks and clocks much of their time, so that several go side by side.
run_classes() {
  local classes class
  local -A running=()
  classes=$(dotnet Tests/Cluster/bin/Release/net10.0/AMA.Tests.Cluster.dll -noLogo -noColor -list classes </dev/null \
    | grep '^AMA\.')
  [ -n "$classes" ] || fail "Tests/Cluster lists no test"
  for class in $classes; do
    while [ ${#running[@]} -ge "$CLASSES_AT_ONCE" ]; do reap; done
    next_report
    run "$report" Cluster "$CLASS_SECONDS_MAX" -class "$class" &
    running[$!]="$report Cluster/${class#AMA.Tests.Cluster.}"
  done
  while [ ${#running[@]} -gt 0 ]; do reap; done
}

command -v dotnet >/dev/null || fail "the .NET SDK $(sed -n 's/.*"version": "\([^"]*\)".*/\1/p' global.json) is missing"
install_needed
if [ "$build" = yes ]; then
  # No build server may outlive the run: a pipeline would wait for it.
  dotnet build AMA.sln -c Release --disable-build-servers -warnaserror -v quiet </dev/null \
    || fail "the build is broken or has warnings"
fi

results=$(mktemp -d)
failures_seen=$results/failures.log
trap 'for run in $(jobs -p); do pkill -P "$run"; done; rm -rf "$results"' EXIT
trap 'exit 130' INT TERM
for program in "${programs[@]}"; do
  if [ "$program" = Cluster ] && [ $# -eq 0 ]; then run_classes; else run_alone "$program" "$@"; fi
done

if [ -s "$failures_seen" ]; then
  echo "== What failed"
  cat "$failures_seen"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
