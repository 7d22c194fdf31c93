// SPDX-License-Identifier: BSD-2-Clause-Patent
// What the tests of parse, spd and sad share: a seeded random source, checks that count, and wide ports.
#pragma once
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

namespace tb {

struct random {
	uint64_t s;

	explicit random(uint64_t seed) : s(seed * 0x9e3779b97f4a7c15u + 1) {}
	uint64_t next()
	{
		s ^= s << 13;
		s ^= s >> 7;
		s ^= s << 17;
		return s * 0x2545f4914f6cdd1du;
	}
	uint32_t below(uint32_t n) { return (uint32_t)((next() >> 32) * n >> 32); }
	bool one_in(uint32_t n) { return below(n) == 0; }
};

// Seed from the command line or the clock; always printed, so that a failure can be run again.
inline uint64_t seed_from(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], nullptr, 0) : (uint64_t)time(nullptr);

	printf("seed %" PRIu64 "\n", seed);
	return seed;
}

struct tally {
	int passed = 0, failed = 0;
	uint64_t errors = 0;
	uint64_t errors_before = 0;
	const char *name = "";

	void begin(const char *sentence)
	{
		name = sentence;
		errors_before = errors;
	}
	void end()
	{
		bool ok = errors == errors_before;

		(ok ? passed : failed)++;
		printf("%s %s\n", ok ? "ok  " : "FAIL", name);
	}
	void expect(bool ok, const char *what, uint64_t got, uint64_t want)
	{
		if (ok)
			return;
		if (errors++ - errors_before < 10)
			printf("     %s: %s: got 0x%" PRIx64 ", want 0x%" PRIx64 "\n", name, what, got, want);
	}
	void equal(const char *what, uint64_t got, uint64_t want) { expect(got == want, what, got, want); }
	int report()
	{
		printf("%d passed, %d failed\n", passed, failed);
		return failed ? 1 : 0;
	}
};

// 128-bit numbers as two halves.
struct u128 {
	uint64_t hi = 0, lo = 0;
	bool operator==(const u128 &o) const { return hi == o.hi && lo == o.lo; }
	bool operator<(const u128 &o) const { return hi < o.hi || (hi == o.hi && lo < o.lo); }
};

template <class W> u128 get128(const W &w, int word = 0)
{
	return { (uint64_t)w[word + 3] << 32 | w[word + 2], (uint64_t)w[word + 1] << 32 | w[word] };
}
template <class W> void set128(W &w, u128 v, int word = 0)
{
	w[word] = (uint32_t)v.lo;
	w[word + 1] = (uint32_t)(v.lo >> 32);
	w[word + 2] = (uint32_t)v.hi;
	w[word + 3] = (uint32_t)(v.hi >> 32);
}

}  // namespace tb
