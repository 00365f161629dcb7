/* Connections to libvirt, shared by URI, and the private root of the embedded driver. */
#include "host/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <libvirt/virterror.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/directory.h"
#include "base/error.h"
#include "host/childstatus.h"
#include "base/ownership.h"
#include "base/ownprocess.h"
#include "host/eventloop.h"
#include "host/host.h"
#include "host/reaper.h"
#include "host/tscrate.h"
#include "recipe/driver.h"
#include "shared/treeremove.h"

static GMutex lock;
static GHashTable *open_connections; /* uri -> LsbConnection, borrowed */

/* --- errors --- */

static int code_of(const virError *e, int fallback)
{
    const char *message = e && e->message ? e->message : "";
    if (e && (e->code == VIR_ERR_AUTH_FAILED || e->code == VIR_ERR_AUTH_CANCELLED ||
              strstr(message, "Permission denied")))
        return LSB_ERROR_NO_PERMISSION;
    if (fallback == LSB_ERROR_CONNECT_FAILED && e &&
        (e->code == VIR_ERR_NO_CONNECT || e->code == VIR_ERR_CONFIG_UNSUPPORTED ||
         e->code == VIR_ERR_NO_SUPPORT || e->code == VIR_ERR_OPERATION_UNSUPPORTED ||
         strstr(message, "Failed to connect socket") || strstr(message, "no connection driver")))
        return LSB_ERROR_NO_DRIVER;
    return fallback;
}

static const char *advice_of(int code)
{
    switch (code) {
    case LSB_ERROR_NO_DRIVER:
        return "; is the driver installed (libvirt-daemon-driver-qemu, libvirt-daemon-driver-lxc) "
               "and, for anything but qemu:///embed, is libvirtd running?";
    case LSB_ERROR_NO_PERMISSION:
        return "; run as root, or join the group that may use it (usually libvirt)";
    default:
        return "";
    }
}

void lsb_set_libvirt_error(GError **error, int code, const char *what)
{
    const virError *e = virGetLastError();
    code = code_of(e, code);
    g_set_error(error, LSB_ERROR, code, "%s: %s%s", what,
                e && e->message ? e->message : "unknown libvirt error", advice_of(code));
}

static void ignore_error(void *data, virErrorPtr e)
{
    (void)data;
    (void)e;
}

/* --- the process's share of libvirt --- */

/*
 * In embedded mode libvirt's warnings would go to the program's stderr. virInitialize() takes the
 * log outputs from the environment, so set the variable for that moment, unless the user has set
 * one.
 */
static void initialize_quietly(void)
{
    static const char variable[] = "LIBVIRT_LOG_OUTPUTS";
    gboolean is_unset = !g_getenv(variable) && !g_getenv("LIBVIRT_DEBUG");
    if (is_unset)
        g_setenv(variable, "4:file:/dev/null", TRUE);
    virInitialize();
    if (is_unset)
        g_unsetenv(variable);
}

void lsb_connection_init(void)
{
    static gsize once;
    if (g_once_init_enter(&once)) {
        initialize_quietly();
        virSetErrorFunc(NULL, ignore_error);
        g_once_init_leave(&once, 1);
    }
    lsb_event_loop_start();
    lsb_tsc_begin(); /* the first machine's command line wants it a moment later */
}

/* --- the embedded driver --- */

/*
 * The driver is inside this process, so there are no clients against which a libvirtd would guard:
 * no security driver (the launcher confines QEMU), no relabelling, no namespaces, no cgroups, no
 * logd. QEMU is started as this process's user; the launcher then gives up root itself.
 */
static const char embed_config[] = "security_driver = \"none\"\n"
                                   "remember_owner = 0\n"
                                   "dynamic_ownership = 0\n"
                                   "namespaces = []\n"
                                   "cgroup_controllers = []\n"
                                   "stdio_handler = \"file\"\n"
                                   "clear_emulator_capabilities = 0\n"
                                   "max_core = 0\n";

static char *embed_config_text(void)
{
    if (geteuid() != 0)
        return g_strdup(embed_config);
    return g_strconcat(embed_config, "user = \"root\"\ngroup = \"root\"\n", NULL);
}

/*
 * libvirt runs as this user whatever is in its cache, and takes what it reads there for QEMU's
 * capabilities. So a cache in which another user may have written is made anew.
 */
static gboolean prepare_libvirt_cache(const char *cache, GError **error)
{
    static const char *const below[] = {"", "qemu", "qemu/capabilities"};
    for (gsize i = 0; i < G_N_ELEMENTS(below); i++) {
        g_autofree char *path = g_build_filename(cache, below[i], NULL);
        struct stat st;
        LsbOwnership ownership = lsb_ownership_of(path, S_IFDIR, &st);
        if (ownership != LSB_OURS && ownership != LSB_NOT_THERE && tree_remove(cache) < 0)
            return lsb_fail(error, NO_PERMISSION,
                            "other users can write in the cache directory %s, and it cannot be "
                            "removed: %s; remove it, or set LSANDBOX_CACHE to another directory",
                            path, g_strerror(errno));
    }
    if (lsb_directory_make_all(cache, 0700) == 0)
        return TRUE;
    lsb_set_errno(error, errno, "cannot make the cache directory %s", cache);
    return FALSE;
}

static gboolean make_embed_root(const char *root, const char *shared_cache, GError **error)
{
    g_autofree char *etc = g_build_filename(root, "etc", NULL);
    g_autofree char *file = g_build_filename(etc, "qemu.conf", NULL);
    g_autofree char *cache = g_build_filename(root, "cache", NULL);
    g_autofree char *text = embed_config_text();
    g_autoptr(GError) cause = NULL;
    if (!prepare_libvirt_cache(shared_cache, error))
        return FALSE;
    if (lsb_directory_make(root, 0711) < 0 || lsb_directory_make(etc, 0700) < 0 ||
        symlink(shared_cache, cache) < 0) {
        lsb_set_errno(error, errno, "cannot prepare the embedded driver's root %s", root);
        return FALSE;
    }
    if (!g_file_set_contents_full(file, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, &cause))
        return lsb_fail(error, FAILED, "cannot write %s: %s", file, cause->message);
    return TRUE;
}

/* Make the embedded driver's root. Returns the URI with which libvirt opens that driver. */
static char *embed_uri(LsbHostState *host, GError **error)
{
    g_autofree char *root = g_build_filename(host->run_dir, "e", NULL);
    g_autofree char *cache = g_build_filename(host->cache_dir, "libvirt", NULL);
    if (!g_file_test(root, G_FILE_TEST_IS_DIR) && !make_embed_root(root, cache, error))
        return NULL;
    g_autofree char *escaped = g_uri_escape_string(root, "/", TRUE);
    return g_strdup_printf("qemu:///embed?root=%s", escaped);
}

/* --- opening and sharing --- */

/*
 * libvirt's client takes a process that has opened the embedded driver for a daemon. It then
 * refuses the socket of a libvirtd and looks only for a daemon of each driver ("Connections from
 * inside daemon must be direct", remote_driver.c). A socket in the URI is taken, so name that of
 * libvirtd where it exists.
 */
static gboolean embedded_was_opened;
static pid_t embedded_owner; /* the process that opened it; 0: none */

static char *daemon_socket(LsbDriver driver)
{
    g_autofree char *path =
        driver == LSB_DRIVER_SESSION
            ? g_build_filename(g_get_user_runtime_dir(), "libvirt/libvirt-sock", NULL)
            : g_strdup("/run/libvirt/libvirt-sock");
    return g_file_test(path, G_FILE_TEST_EXISTS) ? g_steal_pointer(&path) : NULL;
}

static char *daemon_uri(const char *uri, LsbDriver driver)
{
    const char *rest = strstr(uri, ":///");
    g_autofree char *path =
        embedded_was_opened && rest && !strpbrk(uri, "+?") ? daemon_socket(driver) : NULL;
    if (!path)
        return g_strdup(uri);
    g_autofree char *escaped = g_uri_escape_string(path, "/", TRUE);
    return g_strdup_printf("%.*s+unix%s?socket=%s", (int)(rest - uri), uri, rest, escaped);
}

/* The relay is a unix socket or a socket pair, which cannot lead to another host. */
static gboolean check_local(const char *uri, GError **error)
{
    g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_PARSE_RELAXED, NULL);
    const char *host = parsed ? g_uri_get_host(parsed) : NULL;
    if (!host || !*host)
        return TRUE;
    return lsb_fail(error, UNSUPPORTED,
                    "connect: \"%s\" is on another host; only local connections work so far", uri);
}

/* libvirt keeps the embedded driver in this process's memory, which a child has a dead copy of. */
static gboolean check_embedded_owner(GError **error)
{
    return !embedded_owner || lsb_process_is(embedded_owner) ||
           lsb_fail(error, UNSUPPORTED,
                    "qemu:///embed: process %d opened libvirt's embedded driver before it forked "
                    "this one, which cannot open it again; execute a new program, or fork before "
                    "the first machine",
                    (int)embedded_owner);
}

static virConnectPtr open_libvirt(const char *uri, LsbDriver driver, LsbHostState *host,
                                  GError **error)
{
    if (lsb_drivers[driver].in_process && !check_embedded_owner(error))
        return NULL;
    g_autofree char *real =
        lsb_drivers[driver].in_process ? embed_uri(host, error) : daemon_uri(uri, driver);
    lsb_childstatus_begin(); /* the embedded driver runs programs */
    virConnectPtr vir = real ? virConnectOpen(real) : NULL;
    lsb_childstatus_end();
    if (real && !vir) {
        g_autofree char *what = g_strdup_printf("cannot connect to %s", uri);
        lsb_set_libvirt_error(error, LSB_ERROR_CONNECT_FAILED, what);
    }
    return vir;
}

static LsbConnection *connection_open(const char *uri, GError **error)
{
    LsbHostState *host = check_local(uri, error) ? lsb_host_get(error) : NULL;
    if (!host)
        return NULL;
    LsbDriver driver = LSB_DRIVER_SYSTEM;
    gboolean local;
    lsb_driver_of_uri(uri, &driver, &local); /* never FALSE: lsb_kind_fill() refuses other URIs */
    gboolean in_process = lsb_drivers[driver].in_process;
    virConnectPtr vir = open_libvirt(uri, driver, host, error);
    if (!vir)
        return NULL;
    embedded_was_opened |= in_process;
    if (in_process)
        embedded_owner = lsb_process_owner();
    LsbConnection *c = g_new0(LsbConnection, 1);
    c->vir = vir;
    c->uri = g_strdup(uri);
    c->driver = driver;
    c->event = -1;
    c->host = host;
    /* Opening the embedded driver costs 0.1 s, so one reference keeps it open until the end. */
    c->refs = in_process ? 1 : 0;
    return c;
}

LsbConnection *lsb_connection_get(const char *uri, GError **error)
{
    g_mutex_lock(&lock);
    if (!open_connections)
        open_connections = g_hash_table_new(g_str_hash, g_str_equal);
    LsbConnection *c = g_hash_table_lookup(open_connections, uri);
    if (c && (!lsb_process_is(c->host->pid) || virConnectIsAlive(c->vir) != 1)) {
        g_hash_table_remove(open_connections, uri);
        c = NULL;
    }
    if (!c && (c = connection_open(uri, error)))
        g_hash_table_insert(open_connections, c->uri, c);
    if (c)
        c->refs++;
    g_mutex_unlock(&lock);
    return c;
}

const char *lsb_connection_uri(const LsbConnection *connection)
{
    return connection->uri;
}

static virConnectCloseFunc lost_listener;

void lsb_connection_listen(LsbConnection *c, virConnectDomainEventCallback on_lifecycle,
                           virConnectCloseFunc on_lost)
{
    g_mutex_lock(&lock);
    lost_listener = on_lost;
    if (c->event < 0) {
        c->event =
            virConnectDomainEventRegisterAny(c->vir, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                             VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), NULL, NULL);
        virConnectRegisterCloseCallback(c->vir, on_lost, NULL, NULL);
    }
    g_mutex_unlock(&lock);
}

/* libvirt keeps the connection open as long as a callback is registered. */
static void deregister_callbacks(LsbConnection *c)
{
    if (c->event < 0)
        return;
    virConnectDomainEventDeregisterAny(c->vir, c->event);
    virConnectUnregisterCloseCallback(c->vir, lost_listener);
}

void lsb_connection_release(LsbConnection *c)
{
    if (!c || !lsb_process_is(c->host->pid)) /* a forked child must not speak for its parent */
        return;
    g_mutex_lock(&lock);
    if (--c->refs == 0) {
        if (g_hash_table_lookup(open_connections, c->uri) == c)
            g_hash_table_remove(open_connections, c->uri);
        deregister_callbacks(c);
        virConnectClose(c->vir);
        g_free(c->uri);
        g_free(c);
    }
    g_mutex_unlock(&lock);
}

gboolean lsb_connection_probe(LsbConnection *c, const char *emulator, GError **error)
{
    /* The emulator's directory is named after QEMU's identity, so a mark in it stays valid. */
    g_autofree char *dir = g_path_get_dirname(emulator);
    g_autofree char *mark = g_build_filename(dir, "probed", NULL);
    if (access(mark, F_OK) == 0)
        return TRUE;
    g_autofree char *lock_file = g_build_filename(dir, "probe.lock", NULL);
    cleanup_fd int fd = open(lock_file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        flock(fd, LOCK_EX);
    LsbReaper *reaper = lsb_reaper_begin();
    g_autofree char *capabilities =
        virConnectGetDomainCapabilities(c->vir, emulator, "x86_64", NULL, NULL, 0);
    lsb_reaper_watch(reaper, 0);
    lsb_reaper_end(reaper);
    if (!capabilities) {
        lsb_set_libvirt_error(error, LSB_ERROR_NO_QEMU, "libvirt cannot use QEMU");
        return FALSE;
    }
    cleanup_fd int done = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return TRUE;
}

char *lsb_connection_key_dir(const LsbConnection *c)
{
    if (lsb_drivers[c->driver].in_process)
        return g_build_filename(c->host->run_dir, "e/lib/qemu", NULL);
    /* where a libvirtd of this user keeps them */
    return g_build_filename(g_get_user_config_dir(), "libvirt/qemu/lib", NULL);
}

char *lsb_connection_version(const LsbConnection *c)
{
    enum { MAJOR = 1000000, MINOR = 1000 };
    unsigned long version = 0;
    virConnectGetLibVersion(c->vir, &version);
    return g_strdup_printf("%lu.%lu.%lu", version / MAJOR, version / MINOR % MINOR,
                           version % MINOR);
}
