# drydock - build, test, install. `make help` lists the targets.

VERSION := 0.1.0
PROG    := drydock
V       ?= 0
B       ?= build/default
PREFIX  ?= /usr/local
FUZZ_SECONDS ?= 6
JOBS    ?= $(shell nproc)
# Tests wait for daemons and disks, too: one more than there are processors.
TEST_JOBS ?= $(shell echo $$(($(JOBS) + 1)))

# Every Debian package that building and testing needs; `make deps` installs what is missing.
BUILD_PACKAGES := gcc libc6-dev make pkg-config libsqlite3-dev libjansson-dev libxxhash-dev \
                  libssl-dev libarchive-dev tar zstd
TEST_PACKAGES  := git perl python3 libcmocka-dev clang clang-format clang-tidy libclang-rt-dev \
                  shellcheck attr jq strace iproute2 util-linux xz-utils debootstrap \
                  golang-go golang-github-coreos-bbolt-dev \
                  e2fsprogs xfsprogs btrfs-progs
# What libarchive needs besides when everything is linked in.
STATIC_PACKAGES := libacl1-dev liblzma-dev libzstd-dev liblz4-dev libbz2-dev zlib1g-dev libxml2-dev \
                  nettle-dev libicu-dev
PACKAGES       := $(BUILD_PACKAGES) $(TEST_PACKAGES)

PKGS    := sqlite3 jansson libxxhash libcrypto libarchive
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wold-style-definition -Wwrite-strings -Wpointer-arith -Wcast-qual -Wvla \
           -Wformat=2 -Wundef -Wswitch-enum -Wnull-dereference
WERROR  ?= -Werror
HARDEN  ?= -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
CFLAGS  ?= -O2 -g
# Empty when the packages are missing: only `deps`, and what calls it first, can run then.
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LIBS       := $(shell pkg-config $(STATIC) --libs $(PKGS) 2>/dev/null)
ALL_CFLAGS   = -std=gnu11 $(CFLAGS) $(HARDEN) $(SAN) $(WARN) $(WERROR) -pthread
ALL_CPPFLAGS = -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DVERSION='"$(VERSION)"' \
               $(PKG_CFLAGS) $(CPPFLAGS)
ALL_LDFLAGS  = -pthread $(SAN) $(LDFLAGS)
LIB_SRC := $(filter-out gc/main.c,$(wildcard gc/*.c gc/*/*.c overlay2/*.c metadata/*.c metadata/*/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
HELP    := $(filter-out tests/unit/test_%.c,$(wildcard tests/unit/*.c))
UNIT    := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_*.c))
FUZZ    := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCH   := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/bench_*.c))

# Other builds of the same tree, each in a folder of its own. Without -Werror: gcc's warnings are
# false alarms under sanitizers.
ASAN  := B=build/asan WERROR= HARDEN= CFLAGS='-O1 -g -fno-omit-frame-pointer' \
         SAN='-fsanitize=address,undefined -fno-sanitize-recover=all'
TSAN  := B=build/tsan WERROR= HARDEN= CFLAGS='-O1 -g' SAN='-fsanitize=thread'
FUZZB := B=build/fuzz CC=clang WERROR= HARDEN= CFLAGS='-O1 -g' \
         SAN='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all'
CLANG := B=build/clang CC=clang

# Every test speaks TAP, so one prove prints one summary.
PROVE = CMOCKA_MESSAGE_OUTPUT=TAP BIN=$(abspath $(B)/$(PROG)) SRCDIR=$(CURDIR) B=$(B) \
        FUZZ_SECONDS=$(FUZZ_SECONDS) TIDY_FLAGS="-std=gnu11 $(subst ",\",$(ALL_CPPFLAGS))" \
        prove --exec tests/exec.sh -j $(TEST_JOBS) --timer
CLI   = $(wildcard tests/cli/[0-9]*.sh)
E2E   = $(wildcard tests/e2e/[0-9]*.sh)
LINT  = $(wildcard tests/lint/[0-9]*.sh)
CRASH = $(wildcard tests/crash/[0-9]*.py tests/crash/[0-9]*.sh)

ifeq ($(V),0)
Q := @
MAKEFLAGS += --no-print-directory
endif

all: $(B)/$(PROG) ## build the program (default)

$(B)/$(PROG): $(B)/gc/main.o $(B)/lib.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(B)/lib.a: $(LIB_OBJ)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(B)/%.o: %.c $(B)/flags
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/flags: FORCE                     # changes only when compiler or flags change
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(CC) $(subst ','\'',$(ALL_CPPFLAGS) $(ALL_CFLAGS))' | cmp -s - $@ || \
		echo '$(CC) $(subst ','\'',$(ALL_CPPFLAGS) $(ALL_CFLAGS))' > $@
$(B)/tests/unit/help.a: $(HELP:%.c=$(B)/%.o)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/tests/unit/help.a $(B)/lib.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(LIBS)
$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(B)/lib.a
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)
$(B)/tests/fuzz/mutate: $(B)/tests/fuzz/mutate.o $(B)/lib.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(B)/tests/e2e/bolt/%: $(B)/tests/e2e/bolt/%.o $(B)/lib.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(B)/tests/bench/%: $(B)/tests/bench/%.o $(B)/lib.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# Loaded into the program by tests/crash: fails it, or kills it, at one call.
$(B)/tests/crash/%.o: HARDEN = -fPIC
$(B)/tests/crash/shim.so: $(B)/tests/crash/shim.o $(B)/tests/crash/shim_calls.o
	$(Q)$(CC) $(ALL_LDFLAGS) -shared -o $@ $^

deps: ## install the Debian packages that are missing, and only those
	$(Q)missing=$$(for p in $(PACKAGES); do \
		dpkg-query -W -f '$${db:Status-Status}' $$p 2>/dev/null | grep -qx installed || echo $$p; done); \
	[ -n "$$missing" ] || exit 0; \
	sudo=; [ "$$(id -u)" -eq 0 ] || sudo=sudo; \
	echo "deps: installing" $$missing; \
	$$sudo apt-get update -qq && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing

demo: ## see it work on a data root captured from a real daemon
	$(Q)$(MAKE) deps PACKAGES='$(BUILD_PACKAGES)'
	$(Q)$(MAKE) -j$(JOBS) all
	$(Q)tests/demo.sh $(B)/$(PROG) build/demo

check: ## everything: all builds, lint, unit, sanitizers, command line, fuzz, real daemons
	$(Q)$(MAKE) deps
	$(Q)$(MAKE) check-built
check-built:
	$(Q)$(MAKE) -j$(JOBS) all unit-build mutate-build rewrite-build crash-build
	$(Q)$(MAKE) -j$(JOBS) $(CLANG) all unit-build
	$(Q)$(MAKE) -j$(JOBS) $(ASAN) all unit-build
	$(Q)$(MAKE) -j$(JOBS) $(TSAN) unit-build
	$(Q)$(MAKE) -j$(JOBS) $(FUZZB) fuzz-build
	$(Q)rm -rf build/log && mkdir build/log
	$(Q)LOGS=$(abspath build/log) $(PROVE) $(E2E) $(CRASH) tests/fuzz/run.sh tests/fuzz/mutate.sh $(LINT) $(CLI) \
		$(UNIT) $(UNIT:$(B)/%=build/asan/%) $(UNIT:$(B)/%=build/tsan/%) || \
		{ tests/failed.sh build/log; exit 1; } # the longest first

unit-build: $(UNIT)
fuzz-build: $(FUZZ)
unit: $(UNIT) ## unit tests
	$(Q)$(PROVE) $(UNIT)
cli: all ## tests of the command line, on captured data roots
	$(Q)$(PROVE) $(CLI)
rewrite-build: $(B)/tests/e2e/bolt/rewrite
e2e: all rewrite-build ## tests with a real dockerd; they fetch it themselves; root only
	$(Q)$(PROVE) $(E2E)
oracle: all ## drydock against dockerd on random roots: SEEDS=N or "1 2 3", VERSIONS, SEED, VERBS
	$(Q)BIN=$(abspath $(B)/$(PROG)) ORACLE_KEEP=$(abspath $(B)/oracle) SEEDS='$(SEEDS)' SEED='$(SEED)' \
		VERSIONS='$(VERSIONS)' VERBS='$(VERBS)' STEPS='$(STEPS)' tests/e2e/oracle
lint: all ## format, layers, destructive calls, shape, shell, static analysis
	$(Q)$(PROVE) $(LINT)
asan: ## unit and command line tests under address and undefined sanitizers
	$(Q)$(MAKE) -j$(JOBS) $(ASAN) all unit-build
	$(Q)$(MAKE) $(ASAN) unit cli
tsan: ## unit tests under the thread sanitizer
	$(Q)$(MAKE) -j$(JOBS) $(TSAN) unit-build
	$(Q)$(MAKE) $(TSAN) unit
fuzz: ## every fuzz target for FUZZ_SECONDS
	$(Q)$(MAKE) -j$(JOBS) $(FUZZB) fuzz-build
	$(Q)$(PROVE) tests/fuzz/run.sh
mutate-build: $(B)/tests/fuzz/mutate
mutate: mutate-build ## change MUTATE_MAX bytes of every record, plan: nothing more may go
	$(Q)MUTATE_MAX=$${MUTATE_MAX:-30} $(PROVE) -v tests/fuzz/mutate.sh
crash-build: $(B)/tests/crash/shim.so
crash: all crash-build ## kills, power cuts, errors and full disks, at every call (takes hours)
	$(Q)CRASH_WHOLE=1 $(PROVE) -v -j 1 $(CRASH)
static: ## one static binary, for a rescue disk: build/static/drydock
	$(Q)$(MAKE) deps PACKAGES='$(BUILD_PACKAGES) $(STATIC_PACKAGES)'
	$(Q)$(MAKE) -j$(JOBS) all B=build/static STATIC=--static HARDEN= LDFLAGS='-static $(LDFLAGS)'
bench: $(BENCH) all ## what is fast, as a table (takes some minutes)
	$(Q)BIN=$(abspath $(B)) tests/bench/run
install: all ## install below DESTDIR/PREFIX
	install -D -m 0755 $(B)/$(PROG) $(DESTDIR)$(PREFIX)/sbin/$(PROG)
clean: ## remove build/
	$(Q)rm -rf build
help: ## this list
	@sed -n 's/^\([a-z0-9]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "%-8s %s\n", $$1, $$2 }'

-include $(shell find $(B) -name '*.d' 2>/dev/null)
.PHONY: all deps demo check check-built unit unit-build fuzz-build mutate mutate-build rewrite-build crash crash-build \
	cli e2e oracle lint asan tsan fuzz \
	static bench install clean help FORCE
.SECONDARY:
