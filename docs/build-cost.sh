#!/usr/bin/env bash
# Measures what generating at build time costs: clean builds of iam-client with
# the build step and with its output at hand, per feature, and the peak memory
# of the largest process. Prints a table; docs/build-cost.md quotes it as ratios.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo xtask generate --no-build >/dev/null

# The same crate without the build step.
mkdir "$work/plain"
cp -rL "$root/iam-client/src" "$root/iam-client/Cargo.toml" "$work/plain/"
cp -r "$root/target/generated" "$work/plain/generated"
sed -i 's|concat!(env!("OUT_DIR"), "|concat!(env!("CARGO_MANIFEST_DIR"), "/generated|' "$work/plain/src/lib.rs"
python3 - "$root" "$work/plain" <<'PYTHON'
import re, sys
root, plain = sys.argv[1:]
text = open(f"{plain}/Cargo.toml").read()
text = re.sub(r"\[build-dependencies\]\n.*?\n\n", "", text, flags=re.S)
text = re.sub(r"\[dev-dependencies\]\n.*?\n\n", "", text, flags=re.S)
open(f"{plain}/Cargo.toml", "w").write(text)
manifest = open(f"{root}/Cargo.toml").read()
manifest = re.sub(r"members = .*\n", 'members = ["."]\n', manifest)
manifest = re.sub(r"default-members = .*\n", "", manifest)
manifest = re.sub(r'(iam-\w+) = \{ path = .*\n', "", manifest)
open(f"{plain}/Cargo.toml", "a").write("\n" + manifest)
PYTHON
cp "$root/Cargo.lock" "$work/plain/"

measure() { # label, directory, cargo arguments
  local label=$1 directory=$2
  shift 2
  local target=$work/target
  rm -rf "$target"
  (cd "$directory" && CARGO_TARGET_DIR=$target python3 - "$label" "$@" <<'PYTHON'
import os, resource, subprocess, sys, time
label, *arguments = sys.argv[1:]
start = time.monotonic()
subprocess.run(["cargo", *arguments], check=True, stderr=subprocess.DEVNULL)
wall = time.monotonic() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{label:44} {wall:6.1f} s {used.ru_utime + used.ru_stime:6.1f} CPU s {used.ru_maxrss // 1024:6} MB")
PYTHON
  )
}

measure 'all services, build step' "$root" build -p iam-client
measure 'all services, output at hand' "$work/plain" build
for service in identity policy_management access_groups; do
  measure "$service alone, build step" "$root" build -p iam-client --no-default-features --features "$service"
done
measure 'runtime alone' "$root" build -p iam-client --no-default-features
measure 'all services, build step, release' "$root" build -p iam-client --release
measure 'all services, output at hand, release' "$work/plain" build --release
