# Non-recursive build of everything. Sources are found by folder: a new file is never listed here.
# `make help` lists the targets; README.md explains the folders.

.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/sh

# up, check and bench install the packages first, then call make again for the rest: autoconf may be missing until then.
NEEDS_CONFIG := $(filter-out up check bench help clean distclean deps down status logs psql format format-check,$(or $(MAKECMDGOALS),all))
ifneq ($(NEEDS_CONFIG),)
include config.mk
LIB_LIBS += -lcrypt # bcrypt; comes with every libc6-dev
endif
ifneq ($(V),1)
Q := @
endif

# -Wnull-dereference stays off: g++ 12 reports libstdc++ code inlined at -O2.
# --- flavours: build/opt, build/san-address-undefined, build/san-thread; programs of opt land in build/bin -------------
comma := ,
FLAVOUR := $(if $(SAN),san-$(subst $(comma),-,$(SAN)),opt)
O       := build/$(FLAVOUR)
BIN     := $(if $(SAN),$(O)/bin,build/bin)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
ifeq ($(WERROR),yes)
WARNINGS += -Werror
endif
CXXFLAGS_BASE := -std=c++20 -g1 -fno-omit-frame-pointer -fstack-protector-strong -D_GLIBCXX_ASSERTIONS -DSCAI_VERSION='"$(VERSION)"' -DBOOST_TEST_DYN_LINK \
                 $(WARNINGS) -I. $(patsubst -I%,-isystem %,$(LIB_CFLAGS))
# g++ collects its garbage from 4 MB on; with a gigabyte to fill it never does, which is a tenth of its time.
ROOMY := $(if $(findstring clang,$(CXX)),,--param ggc-min-heapsize=1048576)
ifeq ($(SAN),)
CXXFLAGS_ALL := $(CXXFLAGS_BASE) $(ROOMY) -O2 -D_FORTIFY_SOURCE=2 $(CXXFLAGS)
LDFLAGS_ALL  := -Wl,-z,relro,-z,now $(LDFLAGS)
else
# SOCI's shared library has no typeinfo for the vptr check.
CXXFLAGS_ALL := $(CXXFLAGS_BASE) $(ROOMY) -O1 -fsanitize=$(SAN) -fno-sanitize-recover=all \
                $(if $(findstring undefined,$(SAN)),-fno-sanitize=vptr) $(CXXFLAGS)
LDFLAGS_ALL  := -fsanitize=$(SAN) $(LDFLAGS)
endif

# --- sources by folder -------------------------------------------------------------------------------------------------
find_cpp = $(sort $(shell find $(1) -name '*.cpp' 2>/dev/null))
LIB_SRC      := $(call find_cpp,lib)
HANDLER_SRC  := $(call find_cpp,handlers)
HANDLER_DIRS := $(patsubst %/main.cpp,%,$(filter %/main.cpp,$(HANDLER_SRC)))
JOB_SRC      := $(sort $(wildcard jobs/scai*/*.cpp))
CLI_DIRS     := $(sort $(patsubst %/main.cpp,%,$(wildcard jobs/cli/*/main.cpp)))
CLI_SRC      := $(call find_cpp,$(CLI_DIRS))
BENCH_SRC    := $(sort $(wildcard tests/bench/*.cpp))
FUZZ_SRC     := $(sort $(wildcard tests/fuzz/*.cpp))
SUPPORT_SRC  := $(filter-out tests/support/main.cpp,$(call find_cpp,tests/support))
TEST_KINDS   := $(foreach k,unit db api,$(if $(call find_cpp,tests/$(k)),$(k)))

obj = $(patsubst %.cpp,$(O)/%.o,$(1))

# --- units: the sources of a folder are compiled UNIT at a time, which saves a third of a build from nothing.
# UNIT=1 compiles every file alone: the proof that each includes what it needs. Two files of a folder share no private name.
UNIT ?= 16
ALONE := $(filter %/main.cpp,$(HANDLER_SRC) $(CLI_SRC)) handlers/scaivault/system/get_version.cpp
UNIT_SRC := $(filter-out $(ALONE),$(LIB_SRC) $(HANDLER_SRC) $(CLI_SRC))
ifneq ($(NEEDS_CONFIG),)
UNITS := $(patsubst %.cpp,%.o,$(shell sh lib/build/units.sh $(O)/units $(UNIT) $(UNIT_SRC)))
endif
# objects of a folder: its units and what stays alone: mains, and what knows the commit.
objects_of = $(filter $(O)/units/$(1)/%,$(UNITS)) $(call obj,$(filter $(1)/%,$(ALONE)))
ALL_SRC := $(LIB_SRC) $(HANDLER_SRC) $(JOB_SRC) $(CLI_SRC) $(BENCH_SRC) $(FUZZ_SRC) $(call find_cpp,tests/unit tests/db tests/api tests/support)

# handlers/scaiflow/health -> scaiflow-health, handlers/scaikey -> scaikey. The group `admin` alone is called
# scaiflow-admin-api, because scaiflow-admin is the operator's command.
handler_program = $(patsubst scaiflow-admin,scaiflow-admin-api,$(subst /,-,$(patsubst handlers/%,%,$(1))))
job_program     = $(subst _,-,$(subst /,-job-,$(patsubst jobs/%.cpp,%,$(1))))
HANDLER_BINS := $(foreach d,$(HANDLER_DIRS),$(BIN)/$(call handler_program,$(d)))
JOB_BINS     := $(foreach s,$(JOB_SRC),$(BIN)/$(call job_program,$(s)))
CLI_BINS     := $(patsubst jobs/cli/%,$(BIN)/%,$(CLI_DIRS))
PROGRAMS     := $(HANDLER_BINS) $(JOB_BINS) $(CLI_BINS)
ARCHIVE      := $(O)/libscai.a

all: $(PROGRAMS) ## build every program into build/bin (default)
.PHONY: all

config.mk: configure lib/build/config.mk.in
	./configure $(CONFIGURE_FLAGS)
configure: configure.ac
	autoconf -o $@ $<
ifneq ($(NEEDS_CONFIG),)
ifeq ($(wildcard config.mk),)
$(info no config.mk yet: running autoconf and configure)
endif
endif

# --- stamps: a change of flags rebuilds, a removed source leaves the archive -----------------------------------------
$(O)/flags.stamp: FORCE
	@mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(CXX) $(CXXFLAGS_ALL) $(LDFLAGS_ALL) UNIT=$(UNIT))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(CXX) $(CXXFLAGS_ALL) $(LDFLAGS_ALL) UNIT=$(UNIT))' > $@
$(O)/lib.stamp: FORCE
	@mkdir -p $(@D); printf '%s\n' '$(LIB_SRC)' | cmp -s - $@ || printf '%s\n' '$(LIB_SRC)' > $@
FORCE:
.PHONY: FORCE

# The standard library's headers are half of what is left to read; they come precompiled. Only headers without objects
# of their own belong there: what CLI11 defines in every source that sees it took 2 s a source.
# A precompiled header differs in every checkout byte by byte; its flags say whether objects may be shared.
export CCACHE_SLOPPINESS := pch_defines,time_macros
export CCACHE_PCH_EXTSUM := 1
PRECOMPILED := $(O)/pch/precompiled.hpp.gch
$(PRECOMPILED): lib/build/precompiled.hpp $(O)/flags.stamp
	@mkdir -p $(@D)
	@$(if $(Q),echo "  PCH  $<")
	$(Q)cp $< $(@:.gch=)
	$(Q)$(CXX) $(CXXFLAGS_ALL) -w -x c++-header $(@:.gch=) -o $@
	$(Q)cat $(O)/flags.stamp $< >$@.sum
ifneq ($(UNIT),1)
WITH_PRECOMPILED := -isystem $(O)/pch -include precompiled.hpp
endif
define compile
	@mkdir -p $(@D)
	@$(if $(Q),echo "  CXX  $(patsubst $(O)/units/%,%,$<)")
	$(Q)$(CCACHE) $(CXX) $(CXXFLAGS_ALL) $(WITH_PRECOMPILED) -MMD -MP -c $< -o $@
endef
$(UNITS): %.o: %.cpp $(O)/flags.stamp $(PRECOMPILED)
	$(compile)
# Endpoints, jobs and commands call what is in lib: optimised less they build a fifth faster and serve as fast.
ifeq ($(SAN),)
$(filter $(O)/units/handlers/% $(O)/units/jobs/%,$(UNITS)) $(call obj,$(ALONE) $(JOB_SRC)): private CXXFLAGS_ALL := $(patsubst -O2,-O1,$(CXXFLAGS_ALL))
endif
$(O)/%.o: %.cpp $(O)/flags.stamp $(PRECOMPILED)
	$(compile)

# What GET /v1/version says of the build; one object, so that a commit rebuilds nothing else.
$(O)/commit.hpp: FORCE
	@mkdir -p $(@D); printf '#define SCAI_COMMIT "%s"\n#define SCAI_BUILD_DATE "%s"\n' "$$(git log -1 --format=%h 2>/dev/null || echo unknown)" \
	  "$$(git log -1 --format=%cs 2>/dev/null || echo unknown)" >$@.new; cmp -s $@.new $@ && rm -f $@.new || mv $@.new $@
$(O)/handlers/scaivault/system/get_version.o: $(O)/commit.hpp
$(O)/handlers/scaivault/system/get_version.o: private CXXFLAGS_ALL += -include $(O)/commit.hpp

# Test sources: no optimiser and Boost.Test precompiled, which halves the time they take to build; what they test is
# built as it ships. Benchmarks are programs like any other.
PCH := $(O)/pch/boost/test/unit_test.hpp.gch
TEST_OBJ := $(filter-out %/support/main.o,$(call obj,$(call find_cpp,tests/unit tests/db tests/api tests/support)))
CXXFLAGS_TEST := $(patsubst -O%,-O0,$(filter-out -D_FORTIFY_SOURCE=2,$(CXXFLAGS_ALL)))
$(PCH): $(O)/flags.stamp
	@mkdir -p $(@D)
	$(Q)printf '#include_next <boost/test/unit_test.hpp>\n' > $(PCH:.gch=)
	@$(if $(Q),echo "  PCH  boost/test/unit_test.hpp")
	$(Q)$(CXX) $(CXXFLAGS_TEST) -w -x c++-header $(PCH:.gch=) -o $@
	$(Q)cp $(O)/flags.stamp $@.sum
$(TEST_OBJ): $(O)/%.o: %.cpp $(O)/flags.stamp $(PCH)
	@mkdir -p $(@D)
	@$(if $(Q),echo "  CXX  $<")
	$(Q)$(CCACHE) $(CXX) $(CXXFLAGS_TEST) -isystem $(O)/pch -include boost/test/unit_test.hpp -MMD -MP -c $< -o $@

$(ARCHIVE): $(call objects_of,lib) $(O)/lib.stamp
	@$(if $(Q),echo "  AR   $@")
	$(Q)rm -f $@ && ar rcs $@ $(filter %.o,$^)

# lld links a test runner in two seconds, not in a minute and a half.
# The tests come after the archive: of a template both instantiate, the first one is taken, and theirs is not optimised.
define link
	@mkdir -p $(@D)
	@$(if $(Q),echo "  LINK $@")
	$(Q)$(CXX) $(LDFLAGS_ALL) $(if $(LLD),-fuse-ld=lld) $(filter-out $(TEST_OBJ),$(filter %.o,$^)) $(ARCHIVE) $(filter $(TEST_OBJ),$^) \
	  $(ARCHIVE) $(LIB_LIBS) $(1) -o $@
endef

define handler_rule
$(BIN)/$(call handler_program,$(1)): $(call objects_of,$(1)) $(ARCHIVE)
	$$(call link)
endef
$(foreach d,$(HANDLER_DIRS),$(eval $(call handler_rule,$(d))))
define job_rule
$(BIN)/$(call job_program,$(1)): $(call obj,$(1)) $(ARCHIVE)
	$$(call link)
endef
$(foreach s,$(JOB_SRC),$(eval $(call job_rule,$(s))))
define cli_rule
$(BIN)/$(notdir $(1)): $(call objects_of,$(1)) $(ARCHIVE)
	$$(call link)
endef
$(foreach d,$(CLI_DIRS),$(eval $(call cli_rule,$(d))))

# --- tests: one runner a kind; it links every handler object but the mains -------------------------------------------
HANDLER_PARTS := $(filter-out %/main.o,$(call objects_of,handlers))
define test_rule
$(O)/tests/$(1)-tests: $(call obj,$(call find_cpp,tests/$(1))) $(call obj,$(SUPPORT_SRC) tests/support/main.cpp) $(HANDLER_PARTS) $(ARCHIVE)
	$$(call link,-lboost_unit_test_framework)
endef
$(foreach k,$(TEST_KINDS),$(eval $(call test_rule,$(k))))
TEST_RUNNERS := $(foreach k,$(TEST_KINDS),$(O)/tests/$(k)-tests)

define bench_rule
$(O)/bench/$(notdir $(basename $(1))): $(call obj,$(1)) $(call obj,$(SUPPORT_SRC)) $(filter $(O)/units/handlers/scaigrid/%,$(HANDLER_PARTS)) $(ARCHIVE)
	$$(call link,-lboost_unit_test_framework)
endef
$(foreach s,$(BENCH_SRC),$(eval $(call bench_rule,$(s))))
BENCH_BINS := $(foreach s,$(BENCH_SRC),$(O)/bench/$(notdir $(basename $(s))))

# Fuzz targets need clang++; the folders without a database are enough for them.
FUZZ_PARTS := $(filter-out lib/directory/staging.cpp lib/oidc/store_keys.cpp,$(call find_cpp,lib/base lib/json lib/log lib/crypto lib/http lib/jose lib/oidc lib/scir lib/yaml lib/zip lib/directory lib/scaiflow/graph lib/scaiflow/compiler)) lib/scaiflow/catalog/package.cpp lib/db/values.cpp \
              $(patsubst %,lib/web/%.cpp,http parse errors router gateway) $(sort $(wildcard tests/support/fuzz_*.cpp))
FUZZ_BINS  := $(foreach s,$(FUZZ_SRC),build/fuzz/bin/$(notdir $(basename $(s))))
build/fuzz/%.o: %.cpp
	@mkdir -p $(@D)
	@$(if $(Q),echo "  FUZZ $<")
	$(Q)$(CCACHE) clang++ $(filter-out -Wnull-dereference -fstack-protector-strong,$(CXXFLAGS_BASE)) -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-sanitize=vptr -MMD -MP -c $< -o $@
build/fuzz/bin/%: build/fuzz/tests/fuzz/%.o $(patsubst %.cpp,build/fuzz/%.o,$(FUZZ_PARTS))
	@mkdir -p $(@D)
	$(Q)clang++ -fsanitize=fuzzer,address,undefined $^ $(LIB_LIBS) -o $@
FUZZ_SECONDS ?= 60
.SECONDARY: $(patsubst %.cpp,build/fuzz/%.o,$(FUZZ_PARTS) $(FUZZ_SRC))

# One job a core, unless the caller chose.
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))
deps: ## install missing Debian packages (asks sudo when not root)
	@sh lib/stack/deps.sh
fuzz: $(FUZZ_BINS) ## run every fuzz target for FUZZ_SECONDS (60) on a copy of its corpus; needs clang++
	@for bin in $(FUZZ_BINS); do name=$$(basename $$bin); mkdir -p build/fuzz/corpus/$$name; \
	 $$bin -max_total_time=$(FUZZ_SECONDS) -timeout=10 -print_final_stats=1 -artifact_prefix=build/fuzz/ \
	  build/fuzz/corpus/$$name tests/corpus/$$name || exit 1; done
.PHONY: fuzz
tests: $(TEST_RUNNERS) ## build the test runners
guards: ## run the source guards
	@sh tests/guards/run.sh
check: deps ## every test in a scratch stack of its own; last line: N passed, N failed
	@$(MAKE) $(JOBS) --no-print-directory check-built SAN=$(SAN)
check-built: all tests
	@sh tests/support/check.sh "$(O)" "$(BIN)" $(TEST_KINDS)
bench: deps ## run the benchmarks and print one table
	@$(MAKE) $(JOBS) --no-print-directory bench-built
bench-built: all $(BENCH_BINS)
	@sh tests/bench/run.sh "$(O)" "$(BIN)"
.PHONY: deps tests guards check check-built bench bench-built

# --- the stack -------------------------------------------------------------------------------------------------------
up: deps ## install, build, start the whole stack on loopback, load the demo tenant, run the first sweep
	@$(MAKE) $(JOBS) --no-print-directory all
	@sh lib/stack/stack.sh up
down: ## stop everything `make up` started
	@sh lib/stack/stack.sh down
status: ## what runs
	@sh lib/stack/stack.sh status
logs: ## follow the logs
	@sh lib/stack/stack.sh logs
psql: ## a psql on the stack's database
	@sh lib/stack/stack.sh psql
.PHONY: up down status logs psql

install: all ## install programs, sql, nginx includes, crontabs and units below DESTDIR
	@DESTDIR='$(DESTDIR)' prefix='$(prefix)' DEV_ROUTES='$(DEV_ROUTES)' bindir='$(bindir)' libexecdir='$(libexecdir)' datadir='$(datadir)' sysconfdir='$(sysconfdir)' \
	 BIN='$(BIN)' sh lib/stack/install.sh install
uninstall: ## remove what install put there
	@DESTDIR='$(DESTDIR)' prefix='$(prefix)' DEV_ROUTES='$(DEV_ROUTES)' bindir='$(bindir)' libexecdir='$(libexecdir)' datadir='$(datadir)' sysconfdir='$(sysconfdir)' \
	 BIN='$(BIN)' sh lib/stack/install.sh uninstall
.PHONY: install uninstall

# --- format, lint ----------------------------------------------------------------------------------------------------
FORMAT_FILES = $$(git ls-files -co --exclude-standard '*.cpp' '*.hpp')
format: ## clang-format everything in place
	@$(or $(CLANG_FORMAT),clang-format) -i $(FORMAT_FILES)
format-check: ## fail on unformatted files
	@$(or $(CLANG_FORMAT),clang-format) --dry-run -Werror $(FORMAT_FILES)
tidy: ## clang-tidy over every source (FILES=... narrows)
	@printf '%s\n' $(or $(FILES),$(LIB_SRC) $(HANDLER_SRC) $(JOB_SRC) $(CLI_SRC)) | xargs -P 2 -I{} $(CLANG_TIDY) --quiet {} -- $(CXXFLAGS_BASE)
.PHONY: format format-check tidy

clean: ## remove build/
	rm -rf build
distclean: clean ## remove everything generated
	rm -rf configure config.mk config.log config.status autom4te.cache
help: ## this text
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
	@echo "  knobs: STACK_DIR FLOW_PORT VAULT_PORT KEY_PORT GRID_PORT; SAN=address,undefined or SAN=thread for another tree; V=1 shows commands"
.PHONY: clean distclean help

-include $(patsubst %.o,%.d,$(UNITS) $(call obj,$(filter-out $(UNIT_SRC),$(ALL_SRC))))
-include $(patsubst %.cpp,build/fuzz/%.d,$(FUZZ_PARTS) $(FUZZ_SRC))
