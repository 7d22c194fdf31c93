// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * A card on the PCI bus, through the kernel's VFIO: container, group and device, IOMMU model type1 v2.
 * Each step that can be missing on a machine has words that say what to do about it.
 */
#include "bus.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vfio.h>

#define IOMMU_INFO_BYTES_MAX 65536u
#define VENDOR_GONE 0xffffu

struct bus_vfio {
	struct bus base;
	int container_fd, group_fd, device_fd;
	uint64_t bar_at, config_at;	/* where the regions begin in device_fd */
	size_t bar_map_bytes;
	bool can_reset;
};

static struct bus_vfio *self(struct bus *bus)
{
	return (struct bus_vfio *)bus;
}

static int vfio_access(struct bus *bus, bool is_write, unsigned region, uint64_t offset, void *data, unsigned bytes)
{
	struct bus_vfio *vfio = self(bus);
	const uint64_t at = (region == BUS_REGION_CONFIG ? vfio->config_at : vfio->bar_at) + offset;
	const ssize_t n = is_write ? pwrite(vfio->device_fd, data, bytes, (off_t)at) :
				     pread(vfio->device_fd, data, bytes, (off_t)at);

	if (n == (ssize_t)bytes)
		return 0;
	return bus_fail(bus, -EIO, "cannot %s %u bytes of region %u at %#llx: %s", is_write ? "write" : "read", bytes,
			region, (unsigned long long)offset, n < 0 ? strerror(errno) : "cut short");
}

static int vfio_dma_map(struct bus *bus, const struct bus_dma *dma)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map), .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)dma->host, .iova = dma->iova, .size = dma->bytes,
	};

	if (ioctl(self(bus)->container_fd, VFIO_IOMMU_MAP_DMA, &map) == 0)
		return 0;
	if (errno == ENOMEM)
		return bus_fail(bus, -ENOMEM, "%zu bytes of DMA memory cannot be locked: raise the limit (ulimit -l, "
				"LimitMEMLOCK=)", dma->bytes);
	return bus_fail(bus, -errno, "cannot map %zu bytes for DMA at IOVA %#llx: %s", dma->bytes,
			(unsigned long long)dma->iova, strerror(errno));
}

static int vfio_dma_unmap(struct bus *bus, const struct bus_dma *dma)
{
	struct vfio_iommu_type1_dma_unmap unmap = { .argsz = sizeof(unmap), .iova = dma->iova, .size = dma->bytes };

	if (ioctl(self(bus)->container_fd, VFIO_IOMMU_UNMAP_DMA, &unmap) == 0 && unmap.size == dma->bytes)
		return 0;
	return bus_fail(bus, -EIO, "cannot unmap IOVA %#llx: %s", (unsigned long long)dma->iova, strerror(errno));
}

static int vfio_irq_set_fds(struct bus *bus, const int *eventfds, unsigned n)
{
	union {
		struct vfio_irq_set set;
		uint8_t bytes[sizeof(struct vfio_irq_set) + BUS_VECTORS_MAX * sizeof(int32_t)];
	} msg = { 0 };

	if (n > BUS_VECTORS_MAX)
		return bus_fail(bus, -EINVAL, "%u vectors: at most %u", n, BUS_VECTORS_MAX);
	msg.set.argsz = (uint32_t)(sizeof(msg.set) + n * sizeof(int32_t));
	msg.set.flags = (n ? VFIO_IRQ_SET_DATA_EVENTFD : VFIO_IRQ_SET_DATA_NONE) | VFIO_IRQ_SET_ACTION_TRIGGER;
	msg.set.index = VFIO_PCI_MSIX_IRQ_INDEX;
	msg.set.count = n;
	if (n)
		memcpy(msg.bytes + sizeof(msg.set), eventfds, n * sizeof(int32_t));
	if (ioctl(self(bus)->device_fd, VFIO_DEVICE_SET_IRQS, &msg) == 0)
		return 0;
	return bus_fail(bus, -errno, "cannot set %u MSI-X vectors: %s", n, strerror(errno));
}

static int vfio_reset(struct bus *bus)
{
	if (!self(bus)->can_reset)
		return bus_fail(bus, -EOPNOTSUPP, "the device has no function-level reset");
	if (ioctl(self(bus)->device_fd, VFIO_DEVICE_RESET) == 0)
		return 0;
	return bus_fail(bus, -errno, "the device reset failed: %s", strerror(errno));
}

/* A card that was pulled or whose link is down answers configuration reads with all ones. */
static int vfio_check(struct bus *bus)
{
	uint16_t vendor_le = 0;
	int error = vfio_access(bus, false, BUS_REGION_CONFIG, 0, &vendor_le, sizeof(vendor_le));

	if (error)
		return error;
	return le16toh(vendor_le) == VENDOR_GONE ? bus_fail(bus, -ENODEV, "the card has left the PCI bus") : 0;
}

static void vfio_close(struct bus *bus)
{
	struct bus_vfio *vfio = self(bus);
	const int fds[] = { vfio->device_fd, vfio->group_fd, vfio->container_fd };

	if (bus->bar)
		munmap((void *)(uintptr_t)bus->bar, vfio->bar_map_bytes);
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(vfio);
}

static const struct bus_ops vfio_ops = {
	.access = vfio_access, .dma_map = vfio_dma_map, .dma_unmap = vfio_dma_unmap, .irq_set = vfio_irq_set_fds,
	.reset = vfio_reset, .check = vfio_check, .close = vfio_close,
};

/* The last part of what a link in the device's sysfs folder points to. */
static int link_name(const char *address, const char *link, char *out, size_t out_bytes)
{
	char path[128], target[PATH_MAX];
	const char *slash;
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", address, link);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	slash = strrchr(target, '/');
	if ((size_t)snprintf(out, out_bytes, "%s", slash ? slash + 1 : target) >= out_bytes)
		return -ENAMETOOLONG;
	return 0;
}

static bool is_address(const char *address)
{
	static const char form[] = "hhhh:hh:hh.o";
	size_t i;

	for (i = 0; form[i] && address[i]; i++) {
		const char c = address[i];
		const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

		if (form[i] == 'h' ? !is_hex : form[i] == 'o' ? c < '0' || c > '7' : c != form[i])
			return false;
	}
	return !form[i] && !address[i];
}

/* Find the group, and everything about the machine that is not ready for VFIO. */
static int group_find(struct bus *bus, const char *address, char *group, size_t group_bytes)
{
	char path[128], driver[64];

	if (!is_address(address))
		return bus_fail(bus, -EINVAL, "a PCI address looks like 0000:03:00.0");
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", address);
	if (access(path, F_OK) != 0)
		return bus_fail(bus, -ENODEV, "there is no PCI device with this address (see lspci -D)");
	if (link_name(address, "iommu_group", group, group_bytes) != 0)
		return bus_fail(bus, -ENODEV, "the device has no IOMMU group: turn the IOMMU on in the firmware and boot "
				"with intel_iommu=on or amd_iommu=on");
	if (link_name(address, "driver", driver, sizeof(driver)) != 0)
		return bus_fail(bus, -ENODEV, "no driver is bound to the device: echo vfio-pci > %s/driver_override; "
				"echo %s > /sys/bus/pci/drivers_probe", path, address);
	if (strcmp(driver, "vfio-pci") != 0)
		return bus_fail(bus, -EBUSY, "the device is bound to %s, not to vfio-pci", driver);
	return 0;
}

static int container_open(struct bus_vfio *vfio)
{
	vfio->container_fd = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (vfio->container_fd < 0)
		return bus_fail(&vfio->base, -errno, "/dev/vfio/vfio: %s%s", strerror(errno),
				errno == ENOENT ? " (modprobe vfio-pci)" : "");
	if (ioctl(vfio->container_fd, VFIO_GET_API_VERSION) != VFIO_API_VERSION)
		return bus_fail(&vfio->base, -EOPNOTSUPP, "the kernel speaks another version of VFIO");
	if (ioctl(vfio->container_fd, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) != 1)
		return bus_fail(&vfio->base, -EOPNOTSUPP, "the kernel lacks the type1 v2 IOMMU (modprobe vfio_iommu_type1)");
	return 0;
}

static int group_open(struct bus_vfio *vfio, const char *group)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char path[80];

	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	vfio->group_fd = open(path, O_RDWR | O_CLOEXEC);
	if (vfio->group_fd < 0)
		return bus_fail(&vfio->base, -errno, "%s: %s", path,
				errno == EBUSY ? "another process uses the group" : strerror(errno));
	if (ioctl(vfio->group_fd, VFIO_GROUP_GET_STATUS, &status) != 0)
		return bus_fail(&vfio->base, -errno, "%s: %s", path, strerror(errno));
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return bus_fail(&vfio->base, -EBUSY, "IOMMU group %s is not viable: unbind its other devices from their "
				"drivers (ls /sys/kernel/iommu_groups/%s/devices)", group, group);
	if (ioctl(vfio->group_fd, VFIO_GROUP_SET_CONTAINER, &vfio->container_fd) != 0)
		return bus_fail(&vfio->base, -errno, "cannot put group %s into a container: %s", group, strerror(errno));
	if (ioctl(vfio->container_fd, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) != 0)
		return bus_fail(&vfio->base, -errno, "cannot use the IOMMU: %s%s", strerror(errno),
				errno == EPERM ? " (without interrupt remapping the kernel refuses: "
						 "vfio_iommu_type1 allow_unsafe_interrupts=1)" : "");
	return 0;
}

/* The IOVA ranges the IOMMU offers; kernels before 5.4 do not tell, and then it is what every IOMMU has. */
static void ranges_add(struct iova_space *space, const uint8_t *info, uint32_t bytes, uint32_t at)
{
	while (at != 0 && at <= bytes - sizeof(struct vfio_info_cap_header)) {
		struct vfio_info_cap_header head;
		struct vfio_iommu_type1_info_cap_iova_range cap;

		memcpy(&head, info + at, sizeof(head));
		if (head.id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE && at <= bytes - sizeof(cap)) {
			memcpy(&cap, info + at, sizeof(cap));
			for (uint32_t i = 0; i < cap.nr_iovas; i++) {
				const size_t range_at = at + sizeof(cap) + i * sizeof(struct vfio_iova_range);
				struct vfio_iova_range range;

				if (range_at > bytes - sizeof(range))
					break;
				memcpy(&range, info + range_at, sizeof(range));
				iova_add_range(space, range.start, range.end);
			}
		}
		if (head.next <= at)	/* capabilities are chained upwards */
			break;
		at = head.next;
	}
}

static int iommu_learn(struct bus_vfio *vfio)
{
	struct vfio_iommu_type1_info head = { .argsz = sizeof(head) };
	struct vfio_iommu_type1_info *info;

	if (ioctl(vfio->container_fd, VFIO_IOMMU_GET_INFO, &head) != 0)
		return bus_fail(&vfio->base, -errno, "the IOMMU tells nothing of itself: %s", strerror(errno));
	if ((head.flags & VFIO_IOMMU_INFO_PGSIZES) && !(head.iova_pgsizes & IOVA_PAGE_BYTES))
		return bus_fail(&vfio->base, -EOPNOTSUPP, "the IOMMU has no pages of %u bytes", IOVA_PAGE_BYTES);
	if (head.argsz > sizeof(head) && head.argsz <= IOMMU_INFO_BYTES_MAX) {
		const uint32_t bytes = head.argsz;

		info = calloc(1, bytes);
		if (!info)
			return bus_fail(&vfio->base, -ENOMEM, "no memory for what the IOMMU tells");
		info->argsz = bytes;
		if (ioctl(vfio->container_fd, VFIO_IOMMU_GET_INFO, info) == 0 && (info->flags & VFIO_IOMMU_INFO_CAPS))
			ranges_add(&vfio->base.iova, (const uint8_t *)info, bytes, info->cap_offset);
		free(info);
	}
	if (vfio->base.iova.n_ranges == 0)
		iova_add_range(&vfio->base.iova, IOVA_FIRST, 0xfedfffff);	/* below x86's MSI window */
	return 0;
}

static int region_learn(struct bus_vfio *vfio, unsigned index, uint64_t *bytes, uint64_t *at)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = index };
	const uint32_t want = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;

	if (ioctl(vfio->device_fd, VFIO_DEVICE_GET_REGION_INFO, &info) != 0)
		return bus_fail(&vfio->base, -errno, "region %u: %s", index, strerror(errno));
	if ((info.flags & want) != want)
		return bus_fail(&vfio->base, -ENODEV, "region %u cannot be read and written", index);
	*bytes = info.size;
	*at = info.offset;
	if (index == BUS_REGION_BAR0 && (info.flags & VFIO_REGION_INFO_FLAG_MMAP) && info.size >= ADIT_BAR_BYTES) {
		void *map = mmap(NULL, info.size, PROT_READ | PROT_WRITE, MAP_SHARED, vfio->device_fd, (off_t)info.offset);

		if (map != MAP_FAILED) {	/* else by pread and pwrite */
			vfio->base.bar = map;
			vfio->bar_map_bytes = info.size;
		}
	}
	return 0;
}

static int device_open(struct bus_vfio *vfio, const char *address)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct vfio_irq_info irq = { .argsz = sizeof(irq), .index = VFIO_PCI_MSIX_IRQ_INDEX };
	int error;

	vfio->device_fd = ioctl(vfio->group_fd, VFIO_GROUP_GET_DEVICE_FD, address);
	if (vfio->device_fd < 0)
		return bus_fail(&vfio->base, -errno, "cannot open the device: %s", strerror(errno));
	if (ioctl(vfio->device_fd, VFIO_DEVICE_GET_INFO, &info) != 0)
		return bus_fail(&vfio->base, -errno, "the device tells nothing of itself: %s", strerror(errno));
	vfio->can_reset = (info.flags & VFIO_DEVICE_FLAGS_RESET) != 0;
	error = region_learn(vfio, BUS_REGION_BAR0, &vfio->base.bar_bytes, &vfio->bar_at);
	if (!error)
		error = region_learn(vfio, BUS_REGION_CONFIG, &vfio->base.config_bytes, &vfio->config_at);
	if (error)
		return error;
	if (ioctl(vfio->device_fd, VFIO_DEVICE_GET_IRQ_INFO, &irq) != 0)
		return bus_fail(&vfio->base, -errno, "MSI-X: %s", strerror(errno));
	vfio->base.n_vectors = irq.count;
	return 0;
}

int bus_vfio_open(const char *address, unsigned timeout_ms, struct bus **out, char *why, size_t why_bytes)
{
	struct bus_vfio *vfio = calloc(1, sizeof(*vfio));
	char group[32];
	int error;

	if (!vfio) {
		snprintf(why, why_bytes, "pci:%s: no memory", address);
		return -ENOMEM;
	}
	vfio->base.ops = &vfio_ops;
	vfio->base.timeout_ms = timeout_ms;	/* the kernel answers at once or not at all */
	vfio->base.watch_fd = -1;
	vfio->container_fd = vfio->group_fd = vfio->device_fd = -1;
	error = group_find(&vfio->base, address, group, sizeof(group));
	if (!error)
		error = container_open(vfio);
	if (!error)
		error = group_open(vfio, group);
	if (!error)
		error = iommu_learn(vfio);
	if (!error)
		error = device_open(vfio, address);
	if (error) {
		snprintf(why, why_bytes, "pci:%s: %s", address, vfio->base.why);
		vfio_close(&vfio->base);
		return error;
	}
	*out = &vfio->base;
	return 0;
}
