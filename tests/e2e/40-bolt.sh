#!/bin/bash
# Databases that drydock writes anew hold what bbolt says they must, pass its own check, and live on
# under its hands: small, large, deep, of every page size, with changes of every kind.
# shellcheck source=tests/e2e/lib.sh disable=SC2016 # eval expands them
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/bolt/lib.sh
. "$here/bolt/lib.sh"

gopath=/usr/share/gocode
for need in go "$gopath/src/go.etcd.io/bbolt/db.go"; do
	command -v "$need" >/dev/null || [ -e "$need" ] ||
		{ echo "1..0 # SKIP without $need (packages golang-go, golang-github-coreos-bbolt-dev)"; exit 0; }
done
# As it is packaged: no modules, no network.
GO111MODULE=off GOFLAGS='' GOPATH=$gopath GOCACHE=$T/go-cache \
	go build -o "$T/oracle" "$here/bolt/oracle.go"

rewrite_all() {
	local db
	for db in "$T"/bolt/*.db; do
		"$rewriter" "$db" "${db%.db}.new" <"${db%.db}.edit" || return 1
	done
}

mkdir "$T/bolt"
ok "bbolt makes databases" "$T/oracle" make "$T/bolt"
ok "drydock writes them anew" rewrite_all
ok "bbolt finds them whole, right, and fit to live" eval '"$T/oracle" judge "$T/bolt" | tee "$T/judged"'
ok "all of them" grep -qx '50 databases' "$T/judged"

# The judge can say no: a database without its changes is not what it should be.
rm "$T"/bolt/*.new
cp "$T/bolt/records-4096-50.db" "$T/bolt/records-4096-50.new"
ok "what is not as it should be is seen" eval '! "$T/oracle" judge "$T/bolt"'
done_testing
