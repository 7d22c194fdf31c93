# SPDX-License-Identifier: BSD-2-Clause-Patent
# tools: aditctl and adit-replay. regmap and install-deps are scripts.
TOOLS_LIBS := -ljson-c -lcrypto
REPLAY_SRC := tools/adit-replay.c tools/replay_pcap.c tools/replay_sim.c

$(B)/bin/aditctl: tools/aditctl.c $(B)/lib/libhost.a $(HOST_DEPS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $(filter %.c %.a,$^) $(TOOLS_LIBS)

ALL_TARGETS += $(B)/bin/aditctl

$(B)/bin/adit-replay: $(REPLAY_SRC) $(wildcard tools/*.h) $(B)/lib/libhost.a $(B)/lib/libadit.a $(HOST_DEPS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Itools -o $@ $(filter %.c %.a,$^) $(HOST_LIBS) -lpcap

ALL_TARGETS += $(B)/bin/adit-replay
