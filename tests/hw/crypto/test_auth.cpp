// SPDX-License-Identifier: BSD-2-Clause-Patent
// The auth room against RFC 2202, RFC 4231, RFC 4868, SP 800-38D's and 802.1AE's test cases and, with random packets of
// all kinds and stalls, against libcrypto.
// Built once per size: DIR, LANES, STAGES, CONTEXTS, MEM_LOG2 come from the build.
#include "Vauth.h"
#include "Vauth___024root.h"
#include "hash_ref.h"
#include <map>

static constexpr unsigned TBL_SA_INNER = 5, TBL_SA_OUTER = 6;
static constexpr unsigned SLOTS = 1024;
static Vauth *top;
static unsigned long cycle;

struct packet {
	auth_job job;
	bytes_t body, want;   // from byte 0 of its first word; the first 32 bytes of the answer
	unsigned run = 0;
};
struct sa {
	unsigned kind;
	bytes_t key;
};
static std::map<unsigned, sa> sas;

static void put_state(unsigned op, unsigned slot, unsigned kind, unsigned ext, bytes_t state)
{
	bytes_t record = state + random_bytes(64 - state.size());
	unsigned took = table_op(top, op, slot, ext | DIR, kind, record);
	check(took > 0 && took < 10, "a hash state is stored within 10 cycles");
}

static void put_key(unsigned slot, unsigned kind, const bytes_t &key)
{
	put_state(TBL_SA_INNER, slot, kind, 0, is_ghash(kind) ? hash_key(key) : pad_state(kind, key, 0x36));
	put_state(TBL_SA_OUTER, slot, kind, 0, is_ghash(kind) ? bytes_t() : pad_state(kind, key, 0x5c));
	sas[slot] = { kind, key };
}

static void delete_key(unsigned slot)
{
	for (unsigned op : { TBL_SA_INNER, TBL_SA_OUTER }) put_state(op, slot, roll(8), 8, random_bytes(64));
	sas.erase(slot);
}

static bytes_t random_key(unsigned kind) { return random_bytes(is_ghash(kind) ? 16 + 8 * roll(3) : 1 + roll(180)); }

// A message cut into prefix, body at off, and suffix; the packet's key is its slot's
static packet cut(unsigned slot, const bytes_t &message, unsigned prefix, unsigned off, unsigned suffix, const bytes_t &want)
{
	packet p;
	p.job.kind = sas[slot].kind;
	p.job.slot = slot;
	p.job.off = off;
	p.job.prefix.assign(message.begin(), message.begin() + prefix);
	p.job.suffix.assign(message.end() - suffix, message.end());
	p.job.n_bytes = unsigned(message.size()) - prefix - suffix;
	p.body = random_bytes(off) + bytes_t(message.begin() + prefix, message.end() - suffix);
	p.want = want;
	p.want.resize(32);
	return p;
}

static packet random_packet(unsigned slot, unsigned bytes, unsigned prefix, unsigned off, unsigned suffix)
{
	const sa &a = sas[slot];
	if (!is_ghash(a.kind)) {
		bytes_t message = random_bytes(prefix + bytes + suffix);
		bytes_t want = hmac(a.kind, a.key, message);
		want.resize(std::min<size_t>(32, want.size()));
		return cut(slot, message, prefix, off, suffix, want);
	}
	bytes_t aad = random_bytes(prefix), text = random_bytes(bytes), none, want;
	if (a.kind == HASH_GCM) want = ghash(a.key, random_bytes(12), aad, text);
	else want = ghash(a.key, random_bytes(12), aad + text, none);
	return cut(slot, aad + text, prefix, off, 0, want);
}

static packet any_packet(unsigned bytes)
{
	auto it = sas.begin();
	std::advance(it, roll(unsigned(sas.size())));
	bool gcm = is_ghash(it->second.kind);
	return random_packet(it->first, bytes, gcm ? 8 + 4 * roll(2) : 8 + 4 * roll(23), 8 * roll(3), 4 * roll(10));
}

struct outcome {
	unsigned long cycles, words_read;
};

static outcome run(std::vector<packet> &packets, stalls stall, const char *what)
{
	static word_ring ring;
	static unsigned next_ticket;
	read_port<Vauth> port{ top };
	std::map<unsigned, packet *> inside;
	size_t next = 0, done = 0;
	unsigned long start = cycle;
	bool offered = false, job_valid = false, done_waiting = false;
	uint32_t waiting[9];

	while (done < packets.size()) {
		if (!offered && next < packets.size()) {
			packet &p = packets[next];
			unsigned words = unsigned(p.body.size() + 63) / 64;
			if (ring.fits(words) && inside.size() < 1000) {
				p.job.base = ring.take(words, &p.run);
				do p.job.ticket = next_ticket++ % 1024; while (inside.count(p.job.ticket));
				store(p.job.base, p.body);
				inside[p.job.ticket] = &p;
				put_job(top->job_i, p.job);
				offered = true;
				next++;
			}
		}
		if (offered && !job_valid) job_valid = roll(100) >= stall.job;
		top->job_valid_i = job_valid;
		port.before(stall.read);
		top->done_ready_i = roll(100) >= stall.done;
		top->eval();
		port.after();
		if (job_valid && top->job_ready_o) offered = job_valid = false;

		if (done_waiting)
			check(top->done_valid_o && !memcmp(waiting, &top->done_o[0], sizeof(waiting)), "a stalled answer stands still");
		done_waiting = top->done_valid_o && !top->done_ready_i;
		memcpy(waiting, &top->done_o[0], sizeof(waiting));
		if (top->done_valid_o && top->done_ready_i) {
			auto it = inside.find(top->done_o[8]);
			check(it != inside.end(), "an answer is of a packet inside");
			if (it != inside.end()) {
				packet &p = *it->second;
				bytes_t got(32);
				memcpy(got.data(), &top->done_o[0], 32);
				check(got == p.want, std::string(what) + ": " + HASH_NAMES[p.job.kind] + " prefix " + std::to_string(p.job.prefix.size()) +
							     " off " + std::to_string(p.job.off) + " bytes " + std::to_string(p.job.n_bytes) +
							     " suffix " + std::to_string(p.job.suffix.size()));
				ring.give_back(p.run);
				inside.erase(it);
				done++;
			}
		}
		check(top->busy_o || inside.empty() || !job_valid, "busy while packets are inside");
		tick(top);
		if (++cycle - start > 40000000) {
			check(false, std::string(what) + ": hangs");
			break;
		}
	}
	unsigned long took = cycle - start;
	top->job_valid_i = 0;
	top->done_ready_i = 1;
	for (int i = 0; i < 2 * CONTEXTS + 4; i++, cycle++) {   // no lane has more contexts, or stages
		port.before(0);
		top->eval();
		port.after();
		tick(top);
	}
	check(!top->busy_o, "idle once all is answered and wiped");
	return { took, port.words };
}

static bytes_t text(const char *s) { return bytes_t(s, s + strlen(s)); }

// Each vector in many cuts: a hash must not depend on where its message comes from
static void vectors_of_rfc_2202_4231_and_4868()
{
	bytes_t counting;
	for (unsigned i = 1; i <= 25; i++) counting.push_back(uint8_t(i));
	bytes_t hi = text("Hi There"), what = text("what do ya want for nothing?"), truncation = text("Test With Truncation");
	bytes_t larger_key = text("Test Using Larger Than Block-Size Key - Hash Key First");
	bytes_t larger_data = text("Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data");
	bytes_t both_larger = text("This is a test using a larger than block-size key and a larger than block-size data. "
				   "The key needs to be hashed before being used by the HMAC algorithm.");
	bytes_t jefe = text("Jefe"), dd(50, 0xdd), cd(50, 0xcd);
	const struct {
		unsigned kind;
		bytes_t key, message;
		const char *digest;
	} VECTORS[] = {
		// RFC 2202 section 2
		{ HASH_MD5, bytes_t(16, 0x0b), hi, "9294727a3638bb1c13f48ef8158bfc9d" },
		{ HASH_MD5, jefe, what, "750c783e6ab0b503eaa86e310a5db738" },
		{ HASH_MD5, bytes_t(16, 0xaa), dd, "56be34521d144c88dbb8c733f0e8b3f6" },
		{ HASH_MD5, counting, cd, "697eaf0aca3a3aea3a75164746ffaa79" },
		{ HASH_MD5, bytes_t(16, 0x0c), truncation, "56461ef2342edc00f9bab995690efd4c" },
		{ HASH_MD5, bytes_t(80, 0xaa), larger_key, "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd" },
		{ HASH_MD5, bytes_t(80, 0xaa), larger_data, "6f630fad67cda0ee1fb1f562db3aa53e" },
		// section 3
		{ HASH_SHA1, bytes_t(20, 0x0b), hi, "b617318655057264e28bc0b6fb378c8ef146be00" },
		{ HASH_SHA1, jefe, what, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
		{ HASH_SHA1, bytes_t(20, 0xaa), dd, "125d7342b9ac11cd91a39af48aa17b4f63f175d3" },
		{ HASH_SHA1, counting, cd, "4c9007f4026250c6bc8414f9bf50c86c2d7235da" },
		{ HASH_SHA1, bytes_t(20, 0x0c), truncation, "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04" },
		{ HASH_SHA1, bytes_t(80, 0xaa), larger_key, "aa4ae5e15272d00e95705637ce8a3b55ed402112" },
		{ HASH_SHA1, bytes_t(80, 0xaa), larger_data, "e8e99d0f45237d786d6bbaa7965c7808bbff1a91" },
		// RFC 4231 sections 4.2 to 4.8, as far as 32 bytes
		{ HASH_SHA256, bytes_t(20, 0x0b), hi, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ HASH_SHA384, bytes_t(20, 0x0b), hi, "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c" },
		{ HASH_SHA512, bytes_t(20, 0x0b), hi, "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde" },
		{ HASH_SHA256, jefe, what, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ HASH_SHA384, jefe, what, "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e" },
		{ HASH_SHA512, jefe, what, "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554" },
		{ HASH_SHA256, bytes_t(20, 0xaa), dd, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
		{ HASH_SHA384, bytes_t(20, 0xaa), dd, "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b" },
		{ HASH_SHA512, bytes_t(20, 0xaa), dd, "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39" },
		{ HASH_SHA256, counting, cd, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
		{ HASH_SHA384, counting, cd, "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e" },
		{ HASH_SHA512, counting, cd, "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db" },
		{ HASH_SHA256, bytes_t(131, 0xaa), larger_key, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
		{ HASH_SHA384, bytes_t(131, 0xaa), larger_key, "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6" },
		{ HASH_SHA512, bytes_t(131, 0xaa), larger_key, "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352" },
		{ HASH_SHA256, bytes_t(131, 0xaa), both_larger, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
		{ HASH_SHA384, bytes_t(131, 0xaa), both_larger, "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5" },
		{ HASH_SHA512, bytes_t(131, 0xaa), both_larger, "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944" },
		// RFC 4868 section 2.7.2, as far as the ICV and beyond it
		{ HASH_SHA256, bytes_t(32, 0x0b), hi, "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7" },
		{ HASH_SHA384, bytes_t(48, 0x0b), hi, "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee9737a959796489bddbc" },
		{ HASH_SHA512, bytes_t(64, 0x0b), hi, "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8" },
	};
	std::vector<packet> packets;
	unsigned slot = 100;

	for (auto &v : VECTORS) {
		put_key(++slot, v.kind, v.key);
		unsigned n = unsigned(v.message.size());
		for (unsigned prefix = 8; prefix <= std::min(96u, n); prefix += 4)
			for (unsigned suffix = 0; suffix <= std::min(36u, n - prefix); suffix += 4)
				packets.push_back(cut(slot, v.message, prefix, 8 * ((prefix + suffix) / 4 % 3), suffix, from_hex(v.digest)));
	}
	run(packets, { 0, 0, 0 }, "RFC 2202, 4231, 4868");
}

// SP 800-38D refers to McGrew and Viega's test cases: 2 and 3 have no AAD (a zero block before the text changes nothing);
// draft-mcgrew-gcm-test: ESP; IEEE 802.1AE: 54-byte frame, all of it AAD
static void vectors_of_gcm_and_gmac()
{
	const struct {
		const char *key, *iv, *aad, *text, *tag;
	} VECTORS[] = {
		{ "00000000000000000000000000000000", "000000000000000000000000", "", "00000000000000000000000000000000",
		  "ab6e47d42cec13bdf53a67b21257bddf" },
		{ "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
		  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		  "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
		  "4d5c2af327cd64a62cf35abd2ba6fab4" },
		{ "ad7a2bd03eac835a6f620fdcb506b345", "12153524c0895e81b2c28465",
		  "d609b1f056637a0d46df998d88e5222ab2c2846512153524c0895e8108000f101112131415161718191a1b1c1d1e1f20"
		  "2122232425262728292a2b2c2d2e2f30313233340001",
		  "", "f09478a9b09007d06f46e9b6a1da25dd" },
		{ "4c80cdefbb5d10da906ac73c3613a634", "2e443b684956ed7e3b244cfe", "000043218765432100000000",
		  "45000048699a000080114db7c0a80102c0a801010a9bf15638d3010000010000"
		  "00000000045f736970045f756470037369700963796265726369747902646b000021000101020201",
		  "459018148f6cbe722fd04796562dfdb4" },
		{ "feffe9928665731c6d6a8f9467308308feffe9928665731c", "cafebabefacedbaddecaf888", "0000a5f80000000a",
		  "45000028a4ad4000400678800a01038f0a010612802306b8cb712602dd6bb03e501016d075680001",
		  "95457b9652037f5318027b5b4cd7a636" },
	};
	std::vector<packet> packets;
	unsigned slot = 200;
	for (auto &v : VECTORS) {
		bytes_t key = from_hex(v.key), iv = from_hex(v.iv), aad = from_hex(v.aad), plain = from_hex(v.text), tag;
		bytes_t want = ghash(key, iv, aad, plain, &tag);
		check(tag == from_hex(v.tag), std::string("libcrypto gives the tag of the test case ") + v.tag);
		bool gmac = plain.empty();
		put_key(++slot, gmac ? HASH_GMAC : HASH_GCM, key);
		for (unsigned off : { 0u, 8u, 16u }) {
			packets.push_back(cut(slot, aad + plain, gmac ? 8 : unsigned(aad.size()), off, 0, want));
			if (gmac) packets.push_back(cut(slot, aad, 12, off, 0, want));
		}
	}
	run(packets, { 0, 0, 0 }, "GCM and GMAC");
}

static void one_key_of_each_kind()
{
	unsigned slot = 300;
	sas.clear();
	for (unsigned kind = 0; kind < HASH_KINDS; kind++) put_key(slot++, kind, random_key(kind));
}

static void every_length_up_to_200()
{
	std::vector<packet> packets;
	one_key_of_each_kind();
	for (unsigned n = 0; n <= 200; n++)
		for (auto &[slot, sa] : sas)
			packets.push_back(random_packet(slot, n, 8 + 4 * roll(2), 8 * roll(3), is_ghash(sa.kind) ? 0 : 4 * roll(2)));
	run(packets, { 0, 0, 0 }, "every length");
}

static void every_prefix_offset_and_suffix()
{
	std::vector<packet> packets;
	one_key_of_each_kind();
	for (auto &[slot, sa] : sas)
		for (unsigned prefix = 8; prefix <= (is_ghash(sa.kind) ? 12 : 96); prefix += 4)
			for (unsigned off = 0; off <= 16; off += 8)
				for (unsigned suffix = 0; suffix <= (is_ghash(sa.kind) ? 0 : 36); suffix += 4)
					packets.push_back(random_packet(slot, roll(3) ? roll(140) : roll(8), prefix, off, suffix));
	run(packets, { 0, 0, 0 }, "every cut");
}

static void random_packets_of_all_kinds_with_random_stalls(unsigned count)
{
	static const stalls STALLS[] = { { 0, 0, 0 }, { 30, 30, 30 }, { 0, 70, 0 }, { 0, 0, 90 }, { 80, 10, 50 } };

	for (unsigned i = 0; i < 70; i++) {
		unsigned kind = i % HASH_KINDS;
		put_key(roll(SLOTS), kind, random_key(kind));
	}
	for (auto stall : STALLS) {
		std::vector<packet> packets;
		for (unsigned i = 0; i < count; i++) packets.push_back(any_packet(roll(i % 50 == 0 ? 9600 : roll(4) ? 400 : 1600)));
		run(packets, stall, "random packets");
	}
}

#ifdef PEEK
// ---- what is kept: a line of 64 bytes a slot each, zero past the state
static bytes_t stored(unsigned op, unsigned slot)
{
	const auto &mem = op == TBL_SA_INNER ? top->rootp->auth__DOT__u_inner__DOT__mem : top->rootp->auth__DOT__u_outer__DOT__mem;
	bytes_t out;
	for (int i = 15; i >= 0; i--) put_word(out, uint32_t(mem[slot][i]), false);
	return out;
}
static bytes_t line(bytes_t state)
{
	state.resize(64);
	return state;
}
static bool all_zero(unsigned slot) { return stored(TBL_SA_INNER, slot) == bytes_t(64) && stored(TBL_SA_OUTER, slot) == bytes_t(64); }

// DESIGN 3: key memory is zeroed at delete, flush and reset
static void states_are_stored_for_one_kind_and_zeroed_at_delete_and_reset()
{
	for (unsigned n = 0; n < 40; n++) {
		unsigned kind = roll(HASH_KINDS);
		bytes_t key = random_key(kind);
		bytes_t inner = line(is_ghash(kind) ? hash_key(key) : pad_state(kind, key, 0x36));
		bytes_t outer = line(is_ghash(kind) ? bytes_t() : pad_state(kind, key, 0x5c));
		put_state(TBL_SA_INNER, 33, kind, 0, is_ghash(kind) ? hash_key(key) : pad_state(kind, key, 0x36));
		check(stored(TBL_SA_INNER, 33) == inner && stored(TBL_SA_OUTER, 33) == bytes_t(64), "an inner state leaves nothing of an old key");
		put_key(33, kind, key);
		check(stored(TBL_SA_INNER, 33) == inner, "the inner line is the state of its kind and zeros");
		check(stored(TBL_SA_OUTER, 33) == outer, "the outer line is the state of its kind and zeros");
	}
	delete_key(33);
	check(all_zero(33), "a deleted slot holds nothing but zeros");

	for (unsigned n = 0; n < 40; n++) {
		unsigned kind = roll(HASH_KINDS);
		put_key(n < 2 ? n * (SLOTS - 1) : roll(SLOTS), kind, random_key(kind));
	}
	reset(top);
	bool zero = true;
	for (unsigned slot = 0; slot < SLOTS; slot++) zero &= all_zero(slot);
	check(zero, "after a reset no slot holds anything but zeros");
	sas.clear();
}

// How many 32-bit words of the secrets stand anywhere in the model, as they are, byte for byte or bit for bit turned round
static unsigned words_left_of(const std::vector<bytes_t> &secrets)
{
	static std::vector<bool> is_secret(1u << 24);   // by the low 24 bits, then looked up in full
	std::vector<uint32_t> words;
	for (auto &s : secrets)
		for (unsigned i = 0; i + 4 <= s.size(); i += 4) {
			uint32_t x = get_word<uint32_t>(&s[i], false), m = 0;
			for (unsigned b = 0; b < 32; b++) m |= (x >> b & 1) << (31 - b);
			for (uint32_t w : { x, __builtin_bswap32(x), m, __builtin_bswap32(m) }) words.push_back(w);
		}
	std::sort(words.begin(), words.end());
	for (uint32_t w : words) is_secret[w & 0xffffff] = true;
	unsigned found = 0;
	const uint8_t *model = reinterpret_cast<const uint8_t *>(top->rootp);
	for (size_t i = 0; i + 4 <= sizeof(*top->rootp); i += 4) {
		uint32_t x;
		memcpy(&x, model + i, 4);
		found += is_secret[x & 0xffffff] && std::binary_search(words.begin(), words.end(), x);
	}
	for (uint32_t w : words) is_secret[w & 0xffffff] = false;
	return found;
}

static void no_word_of_a_deleted_key_is_left_anywhere()
{
	for (unsigned n = 0; n < 4; n++) {
		std::vector<packet> packets;
		std::vector<bytes_t> secrets;
		one_key_of_each_kind();
		for (auto &[slot, sa] : sas) {
			if (is_ghash(sa.kind)) secrets.push_back(hash_key(sa.key));
			else
				for (uint8_t pad : { 0x36, 0x5c }) secrets.push_back(pad_state(sa.kind, sa.key, pad));
			for (unsigned i = 0; i < (n < 2 ? 1 : 3 * CONTEXTS); i++)
				packets.push_back(random_packet(slot, roll(300), 8, 0, 0));
		}
		for (unsigned i = 0; i < 18; i++) top->tbl_i[i] = 0;
		check(words_left_of(secrets) > 0, "a stored key is found");
		if (n == 3) {  // and after a reset amid packets
			for (unsigned i = 0; i < 200; i++) {
				put_job(top->job_i, packets[i % packets.size()].job);
				top->job_valid_i = 1;
				top->rd_data_valid_i = 0;
				tick(top);
			}
			reset(top);
		} else {
			run(packets, { 0, 0, 0 }, "packets whose keys are searched for");
			std::vector<unsigned> slots;
			for (auto &[slot, sa] : sas) slots.push_back(slot);
			for (unsigned slot : slots) delete_key(slot);
		}
		for (unsigned i = 0; i < 18; i++) top->tbl_i[i] = 0;
		for (unsigned i = 0; i < 4; i++) tick(top);
		unsigned left = words_left_of(secrets);
		check(left == 0, "no word of a deleted key is left: " + std::to_string(left));
	}
	sas.clear();
}
#endif

static void another_directions_state_is_not_taken()
{
	check(table_op(top, TBL_SA_INNER, 1, !DIR, HASH_SHA1, random_bytes(64), 50) == 0, "the other direction's op gets no answer here");
	check(table_op(top, 4, 1, DIR, 0, random_bytes(64), 50) == 0, "another room's op gets no answer here");
}

static void bench()
{
	printf("auth, %d SHA-1 lanes of %d steps, %d contexts each: cycles a packet (of one alone), many of one size and kind\n", LANES,
	       STAGES, CONTEXTS);
	printf("%8s %18s %18s %18s %18s\n", "", "64", "512", "1500", "9000");
	one_key_of_each_kind();
	for (auto &[slot, sa] : sas) {
		printf("%8s", HASH_NAMES[sa.kind]);
		for (unsigned bytes : { 64u, 512u, 1500u, 9000u }) {
			unsigned n = 16 + (bytes + 2 + 15) / 16 * 16;
			std::vector<packet> packets;
			for (unsigned i = 0; i < (bytes > 2000 ? 100 : 1000); i++) packets.push_back(random_packet(slot, n, 8, 0, 0));
			outcome all = run(packets, { 0, 0, 0 }, "bench");
			std::vector<packet> alone(packets.begin(), packets.begin() + 1);
			outcome one = run(alone, { 0, 0, 0 }, "bench");
			printf(" %9.1f (%6lu)", double(all.cycles) / double(packets.size()), one.cycles);
		}
		printf("\n");
	}
}

int main(int argc, char **argv)
{
	Verilated::commandArgs(argc, argv);
	char what[80];
	snprintf(what, sizeof(what), "auth lanes=%d stages=%d contexts=%d", LANES, STAGES, CONTEXTS);
	uint64_t seed = seed_from(argc, argv, what);
	Verilated::randReset(2);
	Verilated::randSeed(int(seed));
	top = new Vauth;
	reset(top);
	if (argc > 1 && !strcmp(argv[1], "bench")) {
		bench();
	} else {
#ifdef PEEK_LANE
		states_are_stored_for_one_kind_and_zeroed_at_delete_and_reset();
		no_word_of_a_deleted_key_is_left_anywhere();
#endif
		another_directions_state_is_not_taken();
		vectors_of_rfc_2202_4231_and_4868();
		vectors_of_gcm_and_gmac();
		every_length_up_to_200();
		every_prefix_offset_and_suffix();
		random_packets_of_all_kinds_with_random_stalls(argc > 1 ? unsigned(atoi(argv[1])) : 350);
	}
	printf("%s: %lu cycles, %u passed, %u failed\n", what, cycle, passed, failed);
	delete top;
	return failed != 0;
}
