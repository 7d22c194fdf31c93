// SPDX-License-Identifier: BSD-2-Clause-Patent
#ifndef HOST_BASE_VERSION_H
#define HOST_BASE_VERSION_H

#define ADIT_VERSION "0.1.0"

#endif
