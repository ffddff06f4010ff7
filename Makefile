# make            builds build/bin and build/lib/spctl
# make demo       installs what is missing, builds, and shows a call from end to end on this machine
# make check      installs what the tests need, builds with sanitizers, runs every test
# make picture    draws the console into README.md
# make pages      writes the methods into man/spctl-api.7
# also: deps install uninstall bench fuzz torture lint clean
# BUILD=DIR builds elsewhere; SAN=1 builds with ASan and UBSan; CC=clang compiles with clang; V=1 shows each command.

BUILD  ?= build
PREFIX ?= /usr/local
CC     := $(if $(filter default,$(origin CC)),gcc,$(CC))
CFLAGS ?= -O2 -g
INSTALL ?= install

# Neither make nor baresip, which is given our modules by their paths, can do with a blank in one.
$(foreach name,CURDIR BUILD PREFIX DESTDIR,$(if $(word 2,$($(name))),\
	$(error $(name) is "$($(name))": spctl cannot be built, installed or run in a folder with a blank in its path)))

VERSION = 0.1.0
# Before a command: what it makes is named instead of it.
Q = $(if $(V),,@echo '  $(@:$(BUILD)/%=%)';)
BIN = $(BUILD)/bin
LIB = $(BUILD)/lib/spctl
GEN = $(BUILD)/gen

bindir     = $(PREFIX)/bin
libexecdir = $(PREFIX)/libexec/spctl
libdir     = $(PREFIX)/lib/spctl
datadir    = $(PREFIX)/share/spctl
mandir     = $(PREFIX)/share/man
# Where Debian's zsh looks: what is a package's has a folder of its own.
zshdir     = $(PREFIX)/share/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)

STRICT = -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
PATHS  = -DSPCTL_VERSION='"$(VERSION)"' -DSPCTL_BINDIR='"$(bindir)"' -DSPCTL_LIBEXECDIR='"$(libexecdir)"' \
	 -DSPCTL_LIBDIR='"$(libdir)"' -DSPCTL_DATADIR='"$(datadir)"'
HARDEN = -fstack-protector-strong -D_FORTIFY_SOURCE=2
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
ifeq ($(SAN),1)
HARDEN = $(SANITIZE)
LDFLAGS += $(SANITIZE)
endif
# libre's headers are not written for -Wall: they are system headers here.
RE = -isystem /usr/include/re -DHAVE_INET6 -DHAVE_STDBOOL_H -DHAVE_INTTYPES_H -DLINUX -DUSE_TLS -DUSE_OPENSSL
COMPILE = $(CC) $(STRICT) $(PATHS) $(HARDEN) -fPIC -fvisibility=hidden $(CPPFLAGS) $(CFLAGS) -MMD -MP

CURSES = -lncursesw -ltinfo

# ---- the rooms ----------------------------------------------------------------------------------------------------

rooms = base rule proto db crypto engine media console cli
sources = $(sort $(wildcard src/$(1)/*.c))
objects = $(patsubst src/%.c,$(BUILD)/obj/%.o,$(call sources,$(1)))
library = $(BUILD)/lib$(1).a

programs = $(BIN)/spctl $(BIN)/spctld $(BIN)/spctl-media
plugin   = $(LIB)/libasound_module_pcm_spctl.so
shared   = $(LIB)/spctl.so $(LIB)/guard.so $(plugin)
shares   = $(patsubst share/%,$(BUILD)/share/spctl/%,$(shell find share -type f))

all: $(programs) $(shared) $(shares)

# An engine's, client's or media process's main.o stays out of its library, so that tests can link the rest.
# A folder changes when a file comes or goes: the object of a source that is gone stays in no library.
mains = $(BUILD)/obj/engine/main.o $(BUILD)/obj/media/main.o $(BUILD)/obj/cli/main.o
define room_rule
$(BUILD)/lib$(1).a: $$(filter-out $$(mains),$$(call objects,$(1))) $(if $(filter db,$(1)),$(BUILD)/obj/db/schema_text.o) src/$(1)
	$$(Q)rm -f $$@ && ar rcs $$@ $$(filter %.o,$$^)
endef
$(foreach room,$(rooms),$(eval $(call room_rule,$(room))))

$(BIN)/spctl: $(BUILD)/obj/cli/main.o $(foreach room,cli console proto base,$(call library,$(room)))
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -ljansson $(CURSES) -lpthread
$(BIN)/spctld: $(BUILD)/obj/engine/main.o $(foreach room,engine db rule crypto proto base,$(call library,$(room)))
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -levent_core -lsqlite3 -ljansson -lssl -lcrypto -lm -lpthread
$(BIN)/spctl-media: $(BUILD)/obj/media/main.o $(call library,media) $(call library,proto) $(call library,base)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -levent_core -ljansson -lasound -lsndfile -lspeexdsp -lm -lpthread

# ---- what is loaded into baresip ----------------------------------------------------------------------------------

inside = guard guard_jbuf guard_stream guard_tcp pcm_spctl voice
$(LIB)/spctl.so: $(filter-out $(inside:%=$(BUILD)/obj/module/%.o),$(call objects,module)) $(call library,proto) $(call library,base) src/module
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -shared -Wl,--exclude-libs,ALL -o $@ $(filter %.o %.a,$^) -ljansson -lre
$(LIB)/guard.so: $(patsubst %,$(BUILD)/obj/module/%.o,guard guard_jbuf guard_stream guard_tcp voice)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -shared -o $@ $^ -lre -lssl -lcrypto -lm
$(plugin): $(BUILD)/obj/module/pcm_spctl.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -shared -o $@ $^ -lasound
$(BUILD)/obj/module/%.o: COMPILE += $(RE)
$(BUILD)/obj/module/pcm_spctl.o: COMPILE += -DPIC

# ---- objects ------------------------------------------------------------------------------------------------------

$(BUILD)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -c -o $@ $<

schemas = $(sort $(wildcard src/db/schema/*.sql))
$(GEN)/schema_text.c: src/db/schema/embed $(schemas)
	@mkdir -p $(@D)
	$(Q)sh src/db/schema/embed $(schemas) > $@.new && mv $@.new $@
$(BUILD)/obj/db/schema_text.o: $(GEN)/schema_text.c
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -Isrc/db -c -o $@ $<

$(BUILD)/share/spctl/%: share/%
	@mkdir -p $(@D)
	$(Q)cp -p $< $@

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

DEPS = @sh share/deps share/packages
JOBS = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

# ---- tests --------------------------------------------------------------------------------------------------------

units = $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/*/test_*.c))
test_libs = $(foreach room,engine db rule crypto media cli console proto base,$(call library,$(room))) $(BUILD)/obj/module/command.o
$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(test_libs)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $< -Wl,--start-group $(test_libs) -Wl,--end-group -lcmocka -levent_core -lsqlite3 -ljansson -lssl -lcrypto \
		-lasound -lsndfile -lspeexdsp $(CURSES) -lm -lpthread
$(BUILD)/obj/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -c -o $@ $<
tests: all $(units)

$(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%.o $(test_libs)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $< -Wl,--start-group $(test_libs) -Wl,--end-group -levent_core -lsqlite3 -ljansson -lssl -lcrypto -lm

# Fuzzers always get clang and their own objects.
FUZZ = $(BUILD)/fuzz
FUZZ_FLAGS = $(STRICT) $(PATHS) -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -MMD -MP
fuzzers = $(patsubst tests/fuzz/%.c,$(FUZZ)/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz_objects = $(patsubst src/%.c,$(FUZZ)/obj/%.o,$(foreach room,base proto crypto rule,$(call sources,$(room))) \
	$(addprefix src/module/,command.c sdp.c packet.c guard_stream.c guard_jbuf.c voice.c) \
	$(addprefix src/media/,order.c device_name.c play.c fifo.c resample.c) \
	$(addprefix src/console/,text.c edit.c model.c keys.c))
$(FUZZ)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(Q)clang $(FUZZ_FLAGS) -c -o $@ $<
$(FUZZ)/%: tests/fuzz/%.c $(FUZZ)/libparsers.a
	@mkdir -p $(@D)
	$(Q)clang $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $< $(FUZZ)/libparsers.a -Wl,--as-needed -ljansson -lssl -lcrypto \
		-lre -lsndfile -lspeexdsp -lm
$(FUZZ)/obj/module/%.o $(FUZZ)/fuzz_jbuf: FUZZ_FLAGS += $(RE)
$(FUZZ)/libparsers.a: $(fuzz_objects)
	$(Q)rm -f $@ && ar rcs $@ $^
fuzzers: $(fuzzers)

check:
	$(DEPS) build run test
	$(MAKE) $(JOBS) BUILD=$(BUILD)/san SAN=1 CFLAGS='-O1 -g' tests
	$(MAKE) $(JOBS) BUILD=$(BUILD)/san fuzzers
	tests/run $(BUILD)/san

fuzz:
	$(DEPS) build test
	$(MAKE) $(JOBS) BUILD=$(BUILD)/san fuzzers
	tests/fuzz/run $(BUILD)/san/fuzz 60

torture: all
	TEST_LIMIT=3600 KILLS=$(or $(KILLS),1000) tests/run $(BUILD) torture

bench:
	$(DEPS) build run test
	@sh share/deps share/packages bench || echo 'bench: not all that it measures beside can be installed: the rest is measured without'
	$(MAKE) $(JOBS) all $(BUILD)/bench/gate
	tests/bench/run $(BUILD)

demo:
	$(DEPS) build run demo
	$(MAKE) $(JOBS) all
	share/demo/demo $(BUILD)

picture: all
	BUILD=$(BUILD) /usr/bin/python3 tests/console/picture README.md

# The page's methods are those of the table.
$(BUILD)/methods: tests/cli/methods_page.c $(foreach room,engine db rule crypto proto base,$(call library,$(room)))
	$(Q)$(COMPILE) -o $@ $(filter %.c %.a,$^) -levent_core -lsqlite3 -ljansson -lssl -lcrypto -lm
pages: $(BUILD)/methods
	$(BUILD)/methods > $(BUILD)/methods.7
	sed -e '/^\.Sh METHODS/r $(BUILD)/methods.7' -e '/^\.Sh METHODS/,/^\.Sh EVENTS/{/^\.Sh EVENTS/!d}' \
		man/spctl-api.7 > $(BUILD)/spctl-api.7
	cp $(BUILD)/spctl-api.7 man/spctl-api.7

# ---- the rest -----------------------------------------------------------------------------------------------------

# What make, demo, check and lint need, or: make deps PURPOSES='build run'
deps:
	$(DEPS) $(or $(PURPOSES),build run demo test lint)

lint:
	$(DEPS) build run lint
	$(MAKE) $(JOBS) BUILD=$(BUILD)/clang CC=clang all
	sh tests/lint/run $(BUILD)/clang

install: all
	$(INSTALL) -d $(DESTDIR)$(bindir) $(DESTDIR)$(libexecdir) $(DESTDIR)$(libdir) $(DESTDIR)$(datadir)/sounds \
		$(DESTDIR)$(datadir)/rules
	$(INSTALL) -m 755 $(BIN)/spctl $(BIN)/spctld $(DESTDIR)$(bindir)
	$(INSTALL) -m 755 $(BIN)/spctl-media $(DESTDIR)$(libexecdir)
	$(INSTALL) -m 644 $(shared) $(DESTDIR)$(libdir)
	$(INSTALL) -m 644 share/asound.conf $(DESTDIR)$(datadir)
	$(INSTALL) -m 644 share/sounds/*.wav $(DESTDIR)$(datadir)/sounds
	$(INSTALL) -m 644 share/rules/* $(DESTDIR)$(datadir)/rules
	for page in man/*.[1578]; do section=$${page##*.}; \
		$(INSTALL) -d $(DESTDIR)$(mandir)/man$$section && $(INSTALL) -m 644 $$page $(DESTDIR)$(mandir)/man$$section || exit 1; done
	$(INSTALL) -D -m 644 completions/spctl.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/spctl
	$(INSTALL) -D -m 644 completions/_spctl $(DESTDIR)$(zshdir)/_spctl
	$(INSTALL) -D -m 644 completions/spctl.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/spctl.fish
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|@bindir@|$(bindir)|' share/systemd/spctld.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/spctld.service
	$(INSTALL) -D -m 644 share/systemd/spctl.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/spctl.conf

uninstall:
	rm -f $(DESTDIR)$(bindir)/spctl $(DESTDIR)$(bindir)/spctld
	rm -rf $(DESTDIR)$(libexecdir) $(DESTDIR)$(libdir) $(DESTDIR)$(datadir)
	for page in man/*.[1578]; do rm -f $(DESTDIR)$(mandir)/man$${page##*.}/$${page##*/}; done
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/spctl $(DESTDIR)$(zshdir)/_spctl \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/spctl.fish $(DESTDIR)$(PREFIX)/lib/systemd/system/spctld.service \
		$(DESTDIR)$(PREFIX)/lib/sysusers.d/spctl.conf

clean:
	rm -rf $(BUILD)

.PHONY: all tests fuzzers check fuzz torture bench demo picture pages deps lint install uninstall clean
.SECONDARY:
.DELETE_ON_ERROR:
