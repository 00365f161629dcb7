#include "recipe/identity/seccompprofiles.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/socket.h>

#include "recipe/identity/seccompfilter_private.h"

/* docs/recipe.md, "seccomp", says to users what is here. */

#define CAP(name) (G_GUINT64_CONSTANT(1) << CAP_##name)

/*
 * What no ordinary program needs, and what has been the way into host kernels: the calls that the
 * profile of the container runtimes leaves out (docs.docker.com/engine/security/seccomp). Each is
 * open again to a program that keeps the capability it is for. That list says what is allowed, and
 * so is out of date with every kernel; ours says what is not.
 */
static const LsbSeccompRow common[] = {
    /* mounts */
    {"mount", CAP(SYS_ADMIN), 0, {0}},
    {"umount", CAP(SYS_ADMIN), 0, {0}},
    {"umount2", CAP(SYS_ADMIN), 0, {0}},
    {"pivot_root", CAP(SYS_ADMIN), 0, {0}},
    {"fsopen", CAP(SYS_ADMIN), 0, {0}},
    {"fsconfig", CAP(SYS_ADMIN), 0, {0}},
    {"fsmount", CAP(SYS_ADMIN), 0, {0}},
    {"fspick", CAP(SYS_ADMIN), 0, {0}},
    {"move_mount", CAP(SYS_ADMIN), 0, {0}},
    {"open_tree", CAP(SYS_ADMIN), 0, {0}},
    {"open_tree_attr", CAP(SYS_ADMIN), 0, {0}},
    {"mount_setattr", CAP(SYS_ADMIN), 0, {0}},
    {"swapon", CAP(SYS_ADMIN), 0, {0}},
    {"swapoff", CAP(SYS_ADMIN), 0, {0}},
    {"quotactl", CAP(SYS_ADMIN), 0, {0}},
    {"quotactl_fd", CAP(SYS_ADMIN), 0, {0}},
    {"open_by_handle_at", CAP(DAC_READ_SEARCH), 0, {0}},
    {"lookup_dcookie", CAP(SYS_ADMIN), 0, {0}},
    {"fanotify_init", CAP(SYS_ADMIN), 0, {0}},
    /* A user namespace gives its maker capabilities over what is in it: most local root exploits of
       the last years began there. */
    {"unshare",
     CAP(SYS_ADMIN),
     0,
     {0, SCMP_CMP_MASKED_EQ, (guint64)CLONE_NEWUSER, (guint64)CLONE_NEWUSER}},
    {"clone",
     CAP(SYS_ADMIN),
     0,
     {0, SCMP_CMP_MASKED_EQ, (guint64)CLONE_NEWUSER, (guint64)CLONE_NEWUSER}},
    /* Its flags are in memory, where a filter cannot look; told that it is not there, C libraries
       take clone(2). */
    {"clone3", CAP(SYS_ADMIN), ENOSYS, {0}},
    {"setns", CAP(SYS_ADMIN), 0, {0}},
    /* the kernel itself */
    {"init_module", CAP(SYS_MODULE), 0, {0}},
    {"finit_module", CAP(SYS_MODULE), 0, {0}},
    {"delete_module", CAP(SYS_MODULE), 0, {0}},
    {"create_module", CAP(SYS_MODULE), 0, {0}},
    {"query_module", CAP(SYS_MODULE), 0, {0}},
    {"get_kernel_syms", CAP(SYS_MODULE), 0, {0}},
    {"reboot", CAP(SYS_BOOT), 0, {0}},
    {"kexec_load", CAP(SYS_BOOT), 0, {0}},
    {"kexec_file_load", CAP(SYS_BOOT), 0, {0}},
    {"acct", CAP(SYS_PACCT), 0, {0}},
    {"syslog", CAP(SYSLOG) | CAP(SYS_ADMIN), 0, {0}},
    {"iopl", CAP(SYS_RAWIO), 0, {0}},
    {"ioperm", CAP(SYS_RAWIO), 0, {0}},
    {"settimeofday", CAP(SYS_TIME), 0, {0}},
    {"stime", CAP(SYS_TIME), 0, {0}},
    {"clock_settime", CAP(SYS_TIME), 0, {0}},
    {"clock_settime64", CAP(SYS_TIME), 0, {0}},
    {"move_pages", CAP(SYS_NICE), 0, {0}},
    {"migrate_pages", CAP(SYS_NICE), 0, {0}},
    {"vhangup", CAP(SYS_TTY_CONFIG), 0, {0}},
    /* large, and often broken */
    {"bpf", CAP(SYS_ADMIN) | CAP(BPF), 0, {0}},
    {"perf_event_open", CAP(SYS_ADMIN) | CAP(PERFMON), 0, {0}},
    {"userfaultfd", CAP(SYS_PTRACE), 0, {0}},
    {"io_uring_setup", 0, 0, {0}}, /* its operations pass by every filter, this one too */
    {"io_uring_enter", 0, 0, {0}},
    {"io_uring_register", 0, 0, {0}},
    {"add_key", 0, 0, {0}}, /* keys know no namespaces */
    {"request_key", 0, 0, {0}},
    {"keyctl", 0, 0, {0}},
    /* out of use */
    {"_sysctl", 0, 0, {0}},
    {"sysfs", 0, 0, {0}},
    {"uselib", 0, 0, {0}},
    {"ustat", 0, 0, {0}},
    {"nfsservctl", 0, 0, {0}},
    {"vm86", 0, 0, {0}},
    {"vm86old", 0, 0, {0}},
    {NULL, 0, 0, {0}},
};

/* In its arguments a filter sees which call socketcall(2) is, but not the family. */
enum { SOCKETCALL_SOCKET = 1 /* SYS_SOCKET of linux/net.h */ };
#define NO_SOCKETCALL                                                                              \
    {                                                                                              \
        "socketcall", 0, 0,                                                                        \
        {                                                                                          \
            0, SCMP_CMP_EQ, SOCKETCALL_SOCKET, 0                                                   \
        }                                                                                          \
    }
#define FAMILY(number)                                                                             \
    {                                                                                              \
        "socket", 0, 0,                                                                            \
        {                                                                                          \
            0, SCMP_CMP_EQ, number, 0                                                              \
        }                                                                                          \
    }

/*
 * Sockets but local, IP, netlink and packet ones (1, 2, 10, 16, 17). Among the others are the way
 * from any namespace to a hypervisor (40, AF_VSOCK) and the kernel's cipher code (38, AF_ALG).
 */
static const LsbSeccompRow usual_sockets[] = {
    NO_SOCKETCALL,     FAMILY(3),  FAMILY(4),
    FAMILY(5),         FAMILY(6),  FAMILY(7),
    FAMILY(8),         FAMILY(9),  FAMILY(11),
    FAMILY(12),        FAMILY(13), FAMILY(14),
    FAMILY(15),        FAMILY(18), FAMILY(19),
    FAMILY(20),        FAMILY(21), FAMILY(22),
    FAMILY(23),        FAMILY(24), FAMILY(25),
    FAMILY(26),        FAMILY(27), FAMILY(28),
    FAMILY(29),        FAMILY(30), FAMILY(31),
    FAMILY(32),        FAMILY(33), FAMILY(34),
    FAMILY(35),        FAMILY(36), FAMILY(37),
    FAMILY(38),        FAMILY(39), FAMILY(40),
    FAMILY(41),        FAMILY(42), FAMILY(43),
    FAMILY(44),        FAMILY(45), {"socket", 0, 0, {0, SCMP_CMP_GE, 46, 0}},
    {NULL, 0, 0, {0}},
};

static const LsbSeccompRow local_sockets[] = {
    NO_SOCKETCALL,
    {"socket", 0, 0, {0, SCMP_CMP_NE, AF_UNIX, 0}},
    {NULL, 0, 0, {0}},
};

#define YES(name)                                                                                  \
    {                                                                                              \
        name, 0, 0,                                                                                \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }
#define IOCTL(number)                                                                              \
    {                                                                                              \
        "ioctl", 0, 0,                                                                             \
        {                                                                                          \
            1, SCMP_CMP_MASKED_EQ, 0xffffffff, number                                              \
        }                                                                                          \
    }

/* Computing: files, memory, threads, time, signals to itself. No other process, no socket. */
static const LsbSeccompRow computing[] = {
    /* files that are open */
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
    /* asking a terminal about itself, reading what is there; nothing that configures a device */
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
    {"clone", 0, 0, {0, SCMP_CMP_MASKED_EQ, (guint64)CLONE_THREAD, (guint64)CLONE_THREAD}},
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
    /* what it is */
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
    {"clone3", 0, ENOSYS, {0}}, /* refused, but as if it were not there: see above */
    {NULL, 0, 0, {0}},
};

static const LsbSeccompRow *const default_tables[] = {common, usual_sockets, NULL};
static const LsbSeccompRow *const no_network_tables[] = {common, local_sockets, NULL};
static const LsbSeccompRow *const strict_tables[] = {computing, NULL};

const LsbSeccompRules lsb_seccomp_rules[] = {
    [LSB_SECCOMP_NONE] = {FALSE, NULL},
    [LSB_SECCOMP_DEFAULT] = {FALSE, default_tables},
    [LSB_SECCOMP_NO_NETWORK] = {FALSE, no_network_tables},
    [LSB_SECCOMP_STRICT] = {TRUE, strict_tables},
    [LSB_SECCOMP_OWN] = {FALSE, NULL},
};
