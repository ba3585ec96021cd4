#!/bin/sh
# fixture.sh - unpacks a captured data root: fixture.sh NAME DIR (fixture.sh alone lists them).
# DIR must not exist. Whoever has to run a daemon on it must show it at /var/lib/docker
# (LAB_AT of tests/e2e/lab), where it was captured: container records hold absolute paths.
set -eu
roots=$(cd "$(dirname "$0")/../fixtures/roots" && pwd)
die() { echo "fixture.sh: $*" >&2; exit 1; }

if [ $# -eq 0 ]; then
	sed 's/.*  //; s/\.tar\.zst$//' "$roots/SHA256SUMS"
	exit 0
fi
[ $# -eq 2 ] || die "usage: fixture.sh [NAME DIR]"
name=$1 dir=$2
[ "$(id -u)" -eq 0 ] || die "needs root: data roots hold devices, owners and trusted.* attributes"
[ ! -e "$dir" ] || die "$dir exists"
grep "  $name\.tar\.zst\$" "$roots/SHA256SUMS" | (cd "$roots" && sha256sum --check --status) ||
	die "$name: no such fixture, or its checksum is wrong"
mkdir -p "$dir"
# tar only warns when it cannot set an attribute or make a device: any word is a failure.
words=$(zstd -q -dc --long=27 "$roots/$name.tar.zst" |
	tar -C "$dir" -x --warning=no-timestamp --xattrs --xattrs-include='*' --acls --numeric-owner --same-owner -p 2>&1) ||
	die "$name: $words"
[ -z "$words" ] || die "$name: $words"
[ -s "$dir/image/overlay2/repositories.json" ] || die "$name: incomplete"
