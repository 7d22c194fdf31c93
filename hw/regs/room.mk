# SPDX-License-Identifier: BSD-2-Clause-Patent
TESTS += tests/tools/test_regmap.py
