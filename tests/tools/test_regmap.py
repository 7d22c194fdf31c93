#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""tools/regmap: what it refuses, and that the checked-in files are what it writes."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REGMAP = ROOT / "tools" / "regmap"
REGS = ROOT / "hw" / "regs"
GENERATED = ("adit_reg_pkg.sv", "adit_regs.h", "REGISTERS.md")

SOUND = """
name = "toy"
bar_bytes = 256
[reg.CTRL]
offset = 0x00
doc = "Control."
field.on  = { bits = "0", sw = "rw", reset = 1, doc = "On." }
field.len = { bits = "7:4", sw = "rw", reset = 5, doc = "Length." }
field.go  = { bits = "8", sw = "w1", doc = "Go." }
field.err = { bits = "9", sw = "w1c", hw = "set", doc = "Error." }
[reg.LANE]
offset = 0x10
count = 4
stride = 8
doc = "Lanes."
field.n = { bits = "31:0", sw = "ro", hw = "w", doc = "Number." }
[reg.SIDE]
offset = 0x14
doc = "Between two lanes."
field.n = { bits = "15:0", sw = "rw", doc = "Number." }
[enum.reason]
doc = "Reasons."
values = { NONE = 0, Late = 9 }
[reason_doc]
NONE = "None."
Late = "Too late, and \\"quoted\\" | piped."
[desc.job]
bytes = 32
doc = "Job."
field.type = { at = 0, bytes = 1, doc = "Kind." }
field.tag  = { at = 4, bytes = 4, doc = "Tag." }
field.key  = { at = 8, bytes = 16, doc = "Key." }
[desc.long]
bytes = 128
doc = "Two words."
field.a = { at = 56, bytes = 8, doc = "A." }
field.b = { at = 64, bytes = 8, doc = "B." }
"""


def run(text, out):
    """Runs regmap over a map given as text."""
    source = Path(out) / "toy.toml"
    source.write_text(text, encoding="utf-8")
    return subprocess.run([REGMAP, source, Path(out) / "gen"], capture_output=True, text=True, check=False)


class Refused(unittest.TestCase):
    def refused(self, old, new, *words):
        """The sound map with one thing changed must be refused by a message with these words, and nothing written."""
        self.assertEqual(SOUND.count(old), 1, f"{old!r} must occur once")
        with tempfile.TemporaryDirectory() as out:
            done = run(SOUND.replace(old, new), out)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertNotIn("Traceback", done.stderr)
            for word in words:
                self.assertIn(word, done.stderr)
            self.assertFalse((Path(out) / "gen").exists(), "nothing is written")

    def test_fields_that_share_a_bit(self):
        self.refused('bits = "7:4"', 'bits = "7:0"', "reg.CTRL.field.len", "overlap", "reg.CTRL.field.on")

    def test_two_registers_at_one_offset(self):
        self.refused("offset = 0x14", "offset = 0x00", "reg.SIDE", "0x000", "already CTRL")

    def test_a_register_inside_an_array(self):
        self.refused("offset = 0x14", "offset = 0x18", "reg.SIDE", "already LANE[1]")

    def test_an_offset_off_the_word_grid(self):
        self.refused("offset = 0x14", "offset = 0x16", "reg.SIDE", "multiple of 4")

    def test_a_register_outside_the_bar(self):
        self.refused("count = 4", "count = 40", "reg.LANE", "outside the BAR")

    def test_a_stride_of_zero(self):
        self.refused("stride = 8", "stride = 0", "reg.LANE", "stride")

    def test_a_reset_wider_than_its_field(self):
        self.refused("reset = 5", "reset = 16", "reg.CTRL.field.len", "reset 0x10 does not fit into 4 bits")

    def test_bits_past_31(self):
        self.refused('bits = "31:0"', 'bits = "32:0"', "reg.LANE.field.n", "not inside 31:0")

    def test_bits_in_wrong_order(self):
        self.refused('bits = "7:4"', 'bits = "4:7"', "reg.CTRL.field.len", "not inside 31:0")

    def test_bits_that_are_no_bits(self):
        self.refused('bits = "7:4"', 'bits = "seven"', "reg.CTRL.field.len", "'seven'")

    def test_an_unknown_software_access(self):
        self.refused('sw = "w1c"', 'sw = "w0c"', "reg.CTRL.field.err", "unknown software access 'w0c'")

    def test_an_unknown_hardware_access(self):
        self.refused('hw = "set"', 'hw = "x"', "reg.CTRL.field.err", "unknown hardware access 'x'")

    def test_a_field_that_nobody_writes(self):
        self.refused('sw = "ro", hw = "w"', 'sw = "ro"', "reg.LANE.field.n", "no reset")

    def test_an_enum_value_used_twice(self):
        self.refused("Late = 9 }", "Late = 0 }", "enum.reason.Late", "value 0 is already enum.reason.NONE")

    def test_an_enum_value_wider_than_a_byte(self):
        self.refused("Late = 9 }", "Late = 256 }", "enum.reason.Late", "not 0 .. 255")

    def test_names_that_differ_in_case_alone(self):
        self.refused("[reg.SIDE]", "[reg.ctrl]", "reg.ctrl", "same name as reg.CTRL")
        self.refused("field.len =", "field.ON =", "reg.CTRL.field.ON", "same name as reg.CTRL.field.on")
        self.refused("values = { NONE = 0, Late = 9 }", "values = { NONE = 0, Late = 9, LATE = 10 }", "enum.reason.LATE", "same name")
        self.refused("field.tag  =", "field.TYPE  =", "desc.job.field.TYPE", "same name as desc.job.field.type")

    def test_a_name_given_twice(self):
        self.refused("[reg.SIDE]", "[reg.CTRL]", "line", "[reg.CTRL]")

    def test_names_of_two_kinds_that_meet_in_sv(self):
        self.refused("[desc.job]", "[enum.ctrl]\ndoc = \"x\"\nvalues = { OFFSET = 0 }\n[desc.job]", "enum.ctrl.OFFSET", "CTRL_OFFSET", "reg.CTRL")

    def test_a_record_field_off_its_alignment(self):
        self.refused("field.tag  = { at = 4,", "field.tag  = { at = 2,", "desc.job.field.tag", "not aligned to 4")

    def test_record_fields_that_overlap(self):
        self.refused("field.tag  = { at = 4,", "field.tag  = { at = 0,", "desc.job.field.tag", "overlaps desc.job.field.type")

    def test_a_record_field_outside_its_record(self):
        self.refused("field.key  = { at = 8,", "field.key  = { at = 24,", "desc.job.field.key", "outside the record of 32")

    def test_a_record_field_that_crosses_a_word(self):
        self.refused("field.a = { at = 56, bytes = 8,", "field.a = { at = 40, bytes = 32,", "desc.long.field.a", "crosses")

    def test_a_record_of_odd_size(self):
        self.refused("bytes = 128", "bytes = 100", "desc.long", "100 bytes")

    def test_a_reason_without_text(self):
        self.refused('NONE = "None."\n', "", "enum.reason.NONE", "has no text in [reason_doc]")

    def test_a_text_for_no_reason(self):
        self.refused('NONE = "None."\n', 'NONE = "None."\nLost = "x"\n', "reason_doc.Lost", "not a reason")

    def test_a_missing_key(self):
        self.refused('doc = "Between two lanes."\n', "", "reg.SIDE", "lacks 'doc'")

    def test_an_unknown_key(self):
        self.refused("stride = 8", "stride = 8\nstep = 8", "reg.LANE", "unknown key 'step'")

    def test_all_faults_come_at_once(self):
        with tempfile.TemporaryDirectory() as out:
            done = run(SOUND.replace("reset = 5", "reset = 16").replace("Late = 9 }", "Late = 0 }"), out)
            self.assertIn("reg.CTRL.field.len", done.stderr)
            self.assertIn("enum.reason.Late", done.stderr)


class Written(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        done = run(SOUND, holder.name)
        self.assertEqual(done.returncode, 0, done.stderr)
        gen = Path(holder.name) / "gen"
        self.gen = gen
        self.sv = (gen / "toy_reg_pkg.sv").read_text(encoding="utf-8")
        self.c = (gen / "toy_regs.h").read_text(encoding="utf-8")
        self.page = (gen / "REGISTERS.md").read_text(encoding="utf-8")

    def test_sv_resets_and_write_masks(self):
        for line in ("CTRL_RESET = 32'h00000051;", "CTRL_RW_MASK = 32'h000000f1;", "CTRL_W1_MASK = 32'h00000100;",
                     "CTRL_W1C_MASK = 32'h00000200;", "LANE_STRIDE = 8;", "LANE_COUNT = 4;", "REASON_COUNT = 16;"):
            self.assertIn(line, self.sv)

    def test_sv_keywords_are_escaped_and_long_records_are_cut_into_words(self):
        self.assertIn("type_;", self.sv)
        self.assertIn("} long_w0_t;", self.sv)
        self.assertIn("} long_w1_t;", self.sv)
        self.assertIn("} job_desc_t;", self.sv)

    def test_c_header_holds_in_c_and_in_cpp(self):
        body = ('#include "toy_regs.h"\n#include <stdio.h>\n#define X(code, name, doc) printf("%d %s %s\\n", code, #name, doc);\n'
                'int main(void) { TOY_REASON_LIST(X) printf("%u %u %zu %zu\\n", TOY_REG_LANE(2), TOY_REG_CTRL_LEN_MASK,\n'
                'offsetof(struct toy_desc_job, key), sizeof(struct toy_desc_long)); return 0; }\n')
        for compiler, suffix, standard in (("gcc", "c", "c11"), ("clang", "c", "c11"), ("g++", "cc", "c++17")):
            with self.subTest(compiler=compiler):
                source, program = self.gen / f"t.{suffix}", self.gen / f"t_{compiler}"
                source.write_text(body)
                subprocess.run([compiler, f"-std={standard}", "-Wall", "-Wextra", "-Wconversion", "-Werror", source, "-o", program], check=True)
                out = subprocess.run([program], capture_output=True, text=True, check=True).stdout
                self.assertEqual(out, '0 NONE None.\n9 Late Too late, and "quoted" | piped.\n32 240 8 128\n')

    def test_page_escapes_table_bars(self):
        self.assertIn('"quoted" \\| piped', self.page)


class CheckedIn(unittest.TestCase):
    def test_regeneration_changes_nothing(self):
        with tempfile.TemporaryDirectory() as out:
            subprocess.run([REGMAP, REGS / "card.toml", out], check=True)
            for name in GENERATED:
                self.assertEqual((Path(out) / name).read_bytes(), (REGS / name).read_bytes(), f"{name}: run `make regs`")


if __name__ == "__main__":
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0).run(unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    n_bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - n_bad} passed, {n_bad} failed")
    sys.exit(n_bad > 0)
