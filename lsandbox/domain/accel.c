/* Deciding between KVM and QEMU's emulation. */
#include "domain/accel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "recipe/description.h"

static gboolean is_module(const char *name)
{
    g_autofree char *path = g_build_filename("/sys/module", name, NULL);
    return g_file_test(path, G_FILE_TEST_IS_DIR);
}

/*
 * Whether QEMU cannot open NODE where root starts it: it runs as another user, in the group of NODE
 * (emulator.c), but never in root's.
 */
static gboolean is_for_root_only(int node)
{
    struct stat st;
    if (geteuid() != 0 || fstat(node, &st) < 0 || (st.st_mode & 0006) == 0006)
        return FALSE;
    return st.st_gid == 0 || (st.st_mode & 0060) != 0060;
}

const char *lsb_accel_why_not_kvm(void)
{
    cleanup_fd int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return "there is no /dev/kvm: load kvm_intel or kvm_amd, or enable virtualisation in the "
               "firmware";
    if (fd < 0 && errno == EACCES)
        return "no permission on /dev/kvm: join the group that owns it (usually kvm), then log in "
               "again";
    if (fd < 0)
        return "/dev/kvm cannot be opened";
    if (is_for_root_only(fd))
        return "only root may open /dev/kvm, and QEMU does not run as root: give it to a group "
               "that may read and write it (usually kvm)";
    if (ioctl(fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
        return "/dev/kvm does not speak the KVM API";
    if (is_module("kvm_pvm") && !is_module("kvm_intel") && !is_module("kvm_amd"))
        return "the host's KVM is kvm_pvm, on which a stock kernel hangs";
    return NULL;
}

gboolean lsb_accel_resolve(LsbAccel wanted, LsbAccel *result, GError **error)
{
    const char *why_not = wanted == LSB_ACCEL_TCG ? "" : lsb_accel_why_not_kvm();
    *result = why_not ? LSB_ACCEL_TCG : LSB_ACCEL_KVM;
    if (wanted == LSB_ACCEL_KVM && why_not)
        return lsb_fail(error, NO_KVM, "accel = \"kvm\": %s; or leave accel at \"auto\"", why_not);
    return TRUE;
}
