// SPDX-License-Identifier: BSD-2-Clause-Patent
// Verilator speaks C++; this file is the border. Nothing but pins and the clock passes it.
#include "model.h"

#include <verilated.h>
#if VM_TRACE_FST
#include <verilated_fst_c.h>
#endif

#include "Vadit_card.h"
#include "Vadit_card___024root.h"

namespace {
constexpr uint64_t CYCLE_NS = 4;  // 250 MHz, as the waveform shows it
}

struct model {
	VerilatedContext context;
	Vadit_card top{&context, "adit_card"};
	struct model_pins pins{};
	uint64_t cycles = 0;
	uint64_t trace_from = 0, trace_to = 0;
#if VM_TRACE_FST
	VerilatedFstC *fst = nullptr;

	void dump(uint64_t half)
	{
		if (fst && cycles >= trace_from && cycles < trace_to)
			fst->dump(cycles * CYCLE_NS + half * CYCLE_NS / 2);
	}
#else
	void dump(uint64_t) {}
#endif
};

namespace {

uint8_t *bytes_of(VlWide<16> &wide)
{
	return reinterpret_cast<uint8_t *>(wide.data());
}

// One name of a pin is one line: what the top calls x_i or x_o is x here.
void collect_pins(Vadit_card &t, struct model_pins &p)
{
	p.rst_n = &t.rst_ni;
	p.busy = &t.busy_o;
	p.irq_valid = &t.irq_valid_o;
	p.irq_ready = &t.irq_ready_i;
	p.irq_vector = &t.irq_vector_o;

	p.axil.awaddr = &t.s_axil_awaddr_i;
	p.axil.awvalid = &t.s_axil_awvalid_i;
	p.axil.awready = &t.s_axil_awready_o;
	p.axil.wdata = &t.s_axil_wdata_i;
	p.axil.wstrb = &t.s_axil_wstrb_i;
	p.axil.wvalid = &t.s_axil_wvalid_i;
	p.axil.wready = &t.s_axil_wready_o;
	p.axil.bresp = &t.s_axil_bresp_o;
	p.axil.bvalid = &t.s_axil_bvalid_o;
	p.axil.bready = &t.s_axil_bready_i;
	p.axil.araddr = &t.s_axil_araddr_i;
	p.axil.arvalid = &t.s_axil_arvalid_i;
	p.axil.arready = &t.s_axil_arready_o;
	p.axil.rdata = &t.s_axil_rdata_o;
	p.axil.rresp = &t.s_axil_rresp_o;
	p.axil.rvalid = &t.s_axil_rvalid_o;
	p.axil.rready = &t.s_axil_rready_i;

	p.axi.awaddr = &t.m_axi_awaddr_o;
	p.axi.awlen = &t.m_axi_awlen_o;
	p.axi.awsize = &t.m_axi_awsize_o;
	p.axi.awburst = &t.m_axi_awburst_o;
	p.axi.awid = &t.m_axi_awid_o;
	p.axi.awvalid = &t.m_axi_awvalid_o;
	p.axi.awready = &t.m_axi_awready_i;
	p.axi.wdata = bytes_of(t.m_axi_wdata_o);
	p.axi.wstrb = &t.m_axi_wstrb_o;
	p.axi.wlast = &t.m_axi_wlast_o;
	p.axi.wvalid = &t.m_axi_wvalid_o;
	p.axi.wready = &t.m_axi_wready_i;
	p.axi.bresp = &t.m_axi_bresp_i;
	p.axi.bid = &t.m_axi_bid_i;
	p.axi.bvalid = &t.m_axi_bvalid_i;
	p.axi.bready = &t.m_axi_bready_o;
	p.axi.araddr = &t.m_axi_araddr_o;
	p.axi.arlen = &t.m_axi_arlen_o;
	p.axi.arsize = &t.m_axi_arsize_o;
	p.axi.arburst = &t.m_axi_arburst_o;
	p.axi.arid = &t.m_axi_arid_o;
	p.axi.arvalid = &t.m_axi_arvalid_o;
	p.axi.arready = &t.m_axi_arready_i;
	p.axi.rdata = bytes_of(t.m_axi_rdata_i);
	p.axi.rresp = &t.m_axi_rresp_i;
	p.axi.rid = &t.m_axi_rid_i;
	p.axi.rlast = &t.m_axi_rlast_i;
	p.axi.rvalid = &t.m_axi_rvalid_i;
	p.axi.rready = &t.m_axi_rready_o;

	p.lan_rx = { &t.lan_rx_tvalid_i, &t.lan_rx_tready_o, &t.lan_rx_tlast_i, &t.lan_rx_tkeep_i, bytes_of(t.lan_rx_tdata_i) };
	p.lan_tx = { &t.lan_tx_tvalid_o, &t.lan_tx_tready_i, &t.lan_tx_tlast_o, &t.lan_tx_tkeep_o, bytes_of(t.lan_tx_tdata_o) };
	p.wan_rx = { &t.wan_rx_tvalid_i, &t.wan_rx_tready_o, &t.wan_rx_tlast_i, &t.wan_rx_tkeep_i, bytes_of(t.wan_rx_tdata_i) };
	p.wan_tx = { &t.wan_tx_tvalid_o, &t.wan_tx_tready_i, &t.wan_tx_tlast_o, &t.wan_tx_tkeep_o, bytes_of(t.wan_tx_tdata_o) };
}

}  // namespace

model *model_open(void)
{
	auto *m = new model;

	collect_pins(m->top, m->pins);
	m->top.clk_i = 0;
	m->top.rst_ni = 0;
	m->top.eval();
	return m;
}

void model_close(model *m)
{
	if (!m)
		return;
#if VM_TRACE_FST
	if (m->fst) {
		m->fst->close();
		delete m->fst;
	}
#endif
	m->top.final();
	delete m;
}

const struct model_pins *model_pins(model *m)
{
	return &m->pins;
}

bool model_can_trace(void)
{
	return VM_TRACE_FST;
}

bool model_trace(model *m, const char *path, uint64_t from, uint64_t to)
{
#if VM_TRACE_FST
	m->context.traceEverOn(true);
	m->fst = new VerilatedFstC;
	m->fst->set_time_unit("1ns");
	m->fst->set_time_resolution("1ns");
	m->top.trace(m->fst, 99);
	m->fst->open(path);
	m->trace_from = from;
	m->trace_to = to;
	return m->fst->isOpen();
#else
	(void)m; (void)path; (void)from; (void)to;
	return false;
#endif
}

void model_trace_begin(model *m)
{
	if (m->trace_from == UINT64_MAX)
		m->trace_from = m->cycles;
}

void model_settle(model *m)
{
	m->top.clk_i = 0;
	m->top.eval();
	m->dump(0);
}

void model_edge(model *m)
{
	m->top.clk_i = 1;
	m->top.eval();
	m->dump(1);
	m->cycles++;
}

// Verilator makes one class of the whole hierarchy, arrays inside it.
const void *model_state(const model *m, size_t *n_bytes)
{
	*n_bytes = sizeof(*m->top.rootp);
	return m->top.rootp;
}

uint64_t model_cycles(const model *m)
{
	return m->cycles;
}
