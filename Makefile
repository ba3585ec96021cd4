# drydock - build, test, install. `make help` lists the targets.

VERSION := 0.1.0
PROG    := drydock
V       ?= 0
B       ?= build/default
PREFIX  ?= /usr/local
FUZZ_SECONDS ?= 30

# Everything that building and testing needs, in one place; `make deps` installs what is missing.
PACKAGES := gcc libc6-dev pkg-config libsqlite3-dev libarchive-dev libjansson-dev libxxhash-dev libssl-dev

PKGS    := sqlite3 jansson libxxhash libcrypto
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wold-style-definition -Wwrite-strings -Wpointer-arith -Wcast-qual -Wvla \
           -Wformat=2 -Wundef -Wswitch-enum -Wnull-dereference
WERROR  ?= -Werror
HARDEN  ?= -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
CFLAGS  ?= -O2 -g
ALL_CFLAGS   = -std=gnu11 $(CFLAGS) $(HARDEN) $(SAN) $(WARN) $(WERROR) -pthread
ALL_CPPFLAGS = -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DVERSION='"$(VERSION)"' \
               $(shell pkg-config --cflags $(PKGS)) $(CPPFLAGS)
ALL_LDFLAGS  = -pthread $(SAN) $(LDFLAGS)
LIBS         = $(shell pkg-config $(STATIC) --libs $(PKGS))
LIB_SRC := $(filter-out gc/main.c,$(wildcard gc/*.c overlay2/*.c metadata/*.c metadata/*/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
HELP    := $(filter-out tests/unit/test_%.c,$(wildcard tests/unit/*.c))
UNIT    := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))
FUZZ    := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
ifeq ($(V),0)
Q := @
endif

all: $(B)/$(PROG)
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

unit: $(UNIT)
	$(Q)CMOCKA_MESSAGE_OUTPUT=TAP prove $(UNIT)
clean:
	$(Q)rm -rf build
-include $(shell find $(B) -name '*.d' 2>/dev/null)
.PHONY: all unit clean FORCE
.SECONDARY:

BENCH := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/bench_*.c))
$(B)/tests/bench/%: $(B)/tests/bench/%.o $(B)/lib.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
bench: $(BENCH)                       # what is fast, against du and rm: takes some minutes
	$(Q)BIN=$(abspath $(B)) tests/bench/run
.PHONY: bench
