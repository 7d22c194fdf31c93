#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause-Patent
# The tests of sim/ against an adit-sim whose C parts are built with ASan and UBSan: any report ends the run with an error.
set -eu
export ADIT_SIM_ECHO=${ADIT_SIM_ECHO:-$PWD/build/sim/adit-sim-echo-san}
export ASAN_OPTIONS=detect_leaks=1:exitcode=99 UBSAN_OPTIONS=print_stacktrace=1
for t in front ports run; do
	/usr/bin/python3 tests/sim/test_$t.py
done
