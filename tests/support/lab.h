// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What test programs share: a folder for one run, a simulated card in it, plain addresses. Every failure ends the program. */
#ifndef ADIT_TESTS_LAB_H
#define ADIT_TESTS_LAB_H

#include <sys/types.h>

#include "adit/adit.h"

/** Print "name: message" and exit 1; name is the one given to lab_open(). */
__attribute__((noreturn, format(printf, 1, 2))) void lab_die(const char *format, ...);

/** Make the run's folder under /tmp. */
void lab_open(const char *name);
/** Remove the folder and all in it. */
void lab_close(void);
const char *lab_folder(void);
/** A path inside the folder; valid until eight more were asked for. */
const char *lab_path(const char *name);

/**
 * Start a deterministic adit-sim whose socket is lab_path("card") and wait until it listens.
 * @param lan, wan  ports as adit-sim takes them
 * @param seed, stall  as text
 */
pid_t lab_start_sim(const char *sim, const char *lan, const char *wan, const char *seed, const char *stall);
/** The same, but time passes by itself: frames and the host's messages go in while the card works, at no fixed cycle. */
pid_t lab_start_live_sim(const char *sim, const char *lan, const char *wan, const char *seed, const char *stall);
/** Open the card of lab_start_sim(). */
struct adit_card *lab_open_card(const struct adit_open_options *options);
/** Close the card, then end the simulator and wait for it. */
void lab_stop(struct adit_card *card, pid_t sim);

/** A SEQPACKET socket that listens, for a port "unix:PATH" of the simulated card. */
int lab_listen(const char *path);
/** The card's end has connected: closes the listener. send_room: bytes that may wait on their way into the card. */
int lab_accept(int listener, int send_room);

/** A simulator, deterministic or live, whose lan and wan are ports[0] and ports[1]; much may wait in each. */
pid_t lab_start_with_ports(const char *sim, uint64_t seed, const char *stall, bool is_live, int ports[2]);

struct adit_addr lab_addr4(uint32_t value);

/* Random numbers: xorshift64*, so that a seed means the same everywhere. */
void lab_seed(uint64_t seed);
uint32_t lab_rnd(uint32_t below);
/** True once in n times. */
bool lab_one_in(uint32_t n);
void lab_rnd_bytes(uint8_t *out, size_t n);

/** Print "MISTAKE: message" and count it; more than 20 end the program. */
__attribute__((format(printf, 1, 2))) void lab_mistake(const char *format, ...);
unsigned lab_mistakes(void);

#endif
