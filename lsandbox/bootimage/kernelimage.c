/* Which kernel a machine boots: finding images and module directories, and reading an image. */
#include "bootimage/kernelimage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "bootimage/bootimage.h"
#include "bootimage/vmlinux.h"

void lsb_kernel_free(LsbKernel *kernel)
{
    g_free(kernel->release);
    g_free(kernel->image);
    g_free(kernel->modules);
    g_free(kernel);
}

/* --- packages --- */

static const LsbKernelPackages packages[] = {
    {.id = "debian",
     .kernel = "linux-image-amd64",
     .modules = "linux-image-amd64 (the cloud flavour has no 9p)"},
    {.id = "ubuntu",
     .kernel = "linux-image-generic",
     .modules = "linux-image-generic, or linux-modules-extra of this release"},
    {.id = "rhel",
     .kernel = "kernel",
     .modules = "of another vendor's kernel: the distribution's own have no 9p"},
    {.id = "fedora",
     .kernel = "kernel",
     .modules = "kernel-modules, or kernel-modules-extra, of this release"},
    {.id = "arch", .kernel = "linux", .modules = "linux"},
    {.id = "suse", .kernel = "kernel-default", .modules = "kernel-default"},
    {.id = NULL, /* the last row: any other distribution */
     .kernel = "of your distribution's general kernel",
     .modules = "of your distribution's general kernel"},
};

static const LsbKernelPackages *row_of(const char *id)
{
    const LsbKernelPackages *row = packages;
    while (row->id && strcmp(row->id, id) != 0)
        row++;
    return row;
}

const LsbKernelPackages *lsb_kernel_packages_of(const char *id, const char *id_like)
{
    g_autofree char *all = g_strconcat(id ? id : "", " ", id_like ? id_like : "", NULL);
    g_auto(GStrv) words = g_strsplit(all, " ", -1);
    for (char **word = words; *word; word++)
        if (row_of(*word)->id)
            return row_of(*word);
    return row_of("");
}

const LsbKernelPackages *lsb_kernel_packages(void)
{
    g_autofree char *id = g_get_os_info(G_OS_INFO_KEY_ID);
    g_autofree char *like = g_get_os_info("ID_LIKE");
    return lsb_kernel_packages_of(id, like);
}

/* --- reading --- */

static gboolean fail_open(const char *path, int errnum, GError **error)
{
    if (errnum == EACCES || errnum == EPERM)
        return lsb_fail(
            error, NO_PERMISSION,
            "cannot read the kernel image %s: %s; make it readable with \"sudo chmod 0644 %s\" "
            "(some distributions need that after each kernel update)",
            path, g_strerror(errnum), path);
    return lsb_fail(error, NO_KERNEL, "cannot open the kernel image %s: %s", path,
                    g_strerror(errnum));
}

/* Open for reading. O_NONBLOCK: to open a FIFO without it would block. */
static int open_kernel(const char *path, guint64 *size, GError **error)
{
    struct stat st;
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0) {
        fail_open(path, errno, error);
        return -1;
    }
    if (!S_ISREG(st.st_mode)) {
        lsb_fail(error, NO_KERNEL, "the kernel image %s is not a regular file", path);
        return -1;
    }
    *size = st.st_size;
    return steal_fd(&fd);
}

/*
 * Up to MOST bytes from the start. Not mapped, because access to a mapped file that shrinks kills.
 */
static GBytes *read_start(int fd, gsize most, GError **error)
{
    g_autofree guint8 *data = g_try_malloc(most);
    gsize have = 0;
    while (data && have < most) {
        ssize_t n = read(fd, data + have, most - have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            lsb_set_errno(error, errno, "cannot read the kernel image");
            return NULL;
        }
        if (n == 0)
            break;
        have += n;
    }
    return g_bytes_new_take(g_steal_pointer(&data), have);
}

/* Whether a file of SIZE bytes that starts with HEAD is a kernel. Sets IMAGE for a bzImage. */
static gboolean check_head(GBytes *head, guint64 size, LsbBzImage *image, GError **error)
{
    gsize have;
    const guint8 *data = g_bytes_get_data(head, &have);
    if (lsb_is_elf(data, have))
        return TRUE;
    return lsb_bzimage_parse(data, have, size, image, error);
}

static GBytes *read_checked(const char *path, gsize most, LsbBzImage *image, GError **error)
{
    guint64 size;
    cleanup_fd int fd = open_kernel(path, &size, error);
    if (fd < 0)
        return NULL;
    if (size > LSB_VMLINUX_MOST) {
        lsb_fail(error, NO_KERNEL, "%s is too large for a kernel image", path);
        return NULL;
    }
    g_autoptr(GBytes) bytes = read_start(fd, MIN(most, size), error);
    if (!bytes || !check_head(bytes, size, image, error)) {
        g_prefix_error(error, "%s: ", path);
        return NULL;
    }
    return g_steal_pointer(&bytes);
}

GBytes *lsb_kernel_read(const char *path, GError **error)
{
    LsbBzImage image;
    return read_checked(path, LSB_VMLINUX_MOST, &image, error);
}

static char *release_of_elf(const char *path, GError **error)
{
    g_autoptr(GBytes) elf = lsb_kernel_read(path, error);
    return elf ? lsb_vmlinux_release(elf) : NULL;
}

/* The release that is written in the image at PATH. */
static char *release_of(const char *path, GError **error)
{
    LsbBzImage image = {.release = ""};
    g_autoptr(GBytes) head = read_checked(path, LSB_BZIMAGE_HEAD, &image, error);
    if (!head)
        return NULL;
    if (*image.release)
        return g_strdup(image.release);
    gsize size;
    const void *data = g_bytes_get_data(head, &size);
    char *release = lsb_is_elf(data, size) ? release_of_elf(path, error) : NULL;
    if (!release && !(error && *error))
        lsb_fail(error, NO_KERNEL, "%s does not say which release it is; set kernel.version", path);
    return release;
}

/* --- finding --- */

static const char *const image_dirs[] = {"boot", NULL};
static const char *const module_dirs[] = {"lib/modules", "usr/lib/modules", NULL};
static const char image_prefix[] = "vmlinuz-";

static const char *sysroot_of(const LsbBootRequest *request)
{
    return request->sysroot ? request->sysroot : "/";
}

static gboolean same_directory(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The directory of a release's modules: the one asked for, else the first that has modules. */
static char *modules_of(const LsbBootRequest *request, const char *release)
{
    if (request->modules)
        return g_strdup(request->modules);
    for (const char *const *dir = module_dirs; *dir; dir++) {
        g_autofree char *path = g_build_filename(sysroot_of(request), *dir, release, NULL);
        g_autofree char *index = g_build_filename(path, "modules.dep.bin", NULL);
        if (g_file_test(index, G_FILE_TEST_EXISTS))
            return g_steal_pointer(&path);
    }
    return g_build_filename(sysroot_of(request), module_dirs[0], release, NULL);
}

static LsbKernel *kernel_new(const LsbBootRequest *request, const char *release, const char *image)
{
    LsbKernel *kernel = g_new0(LsbKernel, 1);
    kernel->release = g_strdup(release);
    kernel->image = g_strdup(image);
    kernel->modules = modules_of(request, release);
    return kernel;
}

static void add_kernel_image(GPtrArray *found, const LsbBootRequest *request, const char *release,
                             char *image)
{
    g_autofree char *path = image;
    if (lsb_release_valid(release) && g_file_test(path, G_FILE_TEST_EXISTS))
        g_ptr_array_add(found, kernel_new(request, release, path));
}

/* Add DIR/vmlinuz-RELEASE (Debian, Ubuntu, Fedora, openSUSE). */
static void add_from_image_dir(GPtrArray *found, const LsbBootRequest *request, const char *dir)
{
    const char *name;
    g_autoptr(GDir) open = g_dir_open(dir, 0, NULL);
    while (open && (name = g_dir_read_name(open)))
        if (g_str_has_prefix(name, image_prefix))
            add_kernel_image(found, request, name + strlen(image_prefix),
                             g_build_filename(dir, name, NULL));
}

/* Add DIR/RELEASE/vmlinuz (Fedora, Arch). */
static void add_from_module_dir(GPtrArray *found, const LsbBootRequest *request, const char *dir)
{
    const char *name;
    g_autoptr(GDir) open = g_dir_open(dir, 0, NULL);
    while (open && (name = g_dir_read_name(open)))
        add_kernel_image(found, request, name, g_build_filename(dir, name, "vmlinuz", NULL));
}

static void add_all(GPtrArray *found, const LsbBootRequest *request)
{
    const char *root = sysroot_of(request);
    g_autofree char *first = g_build_filename(root, module_dirs[0], NULL);
    for (const char *const *dir = image_dirs; *dir; dir++) {
        g_autofree char *path = g_build_filename(root, *dir, NULL);
        add_from_image_dir(found, request, path);
    }
    for (const char *const *dir = module_dirs; *dir; dir++) {
        g_autofree char *path = g_build_filename(root, *dir, NULL);
        if (dir == module_dirs || !same_directory(path, first))
            add_from_module_dir(found, request, path);
    }
}

int lsb_kernel_compare_releases(const char *a, const char *b)
{
    return strverscmp(a, b);
}

/* The running release first, then the newest. */
static int compare_kernels(gconstpointer a, gconstpointer b, gpointer running)
{
    const LsbKernel *x = *(const LsbKernel *const *)a, *y = *(const LsbKernel *const *)b;
    int preferred = (strcmp(y->release, running) == 0) - (strcmp(x->release, running) == 0);
    return preferred ? preferred : lsb_kernel_compare_releases(y->release, x->release);
}

static char *releases_of(GPtrArray *kernels)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < kernels->len; i++) {
        const LsbKernel *kernel = kernels->pdata[i];
        g_string_append_printf(text, "%s%s", i ? ", " : "", kernel->release);
    }
    return text->len ? g_string_free(g_steal_pointer(&text), FALSE) : g_strdup("none");
}

static void keep_version(GPtrArray *kernels, const char *version)
{
    for (guint i = kernels->len; i > 0; i--)
        if (strcmp(((LsbKernel *)kernels->pdata[i - 1])->release, version) != 0)
            g_ptr_array_remove_index(kernels, i - 1);
}

static gboolean fail_none(const LsbBootRequest *request, const char *others, GError **error)
{
    const char *release = request->version ? request->version : "*";
    g_autofree char *boot = g_build_filename(sysroot_of(request), image_dirs[0], "vmlinuz-", NULL);
    g_autofree char *lib = g_build_filename(sysroot_of(request), module_dirs[0], NULL);
    return lsb_fail(
        error, NO_KERNEL,
        "no kernel image %s%s nor %s/%s/vmlinuz (found: %s); install the package %s, or "
        "set kernel.path",
        boot, release, lib, release, others, lsb_kernel_packages()->kernel);
}

static gboolean has_release(GPtrArray *kernels, const char *release)
{
    for (guint i = 0; i < kernels->len; i++)
        if (strcmp(((LsbKernel *)kernels->pdata[i])->release, release) == 0)
            return TRUE;
    return FALSE;
}

/* Keep the requested version alone, or the one that the requested module directory is named for. */
static void keep_wanted(GPtrArray *kernels, const LsbBootRequest *request)
{
    g_autofree char *named = request->modules ? g_path_get_basename(request->modules) : NULL;
    if (request->version)
        keep_version(kernels, request->version);
    else if (named && has_release(kernels, named))
        keep_version(kernels, named);
}

static GPtrArray *search(const LsbBootRequest *request, GError **error)
{
    struct utsname host;
    g_autoptr(GPtrArray) kernels = g_ptr_array_new_with_free_func((GDestroyNotify)lsb_kernel_free);
    uname(&host);
    add_all(kernels, request);
    g_ptr_array_sort_with_data(kernels, compare_kernels, host.release);
    g_autofree char *others = releases_of(kernels);
    keep_wanted(kernels, request);
    if (kernels->len == 0) {
        fail_none(request, others, error);
        return NULL;
    }
    return g_steal_pointer(&kernels);
}

static GPtrArray *only_path(const LsbBootRequest *request, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autofree char *release =
        request->version ? g_strdup(request->version) : release_of(request->path, &problem);
    if (!release) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    GPtrArray *kernels = g_ptr_array_new_with_free_func((GDestroyNotify)lsb_kernel_free);
    g_ptr_array_add(kernels, kernel_new(request, release, request->path));
    return kernels;
}

GPtrArray *lsb_kernel_candidates(const LsbBootRequest *request, GError **error)
{
    if (request->version && !lsb_release_valid(request->version)) {
        lsb_fail(error, NO_KERNEL, "kernel.version: \"%s\" is not a kernel's release",
                 request->version);
        return NULL;
    }
    return request->path ? only_path(request, error) : search(request, error);
}
