#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause-Patent
# The tests of the tools and of aditd against binaries built with ASan and UBSan: any report ends a program with status 99.
set -eu
export B=build/san
export ASAN_OPTIONS=detect_leaks=1:exitcode=99 UBSAN_OPTIONS=print_stacktrace=1
for t in cli replay; do
	/usr/bin/python3 tests/tools/test_$t.py
done
