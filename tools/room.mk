# SPDX-License-Identifier: BSD-2-Clause-Patent
# tools: aditctl and adit-replay. regmap and install-deps are scripts.
TOOLS_LIBS := -ljson-c -lcrypto -lm
CTL_SRC    := $(addprefix tools/aditctl,.c _answer.c _card.c _config.c _sa.c _talk.c _top.c)
REPLAY_SRC := tools/adit-replay.c tools/replay_pcap.c tools/replay_sim.c tools/replay_slow.c tools/replay_summary.c

$(B)/bin/aditctl: $(CTL_SRC) tools/aditctl_room.h $(B)/lib/libhost.a $(HOST_DEPS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Itools -o $@ $(filter %.c %.a,$^) $(TOOLS_LIBS)

ALL_TARGETS += $(B)/bin/aditctl

$(B)/bin/adit-replay: $(REPLAY_SRC) $(wildcard tools/*.h) $(HOST_ALL) $(HOST_DEPS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Itools -o $@ $(filter %.c %.a,$^) $(HOST_LIBS) -lpcap

ALL_TARGETS += $(B)/bin/adit-replay

TESTS += tests/tools/test_cli.py tests/tools/test_replay.py

# The same programs under sanitizers, beside the same simulator.
SAN_LIBS := $(HOST_ALL_SAN)
$(B)/san/bin/aditd: $(DAEMON_SRC:%=$(B)/host/san/%.o) $(SAN_LIBS)
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) -o $@ $^ $(HOST_LIBS)

$(B)/san/bin/aditctl: $(CTL_SRC) tools/aditctl_room.h $(SAN_LIBS) $(HOST_DEPS)
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) -Itools -o $@ $(filter %.c %.a,$^) $(TOOLS_LIBS)

$(B)/san/bin/adit-replay: $(REPLAY_SRC) $(wildcard tools/*.h) $(SAN_LIBS) $(HOST_DEPS)
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) -Itools -o $@ $(filter %.c %.a,$^) $(HOST_LIBS) -lpcap

$(B)/san/bin/adit-sim: $(B)/bin/adit-sim
	@mkdir -p $(@D)
	ln -sf ../../bin/adit-sim $@

tests/tools/test_sanitized.sh: $(addprefix $(B)/san/bin/,aditd aditctl adit-replay adit-sim)
SAN_TESTS += tests/tools/test_sanitized.sh

.PHONY: install-tools
install-tools: $(B)/bin/aditctl $(B)/bin/adit-replay
	install -D -m 755 $(B)/bin/aditctl $(DESTDIR)$(PREFIX)/sbin/aditctl
	install -D -m 755 $(B)/bin/adit-replay $(DESTDIR)$(PREFIX)/bin/adit-replay
	install -D -m 644 docs/aditctl.8 $(DESTDIR)$(PREFIX)/share/man/man8/aditctl.8
	install -D -m 644 docs/adit-replay.1 $(DESTDIR)$(PREFIX)/share/man/man1/adit-replay.1
INSTALL_TARGETS += install-tools
