/*
 * The seccomp profiles "default", "no-network" and "strict": a table at the end of this file says
 * of which rows each is made. docs/recipe.md, "seccomp", tells users the same.
 */
#include "recipe/identity/seccompprofiles.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/socket.h>

#include "recipe/identity/seccompfilter_private.h"

#define CAP(name) (G_GUINT64_CONSTANT(1) << CAP_##name)

/* A condition: the first argument, flags, has the bit FLAG. */
#define FLAGS_HAVE(flag) {0, SCMP_CMP_MASKED_EQ, (guint64)(flag), (guint64)(flag)}

/*
 * The calls that no ordinary program needs, and by which host kernels have been attacked. They are
 * the calls that the profile of the container runtimes does not list
 * (docs.docker.com/engine/security/seccomp). A program that keeps the capability for a call may
 * make it. That profile lists what is allowed, and so is out of date with each new kernel; this
 * table lists what is refused.
 */
static const LsbSeccompRow refused_by_default[] = {
    /* mounts */
    {.name = "mount", .opened_by = CAP(SYS_ADMIN)},
    {.name = "umount", .opened_by = CAP(SYS_ADMIN)},
    {.name = "umount2", .opened_by = CAP(SYS_ADMIN)},
    {.name = "pivot_root", .opened_by = CAP(SYS_ADMIN)},
    {.name = "fsopen", .opened_by = CAP(SYS_ADMIN)},
    {.name = "fsconfig", .opened_by = CAP(SYS_ADMIN)},
    {.name = "fsmount", .opened_by = CAP(SYS_ADMIN)},
    {.name = "fspick", .opened_by = CAP(SYS_ADMIN)},
    {.name = "move_mount", .opened_by = CAP(SYS_ADMIN)},
    {.name = "open_tree", .opened_by = CAP(SYS_ADMIN)},
    {.name = "open_tree_attr", .opened_by = CAP(SYS_ADMIN)},
    {.name = "mount_setattr", .opened_by = CAP(SYS_ADMIN)},
    {.name = "swapon", .opened_by = CAP(SYS_ADMIN)},
    {.name = "swapoff", .opened_by = CAP(SYS_ADMIN)},
    {.name = "quotactl", .opened_by = CAP(SYS_ADMIN)},
    {.name = "quotactl_fd", .opened_by = CAP(SYS_ADMIN)},
    {.name = "open_by_handle_at", .opened_by = CAP(DAC_READ_SEARCH)},
    {.name = "lookup_dcookie", .opened_by = CAP(SYS_ADMIN)},
    {.name = "fanotify_init", .opened_by = CAP(SYS_ADMIN)},
    /* A new user namespace gives its maker capabilities in it, with which most local root exploits
       of the last years began. */
    {.name = "unshare", .opened_by = CAP(SYS_ADMIN), .when = FLAGS_HAVE(CLONE_NEWUSER)},
    {.name = "clone", .opened_by = CAP(SYS_ADMIN), .when = FLAGS_HAVE(CLONE_NEWUSER)},
    /* The flags of clone3(2) are in memory, where a filter cannot look. C libraries use clone(2)
       when clone3(2) fails with ENOSYS. */
    {.name = "clone3", .opened_by = CAP(SYS_ADMIN), .errnum = ENOSYS},
    {.name = "setns", .opened_by = CAP(SYS_ADMIN)},
    /* the kernel itself */
    {.name = "init_module", .opened_by = CAP(SYS_MODULE)},
    {.name = "finit_module", .opened_by = CAP(SYS_MODULE)},
    {.name = "delete_module", .opened_by = CAP(SYS_MODULE)},
    {.name = "create_module", .opened_by = CAP(SYS_MODULE)},
    {.name = "query_module", .opened_by = CAP(SYS_MODULE)},
    {.name = "get_kernel_syms", .opened_by = CAP(SYS_MODULE)},
    {.name = "reboot", .opened_by = CAP(SYS_BOOT)},
    {.name = "kexec_load", .opened_by = CAP(SYS_BOOT)},
    {.name = "kexec_file_load", .opened_by = CAP(SYS_BOOT)},
    {.name = "acct", .opened_by = CAP(SYS_PACCT)},
    {.name = "syslog", .opened_by = CAP(SYSLOG) | CAP(SYS_ADMIN)},
    {.name = "iopl", .opened_by = CAP(SYS_RAWIO)},
    {.name = "ioperm", .opened_by = CAP(SYS_RAWIO)},
    {.name = "settimeofday", .opened_by = CAP(SYS_TIME)},
    {.name = "stime", .opened_by = CAP(SYS_TIME)},
    {.name = "clock_settime", .opened_by = CAP(SYS_TIME)},
    {.name = "clock_settime64", .opened_by = CAP(SYS_TIME)},
    {.name = "move_pages", .opened_by = CAP(SYS_NICE)},
    {.name = "migrate_pages", .opened_by = CAP(SYS_NICE)},
    {.name = "vhangup", .opened_by = CAP(SYS_TTY_CONFIG)},
    /* large, and often broken */
    {.name = "bpf", .opened_by = CAP(SYS_ADMIN) | CAP(BPF)},
    {.name = "perf_event_open", .opened_by = CAP(SYS_ADMIN) | CAP(PERFMON)},
    {.name = "userfaultfd", .opened_by = CAP(SYS_PTRACE)},
    {.name = "io_uring_setup"}, /* no filter sees its operations */
    {.name = "io_uring_enter"},
    {.name = "io_uring_register"},
    {.name = "add_key"}, /* keyrings have no namespaces */
    {.name = "request_key"},
    {.name = "keyctl"},
    /* out of use */
    {.name = "_sysctl"},
    {.name = "sysfs"},
    {.name = "uselib"},
    {.name = "ustat"},
    {.name = "nfsservctl"},
    {.name = "vm86"},
    {.name = "vm86old"},
    {.name = NULL},
};

/*
 * socketcall(2) that makes a socket: its arguments are in memory, where no filter sees the family.
 */
enum { SOCKETCALL_SOCKET = 1 /* SYS_SOCKET of linux/net.h */ };
#define NO_SOCKETCALL {.name = "socketcall", .when = {0, SCMP_CMP_EQ, SOCKETCALL_SOCKET, 0}}

#define FAMILY(number) {.name = "socket", .when = {0, SCMP_CMP_EQ, number, 0}}

/*
 * Every family of sockets except local, IP, netlink and packet ones (1, 2, 10, 16, 17). Among the
 * refused families are the way from any namespace to a hypervisor (40, AF_VSOCK) and the kernel's
 * cipher code (38, AF_ALG).
 */
static const LsbSeccompRow usual_sockets[] = {
    NO_SOCKETCALL,
    FAMILY(3), FAMILY(4), FAMILY(5), FAMILY(6), FAMILY(7), FAMILY(8), FAMILY(9),
    FAMILY(11), FAMILY(12), FAMILY(13), FAMILY(14), FAMILY(15),
    FAMILY(18), FAMILY(19), FAMILY(20), FAMILY(21), FAMILY(22), FAMILY(23), FAMILY(24),
    FAMILY(25), FAMILY(26), FAMILY(27), FAMILY(28), FAMILY(29), FAMILY(30), FAMILY(31),
    FAMILY(32), FAMILY(33), FAMILY(34), FAMILY(35), FAMILY(36), FAMILY(37), FAMILY(38),
    FAMILY(39), FAMILY(40), FAMILY(41), FAMILY(42), FAMILY(43), FAMILY(44), FAMILY(45),
    {.name = "socket", .when = {0, SCMP_CMP_GE, 46, 0}},
    {.name = NULL},
};

static const LsbSeccompRow local_sockets[] = {
    NO_SOCKETCALL,
    {.name = "socket", .when = {0, SCMP_CMP_NE, AF_UNIX, 0}},
    {.name = NULL},
};

#define YES(call)     {.name = call}
#define IOCTL(number) {.name = "ioctl", .when = {1, SCMP_CMP_MASKED_EQ, 0xffffffff, number}}

/* The calls for files, memory, threads, time and a program's own signals: no process, no socket. */
static const LsbSeccompRow computing[] = {
    /* open files */
    YES("read"),
    YES("write"),
    YES("readv"),
    YES("writev"),
    YES("pread64"),
    YES("pwrite64"),
    YES("preadv"),
    YES("pwritev"),
    YES("preadv2"),
    YES("pwritev2"),
    YES("lseek"),
    YES("_llseek"),
    YES("close"),
    YES("close_range"),
    YES("dup"),
    YES("dup2"),
    YES("dup3"),
    YES("fcntl"),
    YES("fcntl64"),
    YES("fstat"),
    YES("fstat64"),
    YES("fstatfs"),
    YES("fstatfs64"),
    YES("fsync"),
    YES("fdatasync"),
    YES("sync_file_range"),
    YES("fadvise64"),
    YES("fadvise64_64"),
    YES("readahead"),
    YES("ftruncate"),
    YES("ftruncate64"),
    YES("fallocate"),
    YES("flock"),
    YES("sendfile"),
    YES("sendfile64"),
    YES("copy_file_range"),
    YES("splice"),
    YES("tee"),
    YES("getdents"),
    YES("getdents64"),
    YES("pipe"),
    YES("pipe2"),
    YES("poll"),
    YES("ppoll"),
    YES("ppoll_time64"),
    YES("select"),
    YES("_newselect"),
    YES("pselect6"),
    YES("pselect6_time64"),
    YES("epoll_create"),
    YES("epoll_create1"),
    YES("epoll_ctl"),
    YES("epoll_wait"),
    YES("epoll_pwait"),
    YES("epoll_pwait2"),
    YES("eventfd"),
    YES("eventfd2"),
    YES("timerfd_create"),
    YES("timerfd_settime"),
    YES("timerfd_gettime"),
    YES("timerfd_settime64"),
    YES("timerfd_gettime64"),
    YES("memfd_create"),
    /* requests that read the state of a terminal or file; none that configures a device */
    IOCTL(0x5401), /* TCGETS */
    IOCTL(0x5413), /* TIOCGWINSZ */
    IOCTL(0x541b), /* FIONREAD */
    IOCTL(0x5421), /* FIONBIO */
    IOCTL(0x5450), /* FIONCLEX */
    IOCTL(0x5451), /* FIOCLEX */
    /* files by name */
    YES("open"),
    YES("openat"),
    YES("openat2"),
    YES("creat"),
    YES("access"),
    YES("faccessat"),
    YES("faccessat2"),
    YES("stat"),
    YES("stat64"),
    YES("lstat"),
    YES("lstat64"),
    YES("newfstatat"),
    YES("fstatat64"),
    YES("statx"),
    YES("statfs"),
    YES("statfs64"),
    YES("readlink"),
    YES("readlinkat"),
    YES("getcwd"),
    YES("chdir"),
    YES("fchdir"),
    YES("mkdir"),
    YES("mkdirat"),
    YES("rmdir"),
    YES("unlink"),
    YES("unlinkat"),
    YES("rename"),
    YES("renameat"),
    YES("renameat2"),
    YES("link"),
    YES("linkat"),
    YES("symlink"),
    YES("symlinkat"),
    YES("truncate"),
    YES("truncate64"),
    YES("chmod"),
    YES("fchmod"),
    YES("fchmodat"),
    YES("fchmodat2"),
    YES("umask"),
    YES("utime"),
    YES("utimes"),
    YES("futimesat"),
    YES("utimensat"),
    YES("utimensat_time64"),
    YES("getxattr"),
    YES("lgetxattr"),
    YES("fgetxattr"),
    YES("listxattr"),
    YES("llistxattr"),
    YES("flistxattr"),
    /* memory */
    YES("brk"),
    YES("mmap"),
    YES("mmap2"),
    YES("munmap"),
    YES("mremap"),
    YES("mprotect"),
    YES("madvise"),
    YES("msync"),
    YES("mincore"),
    YES("mlock"),
    YES("mlock2"),
    YES("munlock"),
    YES("mlockall"),
    YES("munlockall"),
    YES("membarrier"),
    YES("mseal"),
    YES("pkey_alloc"),
    YES("pkey_free"),
    YES("pkey_mprotect"),
    YES("get_mempolicy"),
    YES("set_mempolicy"),
    YES("mbind"),
    /* threads: clone with CLONE_THREAD, which fork and vfork do not set */
    {.name = "clone", .when = FLAGS_HAVE(CLONE_THREAD)},
    YES("futex"),
    YES("futex_time64"),
    YES("futex_waitv"),
    YES("set_robust_list"),
    YES("get_robust_list"),
    YES("set_tid_address"),
    YES("gettid"),
    YES("rseq"),
    YES("arch_prctl"),
    YES("set_thread_area"),
    YES("get_thread_area"),
    YES("sched_yield"),
    YES("sched_getaffinity"),
    YES("sched_setaffinity"),
    YES("sched_getparam"),
    YES("sched_getscheduler"),
    YES("sched_get_priority_max"),
    YES("sched_get_priority_min"),
    YES("getcpu"),
    YES("exit"),
    /* signals and time */
    YES("rt_sigaction"),
    YES("rt_sigprocmask"),
    YES("rt_sigpending"),
    YES("rt_sigsuspend"),
    YES("rt_sigtimedwait"),
    YES("rt_sigtimedwait_time64"),
    YES("sigaction"),
    YES("sigprocmask"),
    YES("sigreturn"),
    YES("sigaltstack"),
    YES("tgkill"),
    YES("restart_syscall"),
    YES("pause"),
    YES("nanosleep"),
    YES("clock_nanosleep"),
    YES("clock_nanosleep_time64"),
    YES("clock_gettime"),
    YES("clock_gettime64"),
    YES("clock_getres"),
    YES("clock_getres_time64"),
    YES("gettimeofday"),
    YES("time"),
    YES("times"),
    YES("alarm"),
    YES("setitimer"),
    YES("getitimer"),
    YES("timer_create"),
    YES("timer_settime"),
    YES("timer_settime64"),
    YES("timer_gettime"),
    YES("timer_gettime64"),
    YES("timer_getoverrun"),
    YES("timer_delete"),
    /* the process itself */
    YES("getpid"),
    YES("getppid"),
    YES("getpgrp"),
    YES("getpgid"),
    YES("getsid"),
    YES("getuid"),
    YES("geteuid"),
    YES("getgid"),
    YES("getegid"),
    YES("getresuid"),
    YES("getresgid"),
    YES("getgroups"),
    YES("getuid32"),
    YES("geteuid32"),
    YES("getgid32"),
    YES("getegid32"),
    YES("getresuid32"),
    YES("getresgid32"),
    YES("getgroups32"),
    YES("uname"),
    YES("sysinfo"),
    YES("getrusage"),
    YES("getrlimit"),
    YES("ugetrlimit"),
    YES("setrlimit"),
    YES("prlimit64"),
    YES("getpriority"),
    YES("setpriority"),
    YES("capget"),
    YES("getrandom"),
    YES("prctl"),
    YES("wait4"),
    YES("waitid"),
    YES("waitpid"),
    {.name = "clone3", .errnum = ENOSYS}, /* ENOSYS for the reason above */
    {.name = NULL},
};

static const LsbSeccompRow *const default_tables[] = {refused_by_default, usual_sockets, NULL};
static const LsbSeccompRow *const no_network_tables[] = {refused_by_default, local_sockets, NULL};
static const LsbSeccompRow *const strict_tables[] = {computing, NULL};

const LsbSeccompRules lsb_seccomp_rules[] = {
    [LSB_SECCOMP_NONE] = {.tables = NULL},
    [LSB_SECCOMP_DEFAULT] = {.tables = default_tables},
    [LSB_SECCOMP_NO_NETWORK] = {.tables = no_network_tables},
    [LSB_SECCOMP_STRICT] = {.allows = TRUE, .tables = strict_tables},
    [LSB_SECCOMP_OWN] = {.tables = NULL},
};
