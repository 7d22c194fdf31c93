# SPDX-License-Identifier: BSD-2-Clause-Patent
# driver: libadit.a, libadit.so, and the driver's tests against a fake card.
DRIVER_SRC  := algorithm bus bus_vfio bus_vfio_user card cmd event hash_state iova names packet poll ring sa sa_check \
	       sa_keys sa_size settings sp vu wait
DRIVER_LIBS := -lcrypto
OBJCOPY     ?= objcopy
DRIVER_DEPS := $(wildcard driver/src/*.h driver/include/adit/*.h hw/regs/adit_regs.h)
DRIVER_INC  := -Idriver/src

$(B)/driver/%.o: driver/src/%.c $(DRIVER_DEPS) driver/room.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(DRIVER_INC) -fPIC -c -o $@ $<

$(B)/driver/san/%.o: driver/src/%.c $(DRIVER_DEPS) driver/room.mk
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) $(DRIVER_INC) -c -o $@ $<

# The public names alone are to be seen from outside: one object, the rest of its symbols local.
$(B)/driver/libadit.o: $(DRIVER_SRC:%=$(B)/driver/%.o)
	$(LD) -r -o $@.all $^
	$(OBJCOPY) --wildcard --keep-global-symbol='adit_*' $@.all $@
	@rm -f $@.all

$(B)/lib/libadit.a: $(B)/driver/libadit.o
	@mkdir -p $(@D)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/driver/san/libadit.o: $(DRIVER_SRC:%=$(B)/driver/san/%.o)
	$(LD) -r -o $@.all $^
	$(OBJCOPY) --wildcard --keep-global-symbol='adit_*' $@.all $@
	@rm -f $@.all

$(B)/lib/libadit-san.a: $(B)/driver/san/libadit.o
	@mkdir -p $(@D)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/lib/libadit.so: $(DRIVER_SRC:%=$(B)/driver/%.o) driver/libadit.map
	@mkdir -p $(@D)
	$(CC) -shared -Wl,-soname,libadit.so.1 -Wl,--version-script=driver/libadit.map -o $@ $(filter %.o,$^) $(DRIVER_LIBS)

ALL_TARGETS += $(B)/lib/libadit.a $(B)/lib/libadit.so

# ---- tests
DRIVER_TESTS   := test_iova test_names test_bus test_cmd test_keys test_sa test_settings test_size test_sp test_event test_packet test_recover
DRIVER_SUPPORT := fake_card fake_wire rig
DRIVER_TEST_DEPS := $(wildcard tests/driver/*.h tests/support/fake_*.h) $(DRIVER_DEPS)
DRIVER_TEST_INC := $(DRIVER_INC) -Itests/driver -Itests/support
DRIVER_TEST_LIBS := $(DRIVER_LIBS) -lcmocka -lpthread

vpath fake_%.c tests/support
vpath rig.c tests/driver

$(B)/tests/driver/obj/%.o: %.c $(DRIVER_TEST_DEPS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(DRIVER_TEST_INC) -c -o $@ $<

$(B)/tests/driver/san/obj/%.o: %.c $(DRIVER_TEST_DEPS)
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) $(DRIVER_TEST_INC) -c -o $@ $<

$(B)/tests/driver/test_%: tests/driver/test_%.c $(DRIVER_SUPPORT:%=$(B)/tests/driver/obj/%.o) $(B)/lib/libadit.a $(DRIVER_TEST_DEPS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(DRIVER_TEST_INC) -o $@ $(filter %.c %.o,$^) $(filter %.a,$^) $(DRIVER_TEST_LIBS)

$(B)/tests/driver/san/test_%: tests/driver/test_%.c $(DRIVER_SUPPORT:%=$(B)/tests/driver/san/obj/%.o) $(B)/lib/libadit-san.a $(DRIVER_TEST_DEPS)
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) $(DRIVER_TEST_INC) -o $@ $(filter %.c %.o,$^) $(filter %.a,$^) $(DRIVER_TEST_LIBS)

.SECONDARY: $(DRIVER_SUPPORT:%=$(B)/tests/driver/obj/%.o) $(DRIVER_SUPPORT:%=$(B)/tests/driver/san/obj/%.o)

TESTS     += $(DRIVER_TESTS:%=$(B)/tests/driver/%)
SAN_TESTS += $(DRIVER_TESTS:%=$(B)/tests/driver/san/%)

# Looks at the inside, which the library hides.
$(B)/tests/driver/test_iova: $(B)/driver/iova.o
$(B)/tests/driver/san/test_iova: $(B)/driver/san/iova.o

.PHONY: install-driver
install-driver: $(B)/lib/libadit.a $(B)/lib/libadit.so
	install -D -m 644 driver/include/adit/adit.h $(DESTDIR)$(PREFIX)/include/adit/adit.h
	install -D -m 644 hw/regs/adit_regs.h $(DESTDIR)$(PREFIX)/include/adit/adit_regs.h
	install -D -m 644 $(B)/lib/libadit.a $(DESTDIR)$(PREFIX)/lib/libadit.a
	install -D -m 755 $(B)/lib/libadit.so $(DESTDIR)$(PREFIX)/lib/libadit.so.1
	ln -sf libadit.so.1 $(DESTDIR)$(PREFIX)/lib/libadit.so
INSTALL_TARGETS += install-driver
