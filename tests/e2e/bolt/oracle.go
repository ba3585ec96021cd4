// oracle.go - bbolt itself judges what drydock's writer makes of databases of every shape.
//
//	oracle make DIR    makes NAME.db, changes to it in NAME.edit, and NAME.want: bbolt has made them
//	oracle judge DIR   NAME.new is whole, holds what NAME.want holds, and lives on as that does
//
// One file for bbolt 1.3.6 with Go 1.19, as Debian 12 has them; no modules, no network.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math/rand"
	"os"
	"path/filepath"
	"sort"
	"strings"

	bolt "go.etcd.io/bbolt"
)

var pageSizes = []int{4096, 16384, 65536}

// Maximum of bbolt.
const longestKey = 32768

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func open(path string, pageSize int, noFreelist bool) *bolt.DB {
	db, err := bolt.Open(path, 0600, &bolt.Options{
		PageSize: pageSize, NoSync: true, NoFreelistSync: noFreelist, InitialMmapSize: 1 << 28})
	must(err)
	db.AllocSize = 1 << 16
	return db
}

// A bucket, or what can hold buckets: a transaction as bucket of the root.
type holder interface {
	Bucket([]byte) *bolt.Bucket
	CreateBucketIfNotExists([]byte) (*bolt.Bucket, error)
	DeleteBucket([]byte) error
	Cursor() *bolt.Cursor
}

func random(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	r.Read(b)
	return b
}

func text(format string, a ...interface{}) []byte { return []byte(fmt.Sprintf(format, a...)) }

func sub(h holder, name []byte) *bolt.Bucket {
	b, err := h.CreateBucketIfNotExists(name)
	must(err)
	return b
}

// Shapes of databases; p is the size of a page.
var shapes = []struct {
	name string
	fill func(tx *bolt.Tx, r *rand.Rand, p int)
}{
	{"nothing", func(tx *bolt.Tx, r *rand.Rand, p int) {}},
	{"values", func(tx *bolt.Tx, r *rand.Rand, p int) {
		b := sub(tx, []byte("values"))
		for i := 0; i < 5000; i++ {
			must(b.Put(text("%08d", r.Intn(1e8)), random(r, r.Intn(200))))
		}
	}},
	{"overflow", func(tx *bolt.Tx, r *rand.Rand, p int) {
		for _, n := range []int{0, 1, 15, 16, p/4 - 49, p / 4, p/2 - 40, p - 33, p - 32, p - 17, p - 16, p, p + 1, 70000} {
			must(sub(tx, text("alone%d", n)).Put([]byte{1}, random(r, n)))
			must(sub(tx, []byte("together")).Put(text("%d", n), random(r, n)))
		}
		b := sub(tx, []byte("many"))
		for i := 0; i < 30; i++ {
			must(b.Put(text("%d", i), random(r, r.Intn(70000))))
		}
	}},
	{"long", func(tx *bolt.Tx, r *rand.Rand, p int) {
		for _, n := range []int{1, 2, 3, 5, 9} {
			b := sub(tx, text("keys%d", n))
			for i := 0; i < n; i++ {
				must(b.Put(random(r, longestKey), nil))
				must(sub(tx, random(r, longestKey)).Put(random(r, 3000), []byte("x")))
			}
		}
		b := sub(tx, []byte("3000"))
		for i := 0; i < 150; i++ {
			must(b.Put(random(r, 3000), random(r, r.Intn(3000))))
		}
	}},
	{"inline", func(tx *bolt.Tx, r *rand.Rand, p int) {
		for n := 0; n < 1500; n++ {
			b := sub(tx, text("%05d", n))
			must(b.SetSequence(uint64(n)))
			for i := 0; i < n%7; i++ {
				must(b.Put(text("key%d", i), random(r, n%(p/40))))
			}
		}
		// 16 of the page, 16 of the element, 1 of the key: the largest that is inline has p/4-33
		for n := p/4 - 40; n < p/4-20; n++ {
			must(sub(sub(tx, []byte("limit")), text("%d", n)).Put([]byte("k"), random(r, n)))
		}
	}},
	{"deep", func(tx *bolt.Tx, r *rand.Rand, p int) {
		h := holder(tx)
		for i := 0; i < 40; i++ {
			b := sub(h, text("down%d", i))
			must(b.SetSequence(r.Uint64()))
			for j := 0; j < 30; j++ {
				must(b.Put(text("k%d", j), random(r, r.Intn(p/20))))
			}
			sub(b, []byte("empty"))
			h = b
		}
	}},
	{"records", func(tx *bolt.Tx, r *rand.Rand, p int) {
		for i := 0; i < 1000; i++ {
			id := text("%x", random(r, 12))
			b := sub(sub(tx, []byte("_main")), id)
			for _, k := range []string{"cache.parent", "cache.createdAt", "snapshot.size"} {
				must(b.Put([]byte(k), text(`{"value":"%x"}`, random(r, r.Intn(40)))))
			}
			must(sub(tx, []byte("_index")).Put(text("chainid:%x::%s", random(r, 32), id), nil))
			if i%5 == 0 {
				must(sub(sub(tx, []byte("_external")), id).Put([]byte("v0"), random(r, r.Intn(9000))))
			}
		}
	}},
	{"chance", chance},
	{"chance2", chance},
	{"chance3", chance},
}

// A tree of which nothing is known before, of some MiB at most.
func chance(tx *bolt.Tx, r *rand.Rand, p int) {
	keys := []int{1, 2, 20, 64, 300, 3000}
	values := []int{1, 10, 200, p / 4, p, 70000}
	budget := 4 << 20
	var fill func(h holder, depth int)
	fill = func(h holder, depth int) {
		keyMax, valueMax := keys[r.Intn(len(keys))], values[r.Intn(len(values))]
		for i := r.Intn(100); i > 0 && budget > 0; i-- {
			key, value := random(r, 1+r.Intn(keyMax)), random(r, r.Intn(valueMax))
			b, isBucket := h.(*bolt.Bucket)
			if !isBucket || (depth < 6 && r.Intn(12) == 0) {
				if c, err := h.CreateBucketIfNotExists(key); err == nil {
					must(c.SetSequence(uint64(r.Intn(5))))
					fill(c, depth+1)
				}
			} else if b.Bucket(key) == nil {
				budget -= len(key) + len(value)
				must(b.Put(key, value))
			}
		}
	}
	for budget > 0 {
		fill(tx, 0)
	}
}

// A change of one key, and its line for drydock.
type edit struct {
	path  [][]byte
	put   bool
	value []byte
}

func (e edit) String() string {
	var keys []string
	for _, k := range e.path {
		keys = append(keys, hex.EncodeToString(k))
	}
	if e.put {
		return "put " + strings.Join(keys, "/") + " " + hex.EncodeToString(e.value)
	}
	return "drop " + strings.Join(keys, "/")
}

// Makes changes to about every n-th key, none inside of a bucket that goes.
func invent(h holder, r *rand.Rand, n int, path [][]byte) (edits []edit) {
	add := func(put bool, value []byte, keys ...[]byte) {
		p := append([][]byte{}, path...)
		edits = append(edits, edit{append(p, keys...), put, value})
	}
	c := h.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		k = append([]byte{}, k...)
		if r.Intn(n) == 0 {
			if v != nil && r.Intn(3) == 0 {
				add(true, random(r, r.Intn(5000)), k)
			} else {
				add(false, nil, k)
			}
		} else if v == nil {
			edits = append(edits, invent(h.Bucket(k), r, n, append(append([][]byte{}, path...), k))...)
		}
		if r.Intn(n*4) == 0 { // what is not there
			near := func(suffix string) []byte { return append(append([]byte{}, k...), suffix...) }
			add(false, nil, near("-gone"), []byte("absent"))
			add(false, nil, near("-gone"))
			if len(path) > 0 && len(k) < longestKey-8 {
				add(true, random(r, r.Intn(300)), near("-new"))
				add(true, random(r, r.Intn(300)), near("-in"), []byte("new"), []byte("bucket"))
			}
		}
	}
	return edits
}

// Does it as dockerd would.
func (e edit) apply(tx *bolt.Tx) {
	h, last := holder(tx), len(e.path)-1
	for _, k := range e.path[:last] {
		b := h.Bucket(k)
		if b == nil && !e.put {
			return
		}
		h = sub(h, k)
	}
	if e.put {
		must(h.(*bolt.Bucket).Put(e.path[last], e.value))
	} else if h.Bucket(e.path[last]) != nil {
		must(h.DeleteBucket(e.path[last]))
	} else if b, ok := h.(*bolt.Bucket); ok {
		must(b.Delete(e.path[last]))
	}
}

func copyFile(from, to string) {
	data, err := os.ReadFile(from)
	must(err)
	must(os.WriteFile(to, data, 0600))
}

func makeOne(name string, fill func(*bolt.Tx, *rand.Rand, int), pageSize int, every int, seed int64) {
	r := rand.New(rand.NewSource(seed))
	db := open(name+".db", pageSize, every == 3)
	must(db.Update(func(tx *bolt.Tx) error { fill(tx, r, pageSize); return nil }))
	if every == 3 { // leave free pages and half-empty ones
		must(db.Update(func(tx *bolt.Tx) error { hammer(tx, r, 100); return nil }))
	}
	var edits []edit
	if every > 0 {
		must(db.View(func(tx *bolt.Tx) error { edits = invent(tx, r, every, nil); return nil }))
	}
	must(db.Close())
	copyFile(name+".db", name+".want")
	db = open(name+".want", pageSize, every == 3)
	must(db.Update(func(tx *bolt.Tx) error {
		for _, e := range edits {
			e.apply(tx)
		}
		return nil
	}))
	must(db.Close())
	f, err := os.Create(name + ".edit")
	must(err)
	w := bufio.NewWriter(f)
	for _, e := range edits {
		fmt.Fprintln(w, e)
	}
	must(w.Flush())
	must(f.Close())
}

// Puts, deletes and makes things in about a hundred buckets of the database.
func hammer(h holder, r *rand.Rand, n int) {
	var keys, values [][]byte
	c := h.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		keys, values = append(keys, append([]byte{}, k...)), append(values, v)
	}
	b, isBucket := h.(*bolt.Bucket)
	for i, k := range keys {
		switch {
		case values[i] == nil && r.Intn(8) == 0:
			must(h.DeleteBucket(k))
		case values[i] == nil:
			if r.Intn(len(keys)/60+1) == 0 {
				hammer(h.Bucket(k), r, n/3)
			}
		case r.Intn(2) == 0:
			must(b.Delete(k))
		}
	}
	if !isBucket {
		b = sub(h, []byte("hammered"))
	}
	for i := 0; i < n; i++ {
		must(b.Put(text("%d", r.Intn(1e9)), random(r, r.Intn(500))))
	}
	must(sub(b, []byte("made")).Put([]byte("k"), random(r, r.Intn(3000))))
	_, err := b.NextSequence()
	must(err)
}

// Adds all that is in it to a digest; every key must also be found by a search.
func dump(w hash.Hash, h holder) {
	c := h.Cursor()
	var before []byte
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if bytes.Compare(before, k) >= 0 {
			panic("keys out of order")
		}
		before = append(before[:0], k...)
		must(binary.Write(w, binary.LittleEndian, []int32{int32(len(k)), int32(len(v))}))
		w.Write(k)
		w.Write(v)
		if found, _ := h.Cursor().Seek(k); !bytes.Equal(found, k) {
			panic("a key is not found")
		}
		if v == nil {
			b := h.Bucket(k)
			must(binary.Write(w, binary.LittleEndian, b.Sequence()))
			dump(w, b)
			w.Write([]byte("end"))
		}
	}
}

// A digest of what the database holds, after bbolt's own check of all its pages.
func content(db *bolt.DB) []byte {
	w := sha1.New()
	must(db.View(func(tx *bolt.Tx) error {
		for err := range tx.Check() {
			must(err)
		}
		dump(w, tx)
		return nil
	}))
	return w.Sum(nil)
}

func judge(name string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	noFreelist := strings.HasSuffix(name, "-3")
	want, got := open(name+".want", 0, noFreelist), open(name+".new", 0, noFreelist)
	defer want.Close()
	defer got.Close()
	if want.Info().PageSize != got.Info().PageSize {
		return fmt.Errorf("another page size")
	}
	for round := int64(0); round < 3; round++ {
		if !bytes.Equal(content(want), content(got)) {
			return fmt.Errorf("not what it should hold, round %d", round)
		}
		for _, db := range []*bolt.DB{want, got} {
			must(db.Update(func(tx *bolt.Tx) error {
				hammer(tx, rand.New(rand.NewSource(round)), 300)
				return nil
			}))
		}
	}
	return nil
}

func main() {
	dir := os.Args[2]
	if os.Args[1] == "make" {
		for i, s := range shapes {
			for _, p := range pageSizes {
				for _, every := range []int{0, 3, 50} {
					if every != 3 && p != pageSizes[0] {
						continue
					}
					name := filepath.Join(dir, fmt.Sprintf("%s-%d-%d", s.name, p, every))
					makeOne(name, s.fill, p, every, int64(i*p+every))
				}
			}
		}
		return
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.new"))
	must(err)
	sort.Strings(names)
	failed := 0
	for _, n := range names {
		n = strings.TrimSuffix(n, ".new")
		if err := judge(n); err != nil {
			fmt.Printf("%s: %v\n", filepath.Base(n), err)
			failed = 1
		}
	}
	fmt.Printf("%d databases\n", len(names))
	os.Exit(failed)
}
