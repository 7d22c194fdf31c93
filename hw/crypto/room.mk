# SPDX-License-Identifier: BSD-2-Clause-Patent
CRYPTO_SV := hw/regs/packages.vlt hw/crypto/lint.vlt hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv hw/crypto/aes_pkg.sv \
  $(filter-out hw/crypto/aes_pkg.sv,$(wildcard hw/crypto/*.sv)) hw/stream/ram_1r1w.sv hw/stream/stream_fifo.sv
CRYPTO_CIPHER_SV := $(filter-out hw/crypto/%.sv,$(CRYPTO_SV)) hw/crypto/aes_pkg.sv $(filter-out %_pkg.sv,$(wildcard \
  $(addprefix hw/crypto/,aes_*.sv des_*.sv cipher*.sv cbc_*.sv word_*.sv copy_*.sv state_ram.sv crypto_*.sv pad_*.sv)))
# what a room is built of
CRYPTO_SV_cipher := $(CRYPTO_CIPHER_SV)
CRYPTO_AUTH_SV := $(filter-out hw/crypto/%.sv,$(CRYPTO_SV)) $(wildcard \
  $(addprefix hw/crypto/,auth*.sv hash_*.sv ghash_*.sv gf_*.sv md5_*.sv sha*.sv state_ram.sv crypto_*.sv))
CRYPTO_SV_auth   := $(CRYPTO_AUTH_SV)
CRYPTO_SV_auth_feed := $(CRYPTO_AUTH_SV)
CRYPTO_YOSYS_SV := hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv $(filter hw/crypto/%.sv hw/stream/%.sv,$(CRYPTO_SV))

# $(call crypto_model,name,top,parameters as the model and the test program both see them,parameters of the model alone,
# defines of the program alone)
define crypto_model
$(B)/hw/crypto/$(1): tests/hw/crypto/test_$(2).cpp tests/hw/crypto/room_bench.h tests/hw/crypto/peek.vlt $$(CRYPTO_SV_$(2))
	@mkdir -p $$(@D)
	@$$(VERILATOR) --cc --exe --build -j 2 -O3 -Wall --x-assign unique --x-initial unique --top-module $(2) --prefix V$(2) \
	  $(addprefix -G,$(3)) $(4) -CFLAGS "-std=c++17 -Wall -Wextra -Wno-deprecated-declarations $(addprefix -D,$(3)) $(5)" \
	  -LDFLAGS -lcrypto -MAKEFLAGS "OPT_FAST=-O1 OPT_GLOBAL=-O0 VM_PARALLEL_BUILDS=0" --Mdir $$@.obj -o ../$(1) \
	  tests/hw/crypto/peek.vlt $$(CRYPTO_SV_$(2)) $$(abspath $$<) > $$@.build.log 2>&1 || { cat $$@.build.log; exit 1; }
endef
crypto_seal = $(call crypto_model,$(1),cipher,$(2),-GDECRYPT="1'b0",-DDECRYPT=0 $(3))
crypto_open = $(call crypto_model,$(1),cipher,$(2),-GDECRYPT="1'b1",-DDECRYPT=1 $(3))
crypto_auth = $(call crypto_model,$(1),auth,$(2),-GDIR="1'b1",-DDIR=1 $(3))

CRYPTO_DEV  := LANES=1 CONTEXTS=8 MEM_LOG2=10
CRYPTO_FULL := LANES=3 CONTEXTS=32 MEM_LOG2=13
$(eval $(call crypto_seal,seal_dev,ROUNDS=2 $(CRYPTO_DEV),-DPEEK))
$(eval $(call crypto_open,open_dev,ROUNDS=2 $(CRYPTO_DEV),-DPEEK))
$(eval $(call crypto_auth,auth_dev,STAGES=5 $(CRYPTO_DEV),-DPEEK))
$(foreach k,0 1 2 3 4,$(eval $(call crypto_model,auth_feed_$(k),auth_feed,CONTEXTS=4,-GKIND="3'd$(k)",-DKIND=$(k) -DMEM_LOG2=10)))
CRYPTO_FEED_TESTS := $(addprefix $(B)/hw/crypto/auth_feed_,0 1 2 3 4)
$(eval $(call crypto_seal,seal_full,ROUNDS=14 $(CRYPTO_FULL),-DPEEK))
$(eval $(call crypto_open,open_full,ROUNDS=14 $(CRYPTO_FULL),-DPEEK))
$(eval $(call crypto_auth,auth_full,STAGES=40 LANES=1 CONTEXTS=64 MEM_LOG2=13,-DPEEK))
CRYPTO_TESTS := $(addprefix $(B)/hw/crypto/,seal_dev open_dev auth_dev seal_full open_full auth_full)

# Both ways of writing a cipher's round, and every size of ring, side by side
$(B)/hw/crypto/test_cipher_rings: tests/hw/crypto/test_cipher_rings.cpp tests/hw/crypto/cipher_rings.sv $(CRYPTO_CIPHER_SV)
	@mkdir -p $(@D)
	@$(VERILATOR) --cc --exe --build -j 2 -O3 -Wall --x-assign unique --x-initial unique --top-module cipher_rings \
	  -CFLAGS "-std=c++17 -Wall -Wextra -Wno-deprecated-declarations" -LDFLAGS -lcrypto \
	  -MAKEFLAGS "OPT_FAST=-O1 OPT_GLOBAL=-O0 VM_PARALLEL_BUILDS=0" --Mdir $@.obj -o ../test_cipher_rings \
	  $(CRYPTO_CIPHER_SV) tests/hw/crypto/cipher_rings.sv $(abspath $<) > $@.build.log 2>&1 || { cat $@.build.log; exit 1; }
TESTS += $(B)/hw/crypto/test_cipher_rings

# Every size of every hash ring
$(B)/hw/crypto/test_hash_rings: tests/hw/crypto/test_hash_rings.cpp tests/hw/crypto/hash_rings.sv tests/hw/crypto/room_bench.h \
  tests/hw/crypto/hash_ref.h $(CRYPTO_AUTH_SV)
	@mkdir -p $(@D)
	@$(VERILATOR) --cc --exe --build -j 2 -O3 -Wall --x-assign unique --x-initial unique --top-module hash_rings \
	  -CFLAGS "-std=c++17 -Wall -Wextra -Wno-deprecated-declarations" -LDFLAGS -lcrypto \
	  -MAKEFLAGS "OPT_FAST=-O1 OPT_GLOBAL=-O0 VM_PARALLEL_BUILDS=0" --Mdir $@.obj -o ../test_hash_rings \
	  $(CRYPTO_AUTH_SV) tests/hw/crypto/hash_rings.sv $(abspath $<) > $@.build.log 2>&1 || { cat $@.build.log; exit 1; }
TESTS += $(B)/hw/crypto/test_hash_rings $(CRYPTO_FEED_TESTS) $(CRYPTO_TESTS)

# Other sizes, not part of make test
$(eval $(call crypto_seal,seal_r1,ROUNDS=1 LANES=2 CONTEXTS=4 MEM_LOG2=10))
$(eval $(call crypto_open,open_r1,ROUNDS=1 LANES=1 CONTEXTS=2 MEM_LOG2=10))
$(eval $(call crypto_seal,seal_r7,ROUNDS=7 LANES=2 CONTEXTS=16 MEM_LOG2=11))
$(eval $(call crypto_open,open_r7,ROUNDS=7 LANES=2 CONTEXTS=16 MEM_LOG2=11))
$(eval $(call crypto_auth,auth_s1,STAGES=1 LANES=4 CONTEXTS=2 MEM_LOG2=10))
$(eval $(call crypto_auth,auth_s10,STAGES=10 LANES=2 CONTEXTS=16 MEM_LOG2=10))
$(eval $(call crypto_auth,auth_s20,STAGES=20 LANES=2 CONTEXTS=32 MEM_LOG2=11))
$(eval $(call crypto_auth,auth_s8,STAGES=8 LANES=3 CONTEXTS=16 MEM_LOG2=11))
CRYPTO_SWEEP := $(addprefix $(B)/hw/crypto/,seal_r1 open_r1 seal_r7 open_r7 auth_s1 auth_s8 auth_s10 auth_s20)
.PHONY: crypto-sweep crypto-bench crypto-lint
crypto-sweep: $(CRYPTO_SWEEP)
	@tests/support/run-tests $^

crypto-bench: $(CRYPTO_TESTS)
	@for t in $^; do $$t bench || exit 1; done
BENCH_TARGETS += crypto-bench

crypto-lint:
	@$(VERILATOR) --lint-only -Wall --top-module cipher $(CRYPTO_CIPHER_SV)
	@$(VERILATOR) --lint-only -Wall --top-module cipher -GLANES=4 -GROUNDS=14 -GCONTEXTS=32 -GDECRYPT="1'b1" $(CRYPTO_CIPHER_SV)
	@$(VERILATOR) --lint-only -Wall --top-module auth $(CRYPTO_SV)
	@$(VERILATOR) --lint-only -Wall --top-module auth -GLANES=2 -GSTAGES=40 -GCONTEXTS=64 $(CRYPTO_SV)
	@$(YOSYS) -q -e . -p "read_verilog -sv $(CRYPTO_YOSYS_SV); hierarchy -top cipher; proc; check -assert"
	@$(YOSYS) -q -e . -p "read_verilog -sv $(CRYPTO_YOSYS_SV); hierarchy -top auth; proc; check -assert"
LINT_TARGETS += crypto-lint
