#!/bin/sh
# Lists 100,000 API keys of a local server with this client and with IBM's Python
# SDK, and prints the ratio. Needs cargo, python3 with venv, and a package index.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet ibm-platform-services==0.77.1
bench=$(cargo bench -p iam-client --bench calls --no-run --message-format json |
    sed -n 's/.*"name":"calls".*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)

IAM_BENCH_SERVE=1 "$bench" >"$work/url" &
server=$!
while ! [ -s "$work/url" ]; do sleep 0.1; done
url=$(cat "$work/url")

ours=$(IAM_BENCH_LIST="$url" "$bench")
theirs=$("$work/venv/bin/python" iam-client/benches/list_api_keys.py "$url")
echo "iam-client: $ours s; IBM's Python SDK: $theirs s"
echo "$ours $theirs" | awk '{ printf "ratio: %.1f\n", $4 / $2 }'
