// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "control/words.h"

const struct words_engine words_engine = {
	.each_sa = ike_each_sa, .each_child = ike_each_child, .ph2_state = ike_ph2_state, .counters = ike_counters,
	.initiate = ike_initiate, .terminate = ike_terminate, .rekey = ike_rekey,
	.each_installed = children_each,
};
