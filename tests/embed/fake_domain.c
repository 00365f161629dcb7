/* Domains without libvirt, QEMU or LXC: a fork that speaks the relay stands for each guest. */
#include "recipe/driver.h"
#include "base/timeline.h"
#include "base/timelineguest.h"
#include "recipe/description.h"
#include "fake_domain.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "domain/container.h"
#include "domain/domain.h"
#include "domain/machine.h"
#include "domain/machinetemplate.h"
#include "shared/wire.h"

/* A guest that has lost its host only kills and reaps its programs. */
enum { GONE_TIMEOUT_MS = 10000, LOOK_AGAIN_US = 500 };

static gint alive, stuck;

int fake_domains_alive(void)
{
    return g_atomic_int_get(&alive);
}

int fake_domains_stuck(void)
{
    return g_atomic_int_get(&stuck);
}

/* --- starting --- */

/* A plan with nothing to carry out; guest-init/plan.c reads it. */
static GBytes *empty_plan(gboolean machine)
{
    struct wire_buf b = {0};
    wire_put_u32(&b, machine ? WIRE_PLAN_MACHINE : 0);
    wire_put_str(&b, ""); /* host name */
    wire_put_str(&b, ""); /* domain name */
    wire_put_str(&b, ""); /* time zone */
    wire_put_str(&b, "/");
    wire_put_u64(&b, 0);  /* overlay */
    wire_put_u64(&b, 0);  /* shm */
    wire_put_u32(&b, 0);  /* pids */
    wire_put_u32(&b, 0);  /* mounts */
    wire_put_u32(&b, 0);  /* interfaces */
    wire_put_u32(&b, 0);  /* seconds for leases */
    wire_put_str(&b, ""); /* filesystem of the root */
    wire_put_u32(&b, 0);  /* disks */
    wire_put_str(&b, ""); /* disk of the overlay */
    GBytes *plan = g_bytes_new(b.data, b.len);
    wire_buf_clear(&b);
    return plan;
}

/*
 * What a test says by the files of a directory: each start adds a byte to "starts"; while "slow" is
 * there no start goes on, and then it fails where "broken" is.
 */
static gboolean obey(const char *dir, GError **error)
{
    g_autofree char *starts = g_build_filename(dir, "starts", NULL);
    g_autofree char *slow = g_build_filename(dir, "slow", NULL);
    g_autofree char *broken = g_build_filename(dir, "broken", NULL);
    cleanup_fd int fd = open(starts, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (write(fd, "x", 1) != 1)
        g_error("cannot count in %s", starts);
    while (g_file_test(slow, G_FILE_TEST_EXISTS))
        g_usleep(LOOK_AGAIN_US);
    return !g_file_test(broken, G_FILE_TEST_EXISTS) || lsb_fail(error, LIBVIRT, "it is broken");
}

static gboolean start(const LsbDescription *d, LsbDomain *domain, GError **error)
{
    int pair[2];
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "fake");
    lsb_timeline_guest_begins(domain->timeline);
    const char *orders = g_getenv("LSANDBOX_FAKE");
    if (orders && !obey(orders, error))
        return FALSE;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        lsb_set_errno(error, errno, "cannot make the relay's socket pair");
        return FALSE;
    }
    domain->process.pid = fork();
    if (domain->process.pid == 0)
        fake_guest_run(pair[1]);
    close(pair[1]);
    domain->guest.relay = pair[0];
    domain->guest.plan = empty_plan(d->kind == LSB_MACHINE);
    domain->xml = g_strdup("<domain type='fake'/>");
    if (domain->process.pid < 0) {
        lsb_set_errno(error, errno, "cannot fork a guest");
        return FALSE;
    }
    g_atomic_int_inc(&alive);
    return TRUE;
}

gboolean lsb_machine_start(const LsbDescription *d, LsbDomain *domain, GError **error)
{
    return start(d, domain, error);
}

gboolean lsb_container_start(const LsbDescription *d, LsbDomain *domain, GError **error)
{
    return start(d, domain, error);
}

/* Nothing fake comes from a template. */
gboolean lsb_machine_start_again(const LsbDescription *d, LsbDomain *domain, const char *why,
                                 GError **error)
{
    (void)why;
    return start(d, domain, error);
}

gboolean lsb_machine_make_template(LsbDomain *domain, void (*on_taken)(gpointer), gpointer self,
                                   GError **error)
{
    (void)domain, (void)error;
    on_taken(self);
    return FALSE;
}

char *lsb_machine_xml(const LsbDescription *d, GError **error)
{
    (void)d, (void)error;
    return g_strdup("<domain type='fake'/>");
}

char *lsb_container_xml(const LsbDescription *d, GError **error)
{
    return lsb_machine_xml(d, error);
}

/* --- ending --- */

/* By looking again and again: valgrind does not know pidfd_open(). */
static void wait_for_guest(int pid)
{
    gint64 end = g_get_monotonic_time() + GONE_TIMEOUT_MS * (gint64)1000;
    pid_t got;
    while ((got = waitpid(pid, NULL, WNOHANG)) == 0 && g_get_monotonic_time() < end)
        g_usleep(LOOK_AGAIN_US);
    if (got == 0) {
        g_atomic_int_inc(&stuck);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
}

/*
 * The linker puts this before the real one (--wrap). The guest is our own child and ends its
 * programs itself, so it must neither be killed before it has, nor stay a zombie.
 */
void __real_lsb_domain_end(LsbDomain *domain);
void __wrap_lsb_domain_end(LsbDomain *domain);

void __wrap_lsb_domain_end(LsbDomain *domain)
{
    int pid = domain->process.pid;
    domain->process.pid = 0;
    if (domain->guest.relay >= 0)
        close(domain->guest.relay);
    domain->guest.relay = -1;
    if (pid > 0) {
        wait_for_guest(pid);
        g_atomic_int_add(&alive, -1);
    }
    __real_lsb_domain_end(domain);
}
