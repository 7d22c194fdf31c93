// SPDX-License-Identifier: BSD-2-Clause-Patent
/* One line on stderr, "adit-sim: ..." before it. What goes wrong names the thing and the place. */
#ifndef SIM_SAY_H
#define SIM_SAY_H

void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** Only with --verbose. */
void say_more(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void say_set_verbose(void);

#endif
