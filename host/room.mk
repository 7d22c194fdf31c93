# SPDX-License-Identifier: BSD-2-Clause-Patent
# host: aditd and libhost.a, which adit-replay and the tests share with it.
HOST_SRC  := base/addr base/confine base/diag base/harden base/log base/text config/check config/check_ike config/identity config/keys config/keys_ike config/load config/scan \
             config/value config/words control/control control/engine control/journal control/metrics control/metrics_text control/words control/words_card control/words_ike \
             control/words_json control/words_log control/words_peer control/words_policy control/words_sa net/backlog net/local net/local6 net/tap net/udp offload/batch offload/check offload/child offload/child_restore offload/child_slot offload/child_step offload/look offload/offload offload/pair \
             offload/phase offload/table \
             crypto/cert crypto/cert_rsa crypto/dh crypto/dh_curve crypto/dh_modp crypto/dh_montgomery crypto/hash \
             crypto/ike1_keys crypto/ike2_keys crypto/ike2_seal crypto/ike2_suite crypto/pool crypto/trust crypto/xcbc \
             policy/match policy/phase1 policy/phase2 policy/phase2_offer policy/proposal policy/plan sa/manual
HOST_SRC  += sa/auth sa/auth_rsa sa/blob sa/frag sa/ike sa/io sa/message sa/natt sa/phase1 sa/phase1_begin sa/phase1_life sa/phase1_put sa/phase1_rows \
             sa/phase1_take sa/reload sa/sa sa/sa_find sa/timer sa/vendor sa/view sa/work
HOST_SRC  += sa/ask sa/child sa/child_keys sa/dpd sa/generate sa/info sa/info_send sa/quick sa/quick_ids sa/quick_initiate sa/quick_respond \
             sa/quick_work sa/rekey sa/want
HOST_SRC  += wire/bytes wire/isakmp wire/v1_attr wire/v1_fragment wire/v1_id wire/v1_notify wire/v1_sa \
             wire/v2_auth wire/v2_cp wire/v2_message wire/v2_names wire/v2_notify wire/v2_sa wire/v2_ts
HOST_LIBS := -lconfig -ljson-c -lsystemd -lcrypto -lgcrypt -lseccomp
# aditd's own files, and in link order what it and adit-replay are made of
DAEMON_SRC := main daemon card negotiate traffic
HOST_ALL   := $(addprefix $(B)/lib/,libhost.a libslowpath.a libgolden.a libadit.a)
HOST_ALL_SAN := $(addprefix $(B)/lib/,libhost-san.a libslowpath-san.a libgolden-san.a libadit-san.a)
HOST_DEPS := $(wildcard host/*.h host/*/*.h driver/include/adit/*.h hw/regs/adit_regs.h) host/room.mk

$(B)/host/obj/%.o: host/%.c $(HOST_DEPS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

$(B)/host/san/%.o: host/%.c $(HOST_DEPS)
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) -c -o $@ $<

$(B)/lib/libhost.a: $(HOST_SRC:%=$(B)/host/obj/%.o)
	@mkdir -p $(@D)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/lib/libhost-san.a: $(HOST_SRC:%=$(B)/host/san/%.o)
	@mkdir -p $(@D)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/bin/aditd: $(DAEMON_SRC:%=$(B)/host/obj/%.o) $(HOST_ALL)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $^ $(HOST_LIBS)

ALL_TARGETS += $(B)/bin/aditd

# ---- tests: each against libhost.a, those below policy/ also against a fake libadit
HOST_TESTS := base/test_text base/test_addr config/test_config config/test_ike config/test_peer policy/test_plan policy/test_match policy/test_phase1 policy/test_phase2 policy/test_phase2_offer offload/test_offload offload/test_child \
              control/test_control control/test_ike_words control/test_journal control/test_metrics net/test_local net/test_local6 net/test_backlog net/test_udp \
              crypto/test_cert crypto/test_cert_rsa crypto/test_dh crypto/test_hash crypto/test_ike1_keys crypto/test_ike2_keys crypto/test_ike2_seal crypto/test_pool crypto/test_trust
HOST_TESTS += wire/test_bytes wire/test_captures wire/test_isakmp wire/test_tshark wire/test_v1_fragment wire/test_v1_id wire/test_v1_notify wire/test_v1_sa \
              wire/test_v2_auth wire/test_v2_captures wire/test_v2_cp wire/test_v2_message wire/test_v2_mutation wire/test_v2_notify \
              wire/test_v2_sa wire/test_v2_ts wire/test_v2_tshark
HOST_TESTS += sa/test_child sa/test_info sa/test_install sa/test_quick sa/test_rekey
HOST_TEST_OBJ := $(addprefix $(B)/lib/,libhost.a libslowpath.a libgolden.a) $(addprefix $(B)/driver/,names.o algorithm.o sa_size.o)
HOST_TEST_SAN := $(addprefix $(B)/lib/,libhost-san.a libslowpath-san.a libgolden-san.a) $(addprefix $(B)/driver/san/,names.o algorithm.o sa_size.o)
HOST_TEST_DEPS := $(HOST_DEPS) $(wildcard tests/host/*.h tests/host/*/*.h)

$(B)/tests/host/%: tests/host/%.c tests/host/fake_adit.c $(HOST_TEST_OBJ) $(HOST_TEST_DEPS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Itests/host -o $@ $(filter %.c,$^) $(filter %.a %.o,$^) $(HOST_LIBS) -lcmocka

$(B)/tests/host/san/%: tests/host/%.c tests/host/fake_adit.c $(HOST_TEST_SAN) $(HOST_TEST_DEPS)
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) -Itests/host -o $@ $(filter %.c,$^) $(filter %.a %.o,$^) $(HOST_LIBS) -lcmocka

$(foreach t,wire/test_captures wire/test_tshark wire/test_v2_captures wire/test_v2_tshark crypto/test_ike2_seal,$(B)/tests/host/$(t) $(B)/tests/host/san/$(t)): HOST_LIBS += -lpcap

# phase 1's tests share a rig
SA_RIG_TESTS := sa/test_phase1 sa/test_phase1_rsa sa/test_io sa/test_attack sa/test_natt sa/test_frag sa/test_life sa/test_attack_classes sa/test_attack_grammar sa/test_attack_flood sa/test_attack_fragments sa/test_attack_cert
HOST_TESTS += $(SA_RIG_TESTS)
$(SA_RIG_TESTS:%=$(B)/tests/host/%) $(SA_RIG_TESTS:%=$(B)/tests/host/san/%): tests/host/sa/rig.c

# counts what the engine asks of the allocator
$(B)/tests/host/sa/test_attack_fragments $(B)/tests/host/san/sa/test_attack_fragments: HOST_LIBS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

TESTS     += $(HOST_TESTS:%=$(B)/tests/host/%) $(addprefix $(B)/tests/host/base/,test_harden test_confine) tests/host/test_readme.py	# not with a sanitizer's heap
SAN_TESTS += $(HOST_TESTS:%=$(B)/tests/host/san/%)

.PHONY: install-host
install-host: $(B)/bin/aditd
	install -D -m 755 $(B)/bin/aditd $(DESTDIR)$(PREFIX)/sbin/aditd
	install -D -m 644 docs/aditd.8 $(DESTDIR)$(PREFIX)/share/man/man8/aditd.8
	install -D -m 644 docs/aditd.conf.5 $(DESTDIR)$(PREFIX)/share/man/man5/aditd.conf.5
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's#/usr/local/#$(PREFIX)/#' systemd/aditd.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/aditd.service
	chmod 644 $(DESTDIR)$(PREFIX)/lib/systemd/system/aditd.service
INSTALL_TARGETS += install-host

# The unit is read as systemd reads it, with programs that are there, and how much it leaves open is measured.
.PHONY: lint-unit
lint-unit: systemd/aditd.service
	@tests/host/lint-unit $< $(B)/lint/unit
LINT_TARGETS += lint-unit

include host/transform/room.mk
include host/slowpath/room.mk
