// SPDX-License-Identifier: BSD-2-Clause-Patent
// The feeder of one kind of hash: the blocks it makes of random packets, in every cut, are the padded string's; its reads
// are the body's words, each once and in order; with random stalls on every side.
// Built once per kind: KIND, CONTEXTS come from the build.
#include "Vauth_feed.h"
#include "hash_ref.h"
#include <map>

static Vauth_feed *top;
static unsigned long cycle;
static constexpr unsigned BLOCK = KIND == HASH_SHA512 ? 128 : 64;
static constexpr bool IS_GHASH = KIND == HASH_GCM;

struct packet {
	auth_job job;
	bytes_t body, blocks;      // what must come out; GHASH: whole blocks of 16, else whole blocks
	size_t came = 0;           // bytes of them
	bool outer_came = false, in_flight = false;
	unsigned words_asked = 0, run = 0;
};

// FIPS 180-4 section 5.1, RFC 1321 section 3: one bit, zeros, length with the key's block; SP 800-38D section 6.4, 7.1
static bytes_t padded(const auth_job &job, const bytes_t &body)
{
	bytes_t text(body.begin() + job.off, body.end()), out = job.prefix;
	if (IS_GHASH) {
		bool gcm = job.kind == HASH_GCM;
		if (gcm) out.resize(16);
		out = out + text;
		out.resize((out.size() + 15) / 16 * 16);
		put_word(out, uint64_t(8 * (job.prefix.size() + (gcm ? 0 : text.size()))), false);
		put_word(out, uint64_t(8 * (gcm ? text.size() : 0)), false);
		return out;
	}
	out = out + text + job.suffix;
	uint64_t bits = 8 * (out.size() + BLOCK);
	out.push_back(0x80);
	while (out.size() % BLOCK != BLOCK - BLOCK / 8) out.push_back(0);
	if (BLOCK == 128) put_word(out, uint64_t(0), false);
	put_word(out, bits, KIND == HASH_MD5);
	return out;
}

static packet random_packet(unsigned bytes)
{
	packet p;
	p.job.kind = IS_GHASH && roll(2) ? HASH_GMAC : KIND == HASH_SHA512 && roll(2) ? HASH_SHA384 : KIND;
	p.job.off = 8 * roll(3);
	p.job.n_bytes = bytes;
	p.job.prefix = random_bytes(IS_GHASH ? 8 + 4 * roll(2) : 8 + 4 * roll(23));
	p.job.suffix = random_bytes(IS_GHASH ? 0 : 4 * roll(10));
	p.body = random_bytes(p.job.off + bytes);
	p.blocks = padded(p.job, p.body);
	return p;
}

struct stall_rates {
	unsigned job, ask, fill, block, ring;
};

static void run(std::vector<packet> &packets, stall_rates stall)
{
	static word_ring ring;
	size_t next = 0, done = 0;
	bool offered = false;
	std::map<unsigned, packet *> inside;                                   // by context
	std::deque<std::pair<unsigned, unsigned>> asked;                       // context, address; answered in order
	std::deque<unsigned> landing, ending;                                  // contexts whose block left, whose packet ended
	bool soon = false, soon_first = false, soon_outer = false, held = false;
	unsigned soon_ctx = 0;
	unsigned long start = cycle;

	while (done < packets.size()) {
		if (!offered && next < packets.size() && roll(100) >= stall.job) {
			packet &p = packets[next];
			if (ring.fits(unsigned(p.body.size() + 63) / 64)) {
				p.job.base = ring.take(unsigned(p.body.size() + 63) / 64, &p.run);
				store(p.job.base, p.body);
				put_job(top->job_i, p.job);
				offered = true;
			}
		}
		top->job_valid_i = offered;
		top->ask_ready_i = roll(100) >= stall.ask;
		top->fill_valid_i = !asked.empty() && roll(100) >= stall.fill;
		for (unsigned i = 0; i < 16; i++) top->fill_data_i[i] = uint32_t(rng());
		if (top->fill_valid_i) {
			top->fill_tag_i = uint8_t(asked.front().first);
			memcpy(&top->fill_data_i[0], memory[asked.front().second % MEM_WORDS].data(), 64);
			asked.pop_front();
		}
		top->block_ready_i = roll(100) >= stall.block;
		top->next_valid_i = !landing.empty() && roll(100) >= stall.ring;
		if (top->next_valid_i) {
			top->next_ctx_i = uint8_t(landing.front());
			inside[landing.front()]->in_flight = false;
			landing.pop_front();
		}
		top->free_valid_i = !ending.empty() && roll(100) >= stall.ring;
		if (top->free_valid_i) {
			top->free_ctx_i = uint8_t(ending.front());
			ring.give_back(inside[ending.front()]->run);
			inside.erase(ending.front());
			ending.pop_front();
			done++;
		}
		top->eval();
		check(top->idle_o == (inside.empty() && !top->free_valid_i), "idle with no packet inside");

		if (offered && top->job_ready_o) {
			unsigned ctx = top->job_ctx_o;
			check(ctx < CONTEXTS && !inside.count(ctx), "a job takes a free context");
			inside[ctx] = &packets[next++];
			offered = false;
		}
		if (top->ask_valid_o && top->ask_ready_i) {
			auto it = inside.find(top->ask_tag_o);
			check(it != inside.end() && top->ask_addr_o == it->second->job.base + it->second->words_asked &&
				      it->second->words_asked < (it->second->body.size() + 63) / 64 && it->second->job.n_bytes,
			      "the body's words are asked for in order, each once");
			if (it != inside.end()) it->second->words_asked++;
			asked.push_back({ top->ask_tag_o, top->ask_addr_o });
		}
		if (top->block_valid_o && !held) {
			check(soon && soon_ctx == top->block_ctx_o && soon_first == top->block_first_o && soon_outer == top->block_outer_o,
			      "a block is announced the cycle before");
		}
		held = top->block_valid_o && !top->block_ready_i;
		if (top->block_valid_o && top->block_ready_i) {
			auto it = inside.find(top->block_ctx_o);
			check(it != inside.end(), "a block is of a packet inside");
			if (it == inside.end()) break;
			packet &p = *it->second;
			check(!p.in_flight, "one block of a packet at a time");
			p.in_flight = true;
			check(top->block_short_o == (p.job.kind == HASH_SHA384), "SHA-384 is told");
			if (top->block_outer_o) {
				check(!IS_GHASH && p.came == p.blocks.size() && !p.outer_came, "the outer block comes once, after all");
				p.outer_came = true;
			} else {
				size_t n = IS_GHASH ? 16 * (1 + top->block_more_o) : BLOCK;
				bytes_t got(BLOCK);
				for (unsigned i = 0; i < BLOCK; i++) got[i] = uint8_t(top->block_o[BLOCK / 4 - 1 - i / 4] >> (24 - 8 * (i % 4)));
				bool same = p.came + n <= p.blocks.size() && !memcmp(got.data(), &p.blocks[p.came], n);
				check(same, std::string(HASH_NAMES[p.job.kind]) + ": prefix " + std::to_string(p.job.prefix.size()) + " off " +
						    std::to_string(p.job.off) + " bytes " + std::to_string(p.job.n_bytes) + " suffix " +
						    std::to_string(p.job.suffix.size()) + " at " + std::to_string(p.came));
				check(top->block_first_o == (p.came == 0), "the first block is told");
				p.came += n;
				check(top->block_last_o == (p.came == p.blocks.size()), "the last block is told");
				if (p.came > p.blocks.size()) break;
			}
			bool ends = IS_GHASH ? p.came == p.blocks.size() : p.outer_came;
			(ends ? ending : landing).push_back(top->block_ctx_o);
			if (ends) check(p.words_asked == (p.job.n_bytes ? (p.body.size() + 63) / 64 : 0), "all words of the body were asked for");
		}
		soon = top->soon_o;
		soon_ctx = top->soon_ctx_o;
		soon_first = top->soon_first_o;
		soon_outer = top->soon_outer_o;
		tick(top);
		if (++cycle - start > 4000000) {
			check(false, "hangs");
			break;
		}
	}
	top->free_valid_i = 0;
	top->next_valid_i = 0;
	top->fill_valid_i = 0;
	top->job_valid_i = 0;
	tick(top);
}

int main(int argc, char **argv)
{
	static const stall_rates STALLS[] = { { 0, 0, 0, 0, 0 }, { 30, 30, 30, 30, 30 }, { 0, 80, 0, 0, 0 }, { 0, 0, 80, 0, 0 },
					      { 0, 0, 0, 80, 0 }, { 0, 0, 0, 0, 80 }, { 80, 0, 0, 0, 0 } };
	Verilated::commandArgs(argc, argv);
	char what[80];
	snprintf(what, sizeof(what), "auth_feed %s contexts=%d", HASH_NAMES[KIND], CONTEXTS);
	uint64_t seed = seed_from(argc, argv, what);
	Verilated::randReset(2);
	Verilated::randSeed(int(seed));
	top = new Vauth_feed;
	top->clk_i = 0;
	top->rst_ni = 1;
	top->job_valid_i = 0;
	top->eval();
	top->rst_ni = 0;
	top->eval();
	for (int i = 0; i < 4; i++) tick(top);
	top->rst_ni = 1;

	std::vector<packet> every;
	for (unsigned n = 0; n <= 300; n++) every.push_back(random_packet(n));
	run(every, STALLS[0]);
	for (auto stall : STALLS) {
		std::vector<packet> packets;
		for (unsigned i = 0; i < 600; i++) packets.push_back(random_packet(roll(i % 60 == 0 ? 9600 : roll(3) ? 200 : 20)));
		run(packets, stall);
	}
	std::vector<packet> longest(1, random_packet(65535 - 16));
	run(longest, STALLS[1]);
	printf("%s: %lu cycles, %u passed, %u failed\n", what, cycle, passed, failed);
	delete top;
	return failed != 0;
}
