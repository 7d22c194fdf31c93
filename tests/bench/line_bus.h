// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * libadit on a card in this process: the driver that users run, on another back end of its bus (driver/src/bus.h), so that whoever
 * holds the clock sees every cycle. A program that links this names its card "sim:here" and leaves bus_vfio_user.c out.
 *
 * Time passes in two ways. At rest, each register write lets the card run until it has nothing to do, so that calls of libadit that
 * wait find their answer at once. While live, only line_bus_tick() moves the clock, and register accesses cost what they cost.
 */
#ifndef LINE_BUS_H
#define LINE_BUS_H

#include <stdbool.h>
#include <stdint.h>

struct card;
struct card_setup;

/** One card for the process; setup's dma and msix are filled in here. @return NULL after a line on stderr */
struct card *line_bus_open(struct card_setup *setup);

void line_bus_live(bool is_live);

/** One cycle. */
void line_bus_tick(void);

/** Until the card is idle; ends the program if it never is. */
void line_bus_settle(void);

#endif
