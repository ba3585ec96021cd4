#!/bin/sh
# What a prune prints, to the letter: as Docker prints it, in sorted lists, with what drydock adds.
# tests/e2e/46-output.sh compares the same with real clients.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # eval expands them
. "${0%/*}/lib.sh"

count=0
check() {
	ok "$@"
	count=$((count + 1))
}

# root NAME: drydock works on a fresh copy of the fixture from here on.
root() {
	R=$T/$1
	rm -rf "$R"
	fixture "$1" "$R"
}

drydock() { run --root "$R" "$@"; }

# The blocks that a file takes depend on the file system below.
blocks() { sed 's/^\(.* on disk: \)[0-9.]*[kM]\{0,1\}B, /\1SIZE, /' "$T/out"; }

# prints: stdout is stdin, but for blocks.
prints() { blocks | diff - "$T/expected"; }
expect() { cat >"$T/expected"; }

# --- all there is to a system prune, first without removing
root kit-28.5
expect <<'END'
Would delete containers:
509ce5a08721d36893a92eb0396783d233cd796aa6a7c16f738388425a41d5ee  4.728kB
8353241bd30dab07460ca29d8786cc35e2c50f7411b315268a61d97809cb111b  5.334kB

Would delete networks:
backend

Would delete volumes:
490c83a6343e724fd341a065ad53dce826a56f86c210fcaa059f8ad2eb5fff21  0B
e8e88c84a30f5ae2351206887e56682b49b0fc7d1d8e056ea5783482973bce81  0B

Would delete images:
untagged: base:latest
deleted: sha256:27c4100ab6d6e619e6bd3e397bedb9dd357ebd8e89497d2a6c3ab04a519ef2d9
untagged: my-image:latest
deleted: sha256:5ec16e230aa50418aa2b15e6eec435ea3b086e7697dd222cf8b391914ab84857
deleted: sha256:cc1e920902863d74c75f090eb4762c37c286185af2da2865e20de38afc3904d7
untagged: service:1
deleted: sha256:e2be6acb2175dc3594a260bde13e4769bf350111e8a1284e83aff822ff4e34dd

Would delete build cache objects:
5hudx58gxaljr41lghjrxkorj  6B
crw5xje9kv4u03xrxksb3ysc0  14B
d4ctjo63hc1xnshb30o1rdj47  29B
lc3ppnyogi2z48dews36mwzlr  0B
nitxw1lccy3dp4nl4n21v9s17  79B
phd813onj0hk326g5nn92tb48  6B
ptyggcth8vcmaegdew5l8gxh5  12B
qh7g6145bto79z1xc6yllu7an  29B
rrc7bfahypj47ftz7ficdpnlx  215B
v9hznchsw89dtase6ziszn433  0B
vsks2ed5n855g8trig7n0rw5k  29B
lafwj0s2hnj47tjc2jqstbl5h  0B

Would free on disk: SIZE, 481 inodes
Total reclaimable space: 419B
END
drydock system prune -a --volumes --dry-run
check "dry run of system prune -a --volumes" prints
check "says nothing on stderr" is_empty err
drydock system prune -a --volumes --dry-run --format json
cp "$T/out" "$T/planned.json"

sed -e 's/^Would delete \([a-z]\)/Deleted \1/; s/^Would free on/Freed on/; s/reclaimable/reclaimed/; s/  [0-9.]*k*B$//' \
	-e 's/^Deleted containers/Deleted Containers/; s/^Deleted networks/Deleted Networks/' \
	-e 's/^Deleted volumes/Deleted Volumes/; s/^Deleted images/Deleted Images/' \
	"$T/expected" >"$T/done" && mv "$T/done" "$T/expected"
drydock system prune -a --volumes -f
check "system prune -a --volumes prints the same in Docker's words" prints
check "and nothing on stderr" is_empty err
drydock system prune -a --volumes -f
check "a second run prints one line" sh -c "[ \"\$(cat '$T/out')\" = 'Total reclaimed space: 0B' ]"

# --- the same as JSON: planned and done
root kit-28.5
drydock system prune -a --volumes -f --format json
cp "$T/out" "$T/done.json"
# What the two documents say of the same things; sums by Docker's rule.
cat >"$T/compare.py" <<'END'
import json, sys
planned, done = (json.load(open(name)) for name in sys.argv[1:3])
kinds = {"untag": 3, "container": 2, "image-metadata": 4, "image": 4, "build-cache-mark": 18,
         "network": 1, "volume": 2, "mount": 2, "layer": 5, "link": 16, "directory": 16,
         "build-cache-lease": 12, "build-cache-snapshot": 17, "build-cache-record": 18}
keys = ["kind", "reason", "object", "path", "detail", "size_bytes", "apparent_bytes",
        "allocated_bytes", "inodes"]
totals = ["actions", "reclaimed_bytes", "apparent_bytes", "allocated_bytes", "inodes"]
assert list(planned) == ["version", "root", "digest", "objects", "actions", "kept", "totals"], list(planned)
assert list(done) == ["version", "root", "digest", "run", "state", "objects", "actions", "kept",
                      "totals"], list(done)
assert planned["digest"] == done["digest"] and done["state"] == "done" and done["run"] == 1
for document, more in ((planned, []), (done, ["is_done"])):
    count = {}
    for action in document["actions"]:
        assert list(action) == keys + more, action
        assert action["reason"] == "pruned" and action.get("is_done", True), action
        count[action["kind"]] = count.get(action["kind"], 0) + 1
    assert count == kinds, count
    assert list(document["totals"]) == totals, document["totals"]
    assert document["totals"]["actions"] == sum(kinds.values())
    assert document["totals"]["reclaimed_bytes"] == 419 == \
        sum(action["size_bytes"] or 0 for action in document["actions"])
    for key in totals[2:]:
        assert document["totals"][key] == sum(action[key] for action in document["actions"]), key
assert planned["objects"] == done["objects"]
types = {}
for item in done["objects"]:
    assert list(item) == ["type", "object", "is_untagged", "size_bytes"], item
    assert item["is_untagged"] == (":" in item["object"] and not item["object"].startswith("sha256:"))
    types[item["type"]] = types.get(item["type"], 0) + 1
assert types == {"container": 2, "network": 1, "volume": 2, "image": 7, "build-cache": 12}, types
same = lambda document: [[action[key] for key in keys] for action in document["actions"]]
assert same(planned) == same(done)
network = [action for action in done["actions"] if action["kind"] == "network"][0]
assert network["detail"] == "backend" and network["path"] == "network/files/local-kv.db", network
END
check "JSON of the dry run and of the run have every object, and add up" \
	python3 "$T/compare.py" "$T/planned.json" "$T/done.json"
drydock run show 1
check "run show names what has a name" eval \
	'grep -E -q "^4 +container +509ce5a08721 +other +erased" "$T/out" &&
		grep -E -q "^2 +untag +my-image:latest +- +erased" "$T/out" &&
		grep -E -q "^[0-9]+ +network +df8b2824f3ff +backend +erased +0B" "$T/out"'

# --- verb by verb
root rich-20.10
expect <<'END'
Deleted Networks:
unused-net

END
drydock network prune -f
check "network prune ends without a total, as Docker's" prints
drydock network prune -f
check "and prints nothing when there is nothing" is_empty out
drydock network prune --dry-run
expect <<'END'
Total reclaimable space: 0B
END
check "its dry run says so" prints
drydock network prune -f --format json
check "JSON always has totals" grep -q '"totals":{"actions":0,"reclaimed_bytes":0,' "$T/out"

expect <<'END'
Total reclaimed space: 0B
END
drydock volume prune -f
check "volume prune of a Docker that marked none removes none" prints
check "and says what cannot be known" eval "says err \
	\"drydock: note: 1 unused volume may be anonymous, but Docker before 23.0 did not mark such ones; 'drydock volume prune -a'\""
expect <<'END'
Deleted Volumes:
41f3e4d159863b9c681f53f3935408af52d2c63c378dfd053fcdd650bfc18a6a
unused

Freed on disk: SIZE, 6 inodes
Total reclaimed space: 34B
END
drydock volume prune -af
check "volume prune -a" prints

expect <<'END'
Deleted Images:
deleted: sha256:66ac01c1f0f499f579a69bb1ac37c068a8316ef7ecca1d56b3a08bef786c0679
deleted: sha256:9dfc1f9a85078a95b1e3153dd5b4cfaca3cefcffae9f2110ebf7709d5b5dd04c
deleted: sha256:6bc1e79a498cf5e8eb5756b370eeaec8ecfab370e5212dee662edac3fa37e048
deleted: sha256:8d537085f97e3964c4bf1041da49d2390d15bda2d2d082b3fe6dbe924c5a8fa6
deleted: sha256:d357fa6a6d5395d32177d8ec37fc3f5ec8e02b8e4adc278038dd5fba94c24696
deleted: sha256:f2c4438de156be07d402a9791a4c2530a23ee3e4ab654c44ac58b5b7f98530a2

Freed on disk: SIZE, 28 inodes
Total reclaimed space: 5B
END
drydock image prune -f
check "image prune" prints

root rich-20.10
expect <<'END'
Deleted build cache objects:
170823kzvo0gk44kelhqbv7dy
azhqbijbeotfsp0do4192d2tq
f9l22qo2bwxjmtih1hzq2mzjq
jujr8vjkyz5kp3jwbdeln0un4
k7o3x1ukfhog5hscj2ydy2w7v
m2z1m72w3xlp35wkohhdtyt8k
wu6k1t99ed8srvqrxukkr8ip8
xe4aqyhnl1k0npl77ejv53nao
y4qfhf48d73kgkvdjjbwck3hv
zm00ys162hihw2ifsxviua2p4
syq6lo6ilcjt9h17ze6is7s9h

Freed on disk: SIZE, 360 inodes
Total reclaimed space: 199.3kB
END
drydock builder prune -f
check "builder prune" prints

drydock builder prune -a --dry-run --format json
check "builder prune -a names every record, with sizes that add up" python3 -c '
import json, sys
document = json.load(open(sys.argv[1]))
assert {item["type"] for item in document["objects"]} == {"build-cache"}
assert len(document["objects"]) == 20, len(document["objects"])
assert sum(item["size_bytes"] for item in document["objects"]) == \
    document["totals"]["reclaimed_bytes"] > 300000' "$T/out"

# --- the question
# asked ANSWER ARG...: what drydock shows on a terminal; the terminal shows the answer, too
asked() {
	answer=$1
	shift
	printf '%s\n' "$answer" | script -qec "$BIN --root $R $*" "$T/screen" >/dev/null || true
	tr -d '\r' <"$T/screen" | sed '1d; /^Script done/d' | sed -e '1{/^[ny]$/d}' -e '${/^$/d}' >"$T/out"
}
if command -v script >/dev/null; then
	root seed-20.10
	expect <<'END'
WARNING! This will remove:
  - all stopped containers
  - all networks not used by at least one container
  - all anonymous volumes not used by at least one container
  - all images without at least one container associated to them
  - all build cache
  - all layers, directories and leftovers that nothing needs

  Items to be pruned will be filtered with:
  - label!=keep

  Images that stay in any case:
  - --keep base

Would delete images:
deleted: sha256:4177c756a33106669e316ad39a8cdd3f76964af6400b274894e969b5b51b936d
deleted: sha256:bc4d748861c61104d27773836aec210d3d260b137de984c8e58ef539c325d7e8
deleted: sha256:2839d1d0cd2268988ee1f10d87ad38463ca8c16d48651a52f014958a5a11c0a9  12B
untagged: my-image:latest
deleted: sha256:c8eff180ebd6d1f5139ee49b7f5062ea999a02b1f6ea2cacdd7993efe4313e14
deleted: sha256:55744d9b851d527fe55fd06593549d1b7369f172302edf372ad423db65f9aa1d
deleted: sha256:06cf8315dfeb55748673abd16d7ce32f815a9ced507532e506d59e74019aa96c  14B

Would free on disk: SIZE, 42 inodes
Total reclaimable space: 26B

Are you sure you want to continue? [y/N] drydock: nothing was removed
END
	asked n -q system prune -a --volumes --filter label!=keep --keep base
	check "the question says what will go, what is filtered and what stays" prints
	asked n network prune
	check "network prune without anything asks nothing" is_empty out

	root kit-28.5
	expect <<'END'
WARNING! This will remove anonymous local volumes not used by at least one container.

Would delete volumes:
490c83a6343e724fd341a065ad53dce826a56f86c210fcaa059f8ad2eb5fff21  0B

Would free on disk: SIZE, 2 inodes
Total reclaimable space: 0B

Are you sure you want to continue? [y/N] drydock: nothing was removed
END
	asked n volume prune
	check "volumes are named with their sizes before the question" prints
fi

plan "$count"
done_testing
