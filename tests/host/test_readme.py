#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""host/README.md's table of the seed manual: every property has a test, and every test that is named is there and is run."""
import os
import re
import unittest

# RouterOS's properties, read-only ones too, by menu; the table may tell several in one row.
WORDS = {
    "Peer": "address auth-method certificate dh-group dpd-interval dpd-maximum-failures enc-algorithm exchange-mode generate-policy hash-algorithm "
            "lifebytes lifetime nat-traversal proposal-check remote-certificate secret send-initial-contact",
    "Policy": "action dst-address ipsec-protocols level manual-sa priority proposal protocol sa-dst-address sa-src-address src-address tunnel "
              "in-accepted in-dropped in-transformed out-accepted out-dropped out-transformed ph2-state",
    "Proposal": "auth-algorithms enc-algorithms lifetime pfs-group",
    "Manual SA": "ah-algorithm ah-key ah-spi esp-auth-algorithm esp-auth-key esp-enc-algorithm esp-enc-key esp-spi lifetime",
    "Installed SA": "sa-type flush",
    "Remote peers": "local-address remote-address side state",
    "Statistics": "",
}


def read_table():
    """{menu: [(properties, tests)]}"""
    menus, menu = {}, None
    with open("host/README.md") as file:
        for line in file.read().split("## The seed manual, word by word")[1].splitlines():
            title = re.match(r"\*\*([^(*]+?)(?: \(.*\))?\*\*$", line)
            if title:
                menu = menus.setdefault(title[1], [])
            elif line.startswith("| ") and not line.startswith("| property"):
                prop, _, tests = (cell.strip() for cell in line[1:].rstrip("|").split("|"))
                menu.append((prop, re.findall(r"`([^`]+)`", tests)))
    return menus


class Table(unittest.TestCase):
    def test_every_property_of_the_manual_is_in_its_menu(self):
        menus = read_table()
        for menu, words in WORDS.items():
            listed = {word for prop, _ in menus[menu] for word in re.split(r", ", prop)}
            self.assertLessEqual(set(words.split()), listed, menu)

    def test_every_row_names_a_test(self):
        for menu, rows in read_table().items():
            for prop, tests in rows:
                self.assertTrue(tests, f"{menu}: {prop} has no test")

    def test_every_test_that_is_named_is_there_and_is_run(self):
        for menu, rows in read_table().items():
            for prop, tests in rows:
                for test in tests:
                    path, name = test.split(": ")
                    path = path if path.startswith("tests/") else "tests/host/" + path
                    self.assertTrue(os.path.exists(path), f"{menu}: {prop}: {path}")
                    with open(path) as file:
                        text = file.read()
                    if name != "*" and path.endswith(".c"):
                        self.assertRegex(text, rf"(TEST|cmocka_unit_test\w*)\({name}\b", f"{menu}: {prop}: {test}")
                    elif name != "*":
                        self.assertIn(f"def {name}(", text, f"{menu}: {prop}: {test}")

    def test_no_lifetime_hangs_on_the_time_of_day(self):
        """The manual warns that IPsec is sensitive to time changes. Ours is not: all but the log's stamps and certificates' dates is CLOCK_MONOTONIC."""
        for folder, _, names in os.walk("host"):
            for name in (name for name in names if name.endswith(".c")):
                path = os.path.join(folder, name)
                if folder == "host/crypto" or path == "host/control/journal.c":
                    continue
                with open(path) as file:
                    self.assertNotRegex(file.read(), r"CLOCK_REALTIME|\btime\((?:NULL|0|&)|gettimeofday\(|current_time", path)


if __name__ == "__main__":
    unittest.main(verbosity=2)
