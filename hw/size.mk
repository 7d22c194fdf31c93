# SPDX-License-Identifier: BSD-2-Clause-Patent
# The sizes of the full card, in one place: CARD_FULL are adit_card's parameters, PATH_FULL those that seal and open share.
# What is not named here is the default of the module: the development size.
PATH_FULL := -GLANES=3 -GROUNDS=14 -GCIPHER_CONTEXTS=32 -GSTAGES=40 -GAUTH_LANES=1 -GAUTH_CONTEXTS=64 -GMEM_LOG2=14 -GTICKETS_LOG2=9
CARD_FULL := $(PATH_FULL) -GSA_LOG2=16 -GSP_LOG2=12 -GWINDOW_LOG2=10 -GFRAME_FIFO_LOG2=12 -GFULL_SIZE=1
