# The hub's map: every program, what it is made of, and what proves it. `make help` lists targets.
# FLAVOUR=debug (default), release, asan or faults; each builds in its own folder.

FLAVOUR ?= debug
BUILD   ?= build/$(FLAVOUR)
CC      := gcc

comma := ,

WARN := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
        -Wswitch-enum -Wvla -Wformat=2 -Wcast-qual -Wundef -Werror
HARDEN := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
OPT_debug   := -O1 -g
OPT_release := -O2 -g
OPT_asan    := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
LINK_asan   := -fsanitize=address,undefined
OPT_faults  := $(OPT_debug) -DMASH_FAULT_POINTS

MSGPACK := $(shell pkg-config --exists msgpack-c && echo msgpack-c || echo msgpack)
# Recursive on purpose: the libraries may be installed by this very run.
pkg_cflags = $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(1)))
pkg_libs   = $(shell pkg-config --libs $(1))

CFLAGS  = -std=gnu17 -D_GNU_SOURCE -I. $(OPT_$(FLAVOUR)) $(HARDEN) $(WARN) \
          $(call pkg_cflags,libpq libxml-2.0)
LDFLAGS = -pie -Wl,-z,relro,-z,now $(LINK_$(FLAVOUR))

# ---- what is in each room -----------------------------------------------------------------------

BASE    := $(addprefix broker/base/,arena config crypto err fold hpke id mark seal str)
SCHEMAS := $(addprefix schemas/,check choice codec envelope json leaf people schema value)
IO      := $(addprefix broker/io/,clock fault keyfile log loop program wire zap)
STORE   := $(addprefix broker/io/,store store_values)
LEDGER  := $(addprefix broker/ledger/,checkpoint merkle)
RELEASE := $(addprefix broker/release/, \
           authorise belief check codes common find fit forbidden forms heading lapsed lexicon names net notice outcome page places \
           policy product question recall redact rehearse render_fhir render_html render_text reply rule \
           section sentence shareable spans stream subject trie warnings words)
POLICY  := $(addprefix broker/release/,dead domain findings policy row rule sentence verdicts words)
RELEASE += $(filter-out $(RELEASE),$(POLICY))
WATCH   := $(addprefix broker/io/,alarm metrics status)
SERVER  := $(addprefix broker/io/,people register server) $(WATCH)
MATCH   := broker/hub/match/keys broker/hub/rate
LINK    := $(addprefix broker/hub/match/,alike block compare decide identity index known levels model model_text \
           nicknames sound table train train_pairs)

BASE_LIBS  = $(call pkg_libs,libcrypto icu-i18n icu-uc $(MSGPACK)) -linih
IO_LIBS    = $(call pkg_libs,libzmq)
STORE_LIBS = $(call pkg_libs,libpq)

# ---- programs: <name>_OBJ and <name>_LIBS --------------------------------------------------------

PROGRAMS := mash-intake mash-hub mash-courier mash-notary mashctl mash-verify mash-keygen \
            mash-police mash-health mash-education mash-social-care

mash-intake_OBJ := $(BASE) $(SCHEMAS) $(IO) $(STORE) $(SERVER) \
                   $(addprefix broker/intake/,accept batch bucket flow lanes limits main receive \
                   reply report)
mash-intake_LIBS = $(BASE_LIBS) $(IO_LIBS) $(STORE_LIBS)

mash-hub_OBJ := $(BASE) $(SCHEMAS) $(IO) $(STORE) $(SERVER) $(RELEASE) $(MATCH) \
                $(addprefix broker/hub/,main authorise check choices commands correction deadlines \
                decide draft drafts drafts_person emergency ending enquiry explain grants items notices origin \
                people pipeline policies product quarantine quarantine_put queue recalls registers rehearse \
                share show show_told signpost take terms vault waiting watch withholding word \
                word_authorisation word_choice work) \
                schemas/json_read
mash-hub_LIBS = $(BASE_LIBS) $(IO_LIBS) $(STORE_LIBS) $(call pkg_libs,jansson)

mash-courier_OBJ := $(BASE) $(SCHEMAS) $(IO) $(STORE) $(SERVER) \
                    $(addprefix broker/courier/,deliver main receipt witness)
mash-courier_LIBS = $(BASE_LIBS) $(IO_LIBS) $(STORE_LIBS)

mash-notary_OBJ := $(BASE) $(SCHEMAS) $(IO) $(STORE) $(LEDGER) $(WATCH) \
                   $(addprefix broker/notary/,main remember sign)
mash-notary_LIBS = $(BASE_LIBS) $(IO_LIBS) $(STORE_LIBS)

PAPER := $(RELEASE) schemas/json_read $(addprefix broker/ctl/,offline policy_boxes policy_check policy_diff \
         policy_explain policy_grid policy_matrix policy_paper policy_print policy_sign policy_words \
         preview preview_fault preview_read)
mashctl_OBJ := $(BASE) $(SCHEMAS) $(IO) $(PAPER) $(LINK) schemas/authorise \
               $(addprefix broker/ctl/,mashctl claims endorse file link_file link_trial people rehearse show \
               show_enquiry sign signing table)
mashctl_LIBS = $(BASE_LIBS) $(IO_LIBS) $(call pkg_libs,jansson) -lm

mash-verify_OBJ := $(BASE) $(SCHEMAS) $(LEDGER) $(addprefix broker/ctl/,verify prove acks export worked)
mash-verify_LIBS = $(BASE_LIBS)

mash-keygen_OBJ := $(BASE) $(SCHEMAS) $(IO) broker/ctl/keygen
mash-keygen_LIBS = $(BASE_LIBS) $(IO_LIBS)

ADAPTER := $(BASE) $(SCHEMAS) $(IO) $(LEDGER) \
           $(addprefix adapters/common/,adapter alarm authorise choices client courier desk files \
           folder form identity intake_folder keep letters letters_text link mapping overdue promise \
           spool spool_hub spool_queue spool_sent submission uktime unsent window witness word_desk \
           word_form) schemas/authorise schemas/json_read
ADAPTER_LIBS = $(BASE_LIBS) $(IO_LIBS) $(call pkg_libs,sqlite3 jansson)

mash-police_OBJ := $(ADAPTER) $(addprefix adapters/police/,main notice notice_json notice_xml)
mash-police_LIBS = $(ADAPTER_LIBS) $(call pkg_libs,libxml-2.0)
mash-health_OBJ := $(ADAPTER) $(addprefix adapters/health/,ack hl7 main mllp referral take)
mash-health_LIBS = $(ADAPTER_LIBS)
mash-education_OBJ := $(ADAPTER) $(addprefix adapters/education/,concern_csv concern_log main)
mash-education_LIBS = $(ADAPTER_LIBS) -lcsv
mash-social-care_OBJ := $(ADAPTER) adapters/social-care/main
mash-social-care_LIBS = $(ADAPTER_LIBS)

# ---- tools: used while building, never installed --------------------------------------------------

TOOLS := schema-gen fuzz-seeds torture-drive-intake torture-drive-police hostile agree wire hear \
         linkage-score linkage-people

linkage-score_OBJ := tests/linkage/score
linkage-people_OBJ := tests/linkage/people
linkage-people_LIBS := -lm

agree_OBJ := $(BASE) $(SCHEMAS) $(POLICY) tests/agree/agree
agree_LIBS = $(BASE_LIBS) $(STORE_LIBS)

schema-gen_OBJ := $(BASE) $(SCHEMAS) $(addprefix schemas/,gen gen_json gen_protocol gen_sql)
schema-gen_LIBS = $(BASE_LIBS)
fuzz-seeds_OBJ := $(BASE) $(SCHEMAS) $(LEDGER) broker/io/keyfile tests/unit/sample \
                  $(addprefix tests/fuzz/,fake_spool seeds seeds_agency seeds_hub stand_ins)
fuzz-seeds_LIBS = $(BASE_LIBS) $(call pkg_libs,libzmq) $(FUZZ_WRAP)

# ---- unit tests: one Criterion program per room --------------------------------------------------

UNIT := base schemas ledger release match wire watch intake adapters ctl
TEST_CFLAGS = $(filter-out -Wconversion -Wpedantic,$(CFLAGS)) $(call pkg_cflags,criterion)

unit-base_OBJ     := $(BASE) tests/unit/base_crypto
unit-schemas_OBJ  := $(BASE) $(SCHEMAS) tests/unit/sample schemas/authorise schemas/json_read \
                     $(addprefix tests/unit/schemas_,authorise choice codec json people)
unit-ledger_OBJ   := $(BASE) $(SCHEMAS) $(LEDGER) $(addprefix broker/ctl/,prove acks export worked) \
                     tests/unit/ledger_verify
PROPERTIES := $(addprefix tests/properties/,canary letters pairs world)
unit-release_OBJ  := $(BASE) $(SCHEMAS) $(RELEASE) $(PROPERTIES) \
                     $(addprefix tests/unit/release_,contact fit forbidden grant lapsed leak net policy product \
                     rehearse sentence text authorise view) \
                     tests/text/notes
unit-release_OBJ += $(addprefix tests/unit/release_policy_,domain rules)
unit-match_OBJ    := $(BASE) $(SCHEMAS) $(MATCH) $(addprefix broker/hub/,drafts drafts_person ending) \
                     $(RELEASE) broker/hub/choices $(LINK) tests/unit/link_kit \
                     $(addprefix tests/unit/match_,alike choices drafts ending link)
unit-wire_OBJ     := $(BASE) $(SCHEMAS) $(IO)
unit-watch_OBJ    := $(BASE) $(SCHEMAS) $(IO) $(WATCH) tests/unit/watch_status
unit-intake_OBJ   := $(BASE) $(SCHEMAS) $(IO) $(addprefix broker/intake/,bucket lanes)
unit-ctl_OBJ      := $(BASE) $(SCHEMAS) $(RELEASE) $(LINK) schemas/authorise schemas/json_read \
                     broker/io/clock broker/io/keyfile \
                     $(addprefix broker/ctl/,claims endorse file link_file people preview preview_fault preview_read rehearse show show_enquiry \
                     sign table) tests/unit/ctl_link tests/unit/ctl_preview
unit-adapters_OBJ := $(ADAPTER) $(addprefix adapters/,police/notice police/notice_json \
                     police/notice_xml health/ack health/hl7 health/mllp health/referral \
                     health/take education/concern_csv education/concern_log) \
                     $(addprefix tests/unit/adapters_,client education gather health hub kit link \
                     mllp overdue play police submission window)
unit-adapters_OBJ += tests/unit/adapters_words
unit-base_LIBS     = $(BASE_LIBS)
unit-schemas_LIBS  = $(BASE_LIBS) $(call pkg_libs,jansson)
unit-ledger_LIBS   = $(BASE_LIBS)
unit-release_LIBS  = $(BASE_LIBS) -lz
unit-match_LIBS    = $(BASE_LIBS) -lm
unit-wire_LIBS     = $(BASE_LIBS) $(IO_LIBS)
unit-watch_LIBS    = $(BASE_LIBS) $(IO_LIBS)
unit-intake_LIBS   = $(BASE_LIBS) $(IO_LIBS)
unit-ctl_LIBS      = $(BASE_LIBS) $(call pkg_libs,jansson) -lm
unit-adapters_LIBS = $(ADAPTER_LIBS) $(call pkg_libs,libxml-2.0) -lcsv

# ---- end-to-end tests: Criterion programs against a running hub ------------------------------------

E2E := intake staff

e2e-intake_OBJ := $(BASE) $(SCHEMAS) $(IO) $(STORE) tests/unit/sample \
                  $(addprefix tests/e2e/,client intake_flow intake_refused)
e2e-intake_LIBS = $(BASE_LIBS) $(IO_LIBS) $(STORE_LIBS)
e2e-staff_OBJ  := $(BASE) $(SCHEMAS) $(IO) $(STORE) tests/unit/sample tests/e2e/client
e2e-staff_LIBS  = $(BASE_LIBS) $(IO_LIBS) $(STORE_LIBS)

# ---- the bench: what it sends, the limit, and what would be built instead ---------------------------

BENCH := load limit rabbit release

bench-load_OBJ    := $(BASE) $(SCHEMAS) $(IO) adapters/common/submission \
                     $(addprefix tests/bench/,meter peer referral)
bench-load_LIBS    = $(BASE_LIBS) $(IO_LIBS)
bench-limit_OBJ   := $(addprefix tests/bench/,meter rows statements)
bench-limit_LIBS   = $(STORE_LIBS)
bench-rabbit_OBJ  := $(addprefix tests/bench/,arrays meter rows)
bench-rabbit_LIBS  = $(STORE_LIBS) $(call pkg_libs,librabbitmq)
bench-release_OBJ := $(BASE) $(SCHEMAS) $(RELEASE) tests/bench/meter
bench-release_LIBS = $(BASE_LIBS)

# ---- text: how well and how fast the net finds ------------------------------------------------------

text-measure_OBJ  := $(BASE) $(SCHEMAS) $(RELEASE) $(addprefix tests/text/,notes text)
text-measure_LIBS  = $(BASE_LIBS)

# ---- fuzzing: one harness a parser, tests/fuzz/<name>.c --------------------------------------------

FUZZ := codec head json_read checkpoint sentence net hl7 notices concern_log desk \
        envelope frames zap answer letter mail command

# What a peer's bytes reach, with stand-ins for what would cost more than what is tried.
FUZZ_CAST := broker/io/store_values tests/fuzz/fake_store tests/fuzz/stand_ins
FUZZ_WRAP := $(addprefix -Wl$(comma)--wrap=,dir_make ed25519_sign ed25519_verify file_exists \
             file_remove file_write id_v7 letter_open log_event row_text)

FUZZ_SPOOL := tests/fuzz/fake_spool tests/fuzz/stand_ins
FUZZ_ADAPTER := $(filter-out adapters/common/spool%,$(ADAPTER)) $(FUZZ_SPOOL)
FUZZ_WIRE := $(addprefix -Wl$(comma)--wrap=,wire_put wire_take)

fuzz-envelope_OBJ := $(BASE) $(SCHEMAS) $(IO) $(addprefix broker/io/,people register) broker/intake/receive $(FUZZ_CAST)
fuzz-envelope_LIBS = $(BASE_LIBS) $(IO_LIBS) $(FUZZ_WRAP)
fuzz-frames_OBJ := $(BASE) $(SCHEMAS) $(IO)
fuzz-frames_LIBS = $(BASE_LIBS) $(IO_LIBS)
fuzz-zap_OBJ := $(BASE) $(SCHEMAS) $(IO) $(addprefix broker/io/,people register) $(FUZZ_CAST)
fuzz-zap_LIBS = $(BASE_LIBS) $(IO_LIBS) $(FUZZ_WRAP)
fuzz-answer_OBJ := $(BASE) $(SCHEMAS) $(IO) $(LEDGER) $(FUZZ_SPOOL) \
                   $(addprefix adapters/common/,alarm client courier files form letters letters_text \
                   promise submission unsent window witness word_form)
fuzz-answer_LIBS = $(ADAPTER_LIBS) $(FUZZ_WRAP)
fuzz-letter_OBJ := $(fuzz-answer_OBJ)
fuzz-letter_LIBS = $(ADAPTER_LIBS) $(FUZZ_WRAP)
fuzz-mail_OBJ := $(filter-out broker/courier/main $(STORE),$(mash-courier_OBJ)) $(FUZZ_CAST) \
                 tests/fuzz/fake_wire
fuzz-mail_LIBS = $(BASE_LIBS) $(IO_LIBS) $(FUZZ_WRAP) $(FUZZ_WIRE)
fuzz-command_OBJ = $(filter-out broker/hub/main $(STORE),$(mash-hub_OBJ)) $(FUZZ_CAST) \
                   tests/fuzz/fake_wire
fuzz-command_LIBS = $(BASE_LIBS) $(IO_LIBS) $(call pkg_libs,jansson) $(FUZZ_WRAP) $(FUZZ_WIRE)
fuzz-codec_OBJ := $(BASE) $(SCHEMAS)
fuzz-codec_LIBS = $(BASE_LIBS)
fuzz-head_OBJ  := $(BASE) $(SCHEMAS)
fuzz-head_LIBS  = $(BASE_LIBS)
fuzz-json_read_OBJ  := $(BASE) $(SCHEMAS) schemas/json_read
fuzz-json_read_LIBS  = $(BASE_LIBS) $(call pkg_libs,jansson)
fuzz-hl7_OBJ   := $(FUZZ_ADAPTER) $(addprefix adapters/health/,ack hl7 mllp referral)
fuzz-hl7_LIBS   = $(ADAPTER_LIBS) $(FUZZ_WRAP)
fuzz-notices_OBJ := $(FUZZ_ADAPTER) $(addprefix adapters/police/,notice notice_json notice_xml)
fuzz-notices_LIBS = $(ADAPTER_LIBS) $(FUZZ_WRAP) $(call pkg_libs,libxml-2.0)
fuzz-concern_log_OBJ := $(FUZZ_ADAPTER) $(addprefix adapters/education/,concern_csv concern_log)
fuzz-concern_log_LIBS = $(ADAPTER_LIBS) $(FUZZ_WRAP) -lcsv
fuzz-desk_OBJ  := $(FUZZ_ADAPTER)
fuzz-desk_LIBS  = $(ADAPTER_LIBS) $(FUZZ_WRAP)
fuzz-sentence_OBJ := $(BASE) $(SCHEMAS) $(RELEASE)
fuzz-sentence_LIBS = $(BASE_LIBS)
fuzz-net_OBJ := $(BASE) $(SCHEMAS) $(RELEASE)
fuzz-net_LIBS = $(BASE_LIBS)
fuzz-checkpoint_OBJ := $(BASE) $(LEDGER)
fuzz-checkpoint_LIBS = $(BASE_LIBS)

# ---- torture: our own objects with sanitizers, and every call that may fail counted ------------------

TORTURE := intake police
TORTURE_CFLAGS = -std=gnu17 -D_GNU_SOURCE -I. -O1 -g -Wall -Wextra \
                 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
TORTURE_WRAP = -Wl,--wrap=prctl $(shell tests/torture/complete flags)
TORTURE_LIBS = $(BASE_LIBS) $(IO_LIBS) $(STORE_LIBS) $(call pkg_libs,sqlite3 jansson libxml-2.0)

TORTURE_DRIVE := $(BASE) $(SCHEMAS) $(IO) adapters/common/submission tests/unit/sample \
                 $(addprefix tests/torture/,process sender)
torture-drive-intake_OBJ := $(TORTURE_DRIVE) tests/torture/drive_intake
torture-drive-intake_LIBS = $(BASE_LIBS) $(IO_LIBS)
torture-drive-police_OBJ := $(TORTURE_DRIVE) tests/torture/drive_police
torture-drive-police_LIBS = $(BASE_LIBS) $(IO_LIBS) $(call pkg_libs,sqlite3)

# ---- hostile: attacks on a real hub's front door -----------------------------------------------------

hostile_OBJ := $(BASE) $(SCHEMAS) $(IO) adapters/common/submission tests/unit/sample \
               tests/torture/sender $(addprefix tests/hostile/,floods hostile raw senders strangers)
hostile_LIBS = $(BASE_LIBS) $(IO_LIBS)

# ---- wire: the same through a running hub, as every agency sees it -----------------------------------

wire_OBJ := $(BASE) $(SCHEMAS) $(IO) $(STORE) adapters/common/submission tests/unit/sample \
            tests/torture/sender tests/properties/canary tests/properties/world $(RELEASE) \
            $(addprefix tests/wire/,pairs played refused wire)
wire_LIBS = $(BASE_LIBS) $(IO_LIBS) $(STORE_LIBS) $(call pkg_libs,jansson) -lz
hear_OBJ := $(BASE) tests/properties/canary tests/wire/hear
hear_LIBS = $(BASE_LIBS) -lz

# ---- properties: what leaves, on random enquiries ----------------------------------------------------

properties_OBJ := $(BASE) $(SCHEMAS) $(RELEASE) $(PROPERTIES)
properties_LIBS = $(BASE_LIBS) -lz

FUZZ_CFLAGS = -std=gnu17 -D_GNU_SOURCE -I. -O1 -g -Wall -Wextra -fno-sanitize-recover=undefined \
              -fsanitize=fuzzer-no-link,address,undefined

# ---- rules ---------------------------------------------------------------------------------------

.PHONY: mutants properties wire help run demo test text faults fault-tools torture torture-programs hostile campaign-build upgrade deps test-programs bench bench-growth bench-build bench-programs build unit gen check-gen fuzz fuzz-smoke lint clean
.DEFAULT_GOAL := help
.SECONDARY:

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

run: ## build, start a hub with sample agencies, show what happens until Ctrl-C
	@deploy/install-packages build run
	@$(MAKE) --no-print-directory build
	@BUILD='$(BUILD)' deploy/as-user deploy/run

demo: ## build, play the whole story on a throw-away hub, check every step
	@deploy/install-packages build run
	@$(MAKE) --no-print-directory build
	@BUILD='$(BUILD)' deploy/as-user deploy/demo

test: ## build and pass everything; ends with one line: N passed, N failed
	@deploy/install-packages build run test
	@$(MAKE) --no-print-directory test-programs
	@BUILD='$(BUILD)' deploy/as-user tests/run

# A campaign says on descriptor 9 what is to be remembered, and on 8 draws its curve if it has one. Both are
# kept when it has passed; when not, the last good ones stay. $(1): the record, $(2): BUILD, $(3): the command.
define recorded
	@new=$$(mktemp -d) && trap 'rm -rf "$$new"' EXIT && trap 'exit 130' INT TERM && \
	    export BUILD='$(2)' MASH_COMMIT=$$(git describe --always --dirty 2>/dev/null) && \
	    $(3) 9> "$$new/record" 8> "$$new/curve" && test -s "$$new/record" && cp "$$new/record" $(1) && \
	    { test ! -s "$$new/curve" || cp "$$new/curve" $(dir $(1))curve.svg; } && echo '# recorded in $(1)'
endef

N ?= 40
JOBS ?= 1
FAULTS_BUILD ?= build/faults
faults: ## end programs N times at random (in JOBS hubs at once), then at every named point; nothing lost, nothing doubled
	@deploy/install-packages build run
	@$(MAKE) --no-print-directory FLAVOUR=faults BUILD='$(FAULTS_BUILD)' build fault-tools
	$(call recorded,tests/faults/RECORD.md,$(FAULTS_BUILD),deploy/as-user tests/faults/campaign $(N) $(JOBS))

AGREE_BUILD ?= build/release
.PHONY: agree
agree: ## hold the C engine of policies against SQL in every case, for the policies in the tree and N=1000 random ones
	@deploy/install-packages build run
	@$(MAKE) --no-print-directory FLAVOUR=release BUILD='$(AGREE_BUILD)' $(AGREE_BUILD)/agree
	$(call recorded,tests/agree/RECORD.md,$(AGREE_BUILD),deploy/as-user tests/agree/run $(N))

BENCH_BUILD ?= build/release
bench-build:
	@deploy/install-packages build run bench
	@$(MAKE) --no-print-directory FLAVOUR=release BUILD='$(BENCH_BUILD)' build bench-programs

bench: bench-build ## measure P1-P12 beside their limits, as ratios (BENCH_SECONDS= scales, 12 minutes by default)
	$(call recorded,tests/bench/RECORD.md,$(BENCH_BUILD),deploy/as-user tests/bench/run)

ROWS ?= 10000000
bench-growth: bench-build ## measure P1 again at 1,000, 1 million and ROWS stored referrals (P11; needs 4 KB of disk each)
	$(call recorded,tests/bench/GROWTH.md,$(BENCH_BUILD),deploy/as-user tests/bench/growth $(ROWS))

text: ## how well the net finds names and numbers in labelled notes, and how fast
	@$(MAKE) --no-print-directory FLAVOUR=release BUILD='$(BENCH_BUILD)' '$(BENCH_BUILD)/text-measure'
	$(call recorded,tests/text/RECORD.md,$(BENCH_BUILD),tests/text/run)

PEOPLE ?= 100000
.PHONY: bench-linkage
bench-linkage: ## how right matching is on sets whose truth it does not see, and how fast on PEOPLE invented ones
	@$(MAKE) --no-print-directory FLAVOUR=release BUILD='$(BENCH_BUILD)' \
	    $(addprefix $(BENCH_BUILD)/,mashctl linkage-score linkage-people)
	$(call recorded,tests/linkage/RECORD.md,$(BENCH_BUILD),tests/linkage/run $(PEOPLE))

torture hostile: campaign-build
	$(call recorded,tests/$@/RECORD.md,$(BUILD),deploy/as-user tests/$@/run)
torture: ## fail every call that may fail, one after the other
hostile: ## attack the front door with all there is

campaign-build:
	@deploy/install-packages build run test
	@$(MAKE) --no-print-directory build torture-programs $(BUILD)/hostile

PAIRS ?= 1000000
SEED ?= 20261122
properties: ## try on PAIRS random enquiries that what stays does not show in what leaves
	@deploy/install-packages build run
	@$(MAKE) --no-print-directory FLAVOUR=release BUILD='$(BENCH_BUILD)' '$(BENCH_BUILD)/properties'
	$(call recorded,tests/properties/RECORD.md,$(BENCH_BUILD),'$(BENCH_BUILD)/properties' $(PAIRS) $(SEED))

WIRE_BUILD ?= build/release
wire: PAIRS := $(if $(filter file,$(origin PAIRS)),2000,$(PAIRS))
wire: ## send PAIRS (2000) pairs of enquiries through a hub: what stays does not show on the wire, in logs or files
	@deploy/install-packages build run
	@$(MAKE) --no-print-directory FLAVOUR=release BUILD='$(WIRE_BUILD)' build $(addprefix $(WIRE_BUILD)/,wire hear)
	$(call recorded,tests/wire/RECORD.md,$(WIRE_BUILD),deploy/as-user tests/wire/run $(PAIRS))

mutants: ## seed faults into policy and redaction, one at a time; each must be killed by the unit tests
	@deploy/install-packages build test
	$(call recorded,tests/mutants/RECORD.md,$(BUILD),tests/mutants/run)

FROM ?= HEAD~1
upgrade: ## the front door while the intake of another commit, FROM, runs beside this one's
	@deploy/install-packages build run test
	@$(MAKE) --no-print-directory build
	@BUILD='$(BUILD)' tests/upgrade $(FROM)

deps: ## install the Debian packages that are missing
	@deploy/install-packages build run test

test-programs: build torture-programs fault-tools bench-programs $(TOOLS:%=$(BUILD)/%) $(UNIT:%=$(BUILD)/unit-%) $(E2E:%=$(BUILD)/e2e-%) $(FUZZ:%=$(BUILD)/fuzz-%)

build: $(PROGRAMS:%=$(BUILD)/%) ## build every program

torture-programs: $(TORTURE:%=$(BUILD)/torture-%) $(TORTURE:%=$(BUILD)/torture-drive-%)

fault-tools: $(BUILD)/faults-chaos $(BUILD)/faults-shim.so

bench-programs: $(BENCH:%=$(BUILD)/bench-%)

unit: $(UNIT:%=$(BUILD)/unit-%) ## build and run the unit tests
	@for t in $^; do $$t || exit 1; done

define link_rule
$(BUILD)/$(1): $$($(1)_OBJ:%=$(BUILD)/%.o) $(2)
	@mkdir -p $$(@D)
	@echo '  link $(1)'
	@$(CC) $$(LDFLAGS) -o $$@ $$^ $$($(1)_LIBS) $(3)
endef
$(foreach p,$(PROGRAMS) $(TOOLS),$(eval $(call link_rule,$(p),,)))
$(eval $(call link_rule,properties,$(BUILD)/tests/properties/main.o,))
$(eval $(call link_rule,faults-chaos,$(BUILD)/tests/faults/chaos.o,))
$(foreach u,$(UNIT),$(eval $(call link_rule,unit-$(u),$(BUILD)/tests/unit/$(u).o,$$(call pkg_libs,criterion))))
$(eval $(call link_rule,text-measure,,))
$(foreach b,$(BENCH),$(eval $(call link_rule,bench-$(b),$(BUILD)/tests/bench/$(b).o,)))
$(foreach e,$(E2E),$(eval $(call link_rule,e2e-$(e),$(BUILD)/tests/e2e/$(e).o,$$(call pkg_libs,criterion))))

define fuzz_rule
$(BUILD)/fuzz-$(1): $$(fuzz-$(1)_OBJ:%=$(BUILD)/fuzz/%.o) $(BUILD)/fuzz/tests/fuzz/$(1).o
	@echo '  link fuzz-$(1)'
	@clang -fsanitize=fuzzer,address,undefined -o $$@ $$^ $$(fuzz-$(1)_LIBS)
endef
$(foreach f,$(FUZZ),$(eval $(call fuzz_rule,$(f))))

$(BUILD)/fuzz/%.o: %.c
	@mkdir -p $(@D)
	@echo '  compile $< with sanitizers'
	@clang $(FUZZ_CFLAGS) $(call pkg_cflags,libxml-2.0) -MMD -MP -c $< -o $@

define torture_rule
$(BUILD)/torture-$(1): $$(mash-$(1)_OBJ:%=$(BUILD)/torture/%.o) $(BUILD)/torture/tests/torture/wraps.o
	@echo '  link torture-$(1)'
	@tests/torture/complete check $$(mash-$(1)_OBJ:%=$(BUILD)/torture/%.o) > $$@.missing
	@$$(CC) -fsanitize=address,undefined -o $$@ $$^ $$(TORTURE_WRAP) $$(TORTURE_LIBS)
endef
$(foreach t,$(TORTURE),$(eval $(call torture_rule,$(t))))

$(BUILD)/torture/%.o: %.c
	@mkdir -p $(@D)
	@echo '  compile $< for torture'
	@$(CC) $(TORTURE_CFLAGS) $(call pkg_cflags,libpq libxml-2.0) -MMD -MP -c $< -o $@

fuzz-smoke: $(FUZZ:%=$(BUILD)/fuzz-%) ## run each fuzz harness a little, with sanitizers
	tests/fuzz/smoke $(BUILD) $(FUZZ)

RUNS ?= 10000000
ONLY ?= $(FUZZ)
fuzz: $(ONLY:%=$(BUILD)/fuzz-%) ## run each fuzz harness, or those in ONLY="...", RUNS times
	$(call recorded,tests/fuzz/RECORD.md,$(BUILD),tests/fuzz/long $(BUILD) $(RUNS) $(ONLY))

$(BUILD)/faults-shim.so: tests/faults/shim.c
	@mkdir -p $(@D)
	@echo '  compile $<'
	@$(CC) $(TEST_CFLAGS) -fPIC -shared -o $@ $<

$(BUILD)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	@echo '  compile $<'
	@$(CC) $(TEST_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo '  compile $<'
	@$(CC) $(CFLAGS) -MMD -MP -c $< -o $@

# What is derived from schemas/*.def and kept in the tree. $(1): the folder to put it in.
define generate
	@mkdir -p $(1)/schemas/json $(1)/sql/functions
	$(BUILD)/schema-gen sql > $(1)/sql/functions/vocabulary.sql
	$(BUILD)/schema-gen protocol schemas/protocol-intro.md > $(1)/schemas/PROTOCOL.md
	$(BUILD)/schema-gen paper schemas/enquiry-intro.md > $(1)/schemas/ENQUIRY.md
	for n in $$($(BUILD)/schema-gen names); do \
	    $(BUILD)/schema-gen json $$n > $(1)/schemas/json/$$n.schema.json || exit 1; done
endef

gen: $(BUILD)/schema-gen ## rewrite what is generated from schemas/*.def
	$(call generate,.)

check-gen: $(BUILD)/schema-gen ## fail, with a diff, when it has drifted
	@rm -rf $(BUILD)/gen
	$(call generate,$(BUILD)/gen)
	diff -u sql/functions/vocabulary.sql $(BUILD)/gen/sql/functions/vocabulary.sql
	diff -u schemas/PROTOCOL.md $(BUILD)/gen/schemas/PROTOCOL.md
	diff -u schemas/ENQUIRY.md $(BUILD)/gen/schemas/ENQUIRY.md
	diff -ru schemas/json $(BUILD)/gen/schemas/json

LINT := layers style reasons shell cppcheck

lint: ## run the checks that only read
	@failed=0; for l in $(LINT); do echo "# $$l"; tests/lint/$$l || failed=1; done; exit $$failed

clean: ## remove what was built
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
