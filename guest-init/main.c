/*
 * lsandbox-init: PID 1 of a machine (the kernel starts it from the initramfs) and of a container
 * (libvirt_lxc starts it). It finishes the boot, carries out the host's plan, and serves the relay.
 */
#define _GNU_SOURCE
#include "basics.h"
#include "boot.h"
#include "child.h"
#include "detach.h"
#include "dhcpscript.h"
#include "disks.h"
#include "freshen.h"
#include "greet.h"
#include "hotplug.h"
#include "grouplimits.h"
#include "kept.h"
#include "log.h"
#include "marks.h"
#include "mounts.h"
#include "network.h"
#include "plan.h"
#include "relay.h"
#include "root.h"
#include "serve.h"
#include "shutdown.h"
#include "systemid.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

/* virDomainCreateXMLWithFiles passes the first file as the first descriptor after stderr. */
enum { CONTAINER_RELAY = 3 };

/*
 * When memory runs out, the kernel is to kill a program and not the init. In a user namespace it
 * refuses this, which does no harm.
 */
static void survive_oom(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "-1000", 5) < 0)
        errno = 0;
    close(fd);
}

enum { CLOSE_AT_EXEC = 4 /* CLOSE_RANGE_CLOEXEC, Linux 5.11 */ };

/*
 * Keep programs from the descriptors that a container gets besides the relay: its init and its
 * mount trees. MODE is CLOSE_AT_EXEC at the start, and 0 to close them once the plan is carried
 * out; by then the init itself has no descriptors with such numbers open.
 */
static void close_passed(unsigned mode)
{
    syscall(SYS_close_range, CONTAINER_RELAY + 1, ~0U, mode);
}

/* Do what a machine can do before there is a plan, so that a template contains it. */
static int stage(void)
{
    const char *work = root_make_places();
    if (!work || basics_stage(work) < 0)
        return -1;
    limits_stage(work);
    mark(WIRE_MARK_STAGED);
    return 0;
}

static int reach_relay(bool machine)
{
    if (!machine)
        return CONTAINER_RELAY;
    if (reached(WIRE_MARK_PLACES, boot_mounts()) < 0)
        return -1;
    hotplug_prepare();
    if (reached(WIRE_MARK_MODULES, boot_modules()) < 0)
        return -1;
    int port = reached(WIRE_MARK_PORT, boot_port());
    return port < 0 || stage() < 0 ? -1 : port;
}

static int carry_out_machine(struct relay *r, struct root *root, const struct plan *plan)
{
    kept_begin();
    int fresh = freshen_random(plan->seed, plan->seed_length) < 0 ? -1 : freshen_clock(r);
    if (reached(WIRE_MARK_FRESH, fresh) < 0 ||
        reached(WIRE_MARK_ROOT, root_mount_machine(root, plan)) < 0 ||
        reached(WIRE_MARK_NETWORK, network_make(plan)) < 0 || basics_mount(root, plan) < 0 ||
        disks_make_nodes(root, plan) < 0 ||
        reached(WIRE_MARK_BASICS, systemid_files(root, plan)) < 0 ||
        reached(WIRE_MARK_MOUNTS, mounts_make(root, plan)) < 0 || limits_prepare(plan) < 0)
        return -1;
    kept_end();
    return reached(WIRE_MARK_SWITCH, root_switch_machine(root));
}

static int carry_out_container(struct relay *r, struct root *root, const struct plan *plan)
{
    (void)r;
    if (reached(WIRE_MARK_ROOT, root_take_container(root, plan)) < 0 ||
        reached(WIRE_MARK_NETWORK, network_make(plan)) < 0 || basics_complete(root, plan) < 0 ||
        disks_take_nodes(root, plan) < 0 || systemid_prepare(root) < 0 ||
        reached(WIRE_MARK_BASICS, systemid_files(root, plan)) < 0 ||
        reached(WIRE_MARK_MOUNTS, mounts_make(root, plan)) < 0)
        return -1;
    rmdir(root->work);
    close_passed(0);
    basics_loopback();
    return 0;
}

static int carry_out_plan(struct relay *r, const struct plan *plan, bool machine)
{
    struct root root = {.writable = plan->flags & WIRE_PLAN_ROOT_WRITABLE};
    if (!(plan->flags & WIRE_PLAN_MACHINE) == machine)
        return failed_with(EINVAL, "carry out the plan: it is for the other kind of sandbox");
    if ((machine ? carry_out_machine : carry_out_container)(r, &root, plan) < 0 ||
        systemid_names(plan) < 0)
        return -1;
    path_root_done(&root);
    return reached(WIRE_MARK_LEASE, network_lease(plan));
}

static void say_ready(struct relay *r)
{
    struct utsname system;
    struct wire_buf b = {0};
    uname(&system);
    wire_put_str(&b, system.release);
    marks_put(&b);
    relay_send_fields(r, WIRE_READY, 0, &b);
}

static void say_failed(struct relay *r)
{
    struct wire_buf b = {0};
    say("%s: %s", failure_text(), strerror(failure_errno()));
    wire_put_u32(&b, (uint32_t)failure_errno());
    wire_put_str(&b, failure_text());
    relay_send_fields(r, WIRE_FAILED, 0, &b);
}

static void say_detached(struct relay *r, int errnum, const char *what)
{
    struct wire_buf b = {0};
    wire_put_u32(&b, (uint32_t)errnum);
    wire_put_str(&b, what);
    relay_send_fields(r, WIRE_DETACHED, 0, &b);
}

/*
 * Receive one plan, carry it out and serve. SERVE_FAILED: the host is gone or broke the protocol,
 * so it is not told how this ended.
 */
static enum serve_end run_plan(struct relay *r, bool machine)
{
    struct plan plan;
    if (greet_plan(r, &plan) < 0)
        return SERVE_FAILED;
    if (carry_out_plan(r, &plan, machine) < 0) {
        say_failed(r);
        return SERVE_STOP;
    }
    say_ready(r);
    return serve(r, machine);
}

/* Serve one plan after another until the end. Returns as run_plan(), but never SERVE_DETACH. */
static enum serve_end serve_host(struct relay *r, bool machine)
{
    if (greet_host(r, machine) < 0)
        return SERVE_FAILED;
    for (;;) {
        enum serve_end end = run_plan(r, machine);
        if (end != SERVE_DETACH)
            return end;
        if (detach_machine() < 0 || stage() < 0) {
            say("%s: %s", failure_text(), strerror(failure_errno()));
            say_detached(r, failure_errno(), failure_text());
            return SERVE_STOP;
        }
        say_detached(r, 0, "");
        if (greet_again(r) < 0)
            return SERVE_FAILED;
    }
}

/* Started by hand, this program must do nothing: it would power a real system off. */
static void check_place(bool machine)
{
    if (getpid() == 1 && (!machine || boot_is_ours()))
        return;
    fprintf(stderr,
            "lsandbox-init: this is the init of lsandbox's sandboxes; lsandbox starts it\n");
    exit(2);
}

int main(int argc, char **argv)
{
    if (argc > 0 && getpid() != 1 && dhcpscript_is_meant(argv[0]))
        return dhcpscript_run(argv);
    mark(WIRE_MARK_INIT);
    bool machine = !getenv("LIBVIRT_LXC_NAME");
    struct relay relay;
    check_place(machine);
    prctl(PR_SET_NAME, "lsandbox-init"); /* when run from a descriptor, its name is a number */
    umask(0);
    close_passed(CLOSE_AT_EXEC);
    serve_block_signals();
    child_remember_limits();
    if (machine)
        kept_switch_on();
    int fd = reach_relay(machine);
    survive_oom();
    if (fd < 0)
        shutdown_die(machine);
    if (relay_init(&relay, fd) < 0) {
        failed("set up the relay");
        shutdown_die(machine);
    }
    if (serve_host(&relay, machine) == SERVE_FAILED)
        shutdown_die(machine);
    shutdown_all();
    shutdown_say_bye(&relay);
    shutdown_end(machine);
}
