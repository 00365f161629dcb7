/*
 * The relay's wire format.
 *
 * A connection is a byte stream of frames. A frame is a 12-byte little-endian header and a payload
 * of at most WIRE_MAX_PAYLOAD bytes:
 *
 *     0  u8   type      enum wire_type
 *     1  u8   flags     WIRE_MORE: the payload goes on in the next frame of this type and id
 *     2  u16  reserved  0
 *     4  u32  id        0, a program, or a stream (program << 2 | enum wire_stream)
 *     8  u32  length    of the payload
 *
 * Programs are numbered by the host, from 1 to WIRE_MAX_PROGRAM, and a number is not used again
 * while its program has an open stream. Data frames need credit: each stream starts with
 * WIRE_WINDOW bytes in its direction, and the receiver grants more with CREDIT once it has passed
 * bytes on. A sender that exceeds its credit breaks the protocol, and the receiver ends the
 * connection.
 *
 * Plain C with libc only, so that the guest init can link it statically.
 */
#ifndef LSANDBOX_WIRE_H
#define LSANDBOX_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "units.h"

enum {
    WIRE_VERSION = 4,
    WIRE_HEADER = 12,
    WIRE_MAX_PAYLOAD = 64 * KiB,
    WIRE_MAX_MESSAGE = 16 * MiB, /* a message put together from frames with WIRE_MORE */
    WIRE_WINDOW = 512 * KiB,     /* credit a stream starts with, and the most it may hold */
    WIRE_MAX_PROGRAM = (1 << 30) - 1,
    WIRE_MORE = 1,           /* the only flag */
    WIRE_MOST_TIMES = 16,    /* that a guest asks for between a plan and READY */
    WIRE_MOST_CELLS = 65535, /* rows or columns of a terminal: struct winsize has 16 bits */
};

/* The name of the virtio-serial port; the guest init finds it under /sys/class/virtio-ports. */
#define WIRE_PORT_NAME "org.lsandbox.relay.0"

/*
 * The 9p mount tag of the root export. Tags of bind mounts are "lsb1", "lsb2" ... as the plan says.
 */
#define WIRE_ROOT_TAG "lsb0"

enum wire_stream { WIRE_STDIN = 0, WIRE_STDOUT = 1, WIRE_STDERR = 2 };

enum wire_type {
    /* both ways */
    WIRE_HELLO = 1, /* id 0: u32 version. The guest speaks first, and a machine adds u32 enum
                       wire_hello bits; the host answers with its own version */
    WIRE_DATA,   /* id stream: bytes. Host to guest on stdin, guest to host on stdout and stderr */
    WIRE_EOF,    /* id stream: nothing. No more DATA follows in this direction */
    WIRE_CREDIT, /* id stream: u32 bytes granted. Sent by the receiver of DATA */
    WIRE_CLOSE,  /* id stream: nothing. The receiver of DATA wants no more: the guest closes its end
                    of the program's pipe; from the guest: the program's stdin is gone */
    WIRE_TIME,   /* id 0. From a machine between PLAN and READY, and between FRESHEN and FRESHENED,
                    at most WIRE_MOST_TIMES times: nothing. From the host, its answer: u64 now, nanoseconds since 1970 */
    /* host to guest */
    WIRE_PLAN = 16, /* id 0: the guest plan (struct of strings, see plan fields below) */
    WIRE_SPAWN,     /* id program: what to run (see spawn fields below) */
    WIRE_SIGNAL,    /* id program: u32 signal number, sent to the program's process group */
    WIRE_SHUTDOWN,  /* id 0: end everything: kill what runs, sync, unmount, say BYE, power off */
    WIRE_RESIZE,    /* id program, which has a terminal: u32 rows, u32 columns */
    WIRE_FRESHEN,   /* id 0, machine: data seed, as at the end of PLAN: it has waited. Answered by
                       FRESHENED, when it has asked for the time */
    WIRE_DETACH,    /* id 0, machine: go back to where HELLO has been said and a plan is awaited */
    /* guest to host */
    WIRE_READY = 32, /* id 0: the plan is carried out (see ready fields below) */
    WIRE_FAILED,     /* id 0: the plan failed: u32 errno, str what was tried */
    WIRE_STARTED,    /* id program: u32 pid (in the sandbox) */
    WIRE_EXIT, /* id program: u32 enum wire_exit, u32 value, u32 errno, str what was tried, u32 enum
                  wire_limit bits. Every byte the program wrote before it ended precedes this frame
                */
    WIRE_BYE,  /* id 0: nothing. The last frame: everything is unmounted */
    WIRE_FRESHENED, /* id 0: nothing. FRESHEN is carried out */
    WIRE_DETACHED,  /* id 0: u32 errno, str what stands in the way. errno 0: done, and what is in
                      memory stays for the next plan. EBUSY: nothing was changed. Else the guest
                      ends itself */
};

enum wire_hello {
    /* Its kernel makes random numbers of a new seed at once, all of them (guest-init/freshen.h) */
    WIRE_HELLO_RENEWABLE = 1,
};

enum wire_exit {
    WIRE_EXITED = 0,   /* value: exit status */
    WIRE_SIGNALED = 1, /* value: signal number */
    WIRE_NOT_RUN = 2,  /* value: 126 or 127 as a shell gives; errno and text say why */
};

/* Which limits the program met before it ended, as far as the guest knows. */
enum wire_limit {
    WIRE_LIMIT_MEMORY = 1, /* the kernel killed a process while it ran, because memory ran out */
    WIRE_LIMIT_PIDS = 2,   /* a process was not made while it ran, because there were too many */
    WIRE_LIMIT_CPU = 4,    /* RLIMIT_CPU */
    WIRE_LIMIT_FSIZE = 8,  /* RLIMIT_FSIZE */
    WIRE_LIMIT_ALL = 15,
};

struct wire_frame {
    uint8_t type;
    uint8_t flags;
    uint32_t id;
    uint32_t length;
    const uint8_t *payload; /* into the buffer that was parsed */
};

static inline uint32_t wire_stream_id(uint32_t program, enum wire_stream s)
{
    return program << 2 | (uint32_t)s;
}

static inline uint32_t wire_program_of(uint32_t stream_id)
{
    return stream_id >> 2;
}

static inline enum wire_stream wire_stream_of(uint32_t stream_id)
{
    return (enum wire_stream)(stream_id & 3);
}

/*
 * Look for one whole frame at the start of BUF. Returns the bytes it takes (header and payload), 0
 * when more bytes are needed, -1 when the bytes are no frame (type unknown, flag unknown, reserved
 * not zero, payload too long). Which types are allowed from which side is the caller's to check.
 */
long wire_parse(const uint8_t *buf, size_t len, struct wire_frame *frame);

/* Write a header of WIRE_HEADER bytes to OUT. */
void wire_header(uint8_t *out, enum wire_type type, uint8_t flags, uint32_t id, uint32_t length);

/* A growing buffer of fields. FAILED is set when memory ran out or WIRE_MAX_MESSAGE was passed. */
struct wire_buf {
    uint8_t *data;
    size_t len, cap;
    bool failed;
};

void wire_put_u32(struct wire_buf *b, uint32_t v);
void wire_put_u64(struct wire_buf *b, uint64_t v);
void wire_put_bytes(struct wire_buf *b, const void *data, size_t len); /* raw, no length in front */
void wire_put_data(struct wire_buf *b, const void *data, size_t len);  /* u32 length, bytes */
void wire_put_str(struct wire_buf *b, const char *s); /* u32 length, bytes, no NUL */
void wire_buf_clear(struct wire_buf *b);

/* Reads fields in order; FAILED is set at the first one that is not there, and stays set. */
struct wire_reader {
    const uint8_t *at, *end;
    bool failed;
};

uint32_t wire_get_u32(struct wire_reader *r);
uint64_t wire_get_u64(struct wire_reader *r);
const uint8_t *wire_get_data(struct wire_reader *r,
                             size_t *len); /* into the buffer; NULL on failure */
/* A string in memory of the caller (free() it); NULL on failure or where it holds a NUL byte. */
char *wire_get_str(struct wire_reader *r);

/*
 * Fields of PLAN, in order:
 *     u32 flags        enum wire_plan_flag
 *     str hostname, str domainname     "": leave it as it is
 *     str timezone     a name below /usr/share/zoneinfo; "": the root's own
 *     str root         machine: the 9p tag, or as the source of a DISK mount; container: as the
 *                      source of a PLACED mount
 *     u64 overlay      bytes that what is written over the root may take; 0: the kernel's usual
 *     u64 shm          bytes of /dev/shm; 0: the kernel's usual
 *     u32 pids         machine: processes and threads of all programs together; 0: no limit
 *     u32 n, n times:  a mount: u32 enum wire_mount_kind, u32 flags (enum wire_mount_flag),
 *                      str source, str target, str options
 *     u32 n, n times:  an interface: data MAC address (6 bytes), str name it gets, u32 MTU (0: leave
 *                      it), u32 flags (enum wire_net_flag);
 *                      u32 n, n times: an address of it: data address (4 or 16 bytes), u32 prefix,
 *                      data broadcast address (or empty);
 *                      u32 n, n times: a route by it: data network (4 or 16 bytes), u32 prefix,
 *                      data router (or empty)
 *     u32 lease        seconds that all leases (WIRE_NET_DHCP) may take
 *     str filesystem   of the root, as the options of a DISK mount; "" where the root is no disk
 *     u32 n, n times:  a disk that programs may open: str source (as of a DISK mount; container: its
 *                      name in /dev), str tag, u32 uid, u32 gid, u32 mode of the node
 *     str kept         machine: serial number of the disk, of ext4, that takes what is written over
 *                      the root; "": memory does
 *     data seed        machine: random bytes; may be empty
 * Targets are absolute paths in the sandbox; the guest resolves symlinks in them inside the new
 * root only. Mounts are made in the order given.
 */
enum wire_plan_flag {
    WIRE_PLAN_MACHINE = 1,       /* else a container */
    WIRE_PLAN_ROOT_OVERLAY = 2,  /* put an overlay over the root; it carries missing mount points */
    WIRE_PLAN_ROOT_WRITABLE = 4, /* the overlay stays writable (root_mode = "overlay") */
    WIRE_PLAN_LEASE_DNS = 8,     /* the name servers of DHCP leases go into /etc/resolv.conf */
};

enum wire_mount_kind {
    WIRE_MOUNT_NINEP = 1, /* machine: source is the 9p tag; with FILE, "TAG/NAME" of a file in it */
    WIRE_MOUNT_TMPFS,     /* source ignored; options as for mount -o: "size=67108864,mode=1777" */
    WIRE_MOUNT_BIND,      /* source is a path in the sandbox's own root (guest-bind) */
    WIRE_MOUNT_PLACED, /* container: source is where libvirt has mounted it, or "fd:N": descriptor N
                          of PID 1 is a detached mount tree (open_tree(2)). It is moved to target */
    WIRE_MOUNT_TEXT, /* a private file that holds the text of source; root inside may write to it */
    WIRE_MOUNT_DISK, /* machine: source is the disk's serial number; options begin with the
                          filesystem, and go on after a space as for mount -o: "xfs nouuid" */
    WIRE_MOUNT_OVERLAY, /* an overlay over source, which is one of a NINEP or PLACED mount. Options:
                           "uid=N,gid=N," the owner of its top, and "upper=" and such a source, or
                           "size=N" of the memory for its writes */
    WIRE_MOUNT_INCLUDE, /* a copy of one entry of source (as above, the same for all of these).
                           Options: "name=N,uid=N,gid=N,size=N" of the memory for it */
};

enum wire_net_flag {
    WIRE_NET_DHCP = 1,      /* ask for a lease before READY, and keep it */
    WIRE_NET_ADVERTISED = 2 /* take the addresses and routes that IPv6 routers advertise */
};

enum { WIRE_NET_MAC = 6, WIRE_NET_MOST_ADDRESS = 16 };

enum wire_mount_flag {
    WIRE_MOUNT_READONLY = 1,
    WIRE_MOUNT_NOSUID = 2,
    WIRE_MOUNT_NODEV = 4,
    WIRE_MOUNT_NOEXEC = 8,
    WIRE_MOUNT_FILE = 16,     /* the target is a regular file, not a directory */
    WIRE_MOUNT_OPTIONAL = 32, /* skip it when the target is not there (masks of directories) */
    WIRE_MOUNT_CACHED = 64,   /* 9p: nobody else's writes matter, so cache=loose may be used */
};

/*
 * Fields of READY, in order:
 *     str kernel release
 *     u32 n, n times:  when a step was reached: u32 enum wire_mark (each at most once), u64 time
 *     u64 time         now
 * Times are nanoseconds of the guest's CLOCK_MONOTONIC, which on a machine begins with its kernel,
 * and in a container is the host's.
 */

/* The steps of a start in the guest init, in order; a kind of sandbox has some of them. */
enum wire_mark {
    WIRE_MARK_INIT,    /* the kernel has given control to the guest init */
    WIRE_MARK_PLACES,  /* what booting needs is mounted */
    WIRE_MARK_MODULES, /* the boot modules are loaded */
    WIRE_MARK_PORT,    /* the relay's port is there */
    WIRE_MARK_STAGED,  /* what every machine has besides its root is made */
    WIRE_MARK_HELLO,   /* HELLO is said to a host */
    WIRE_MARK_PLAN,    /* the plan has come */
    WIRE_MARK_FRESH,   /* the clock and the random numbers are the host's */
    WIRE_MARK_ROOT,    /* the root is mounted */
    WIRE_MARK_NETWORK, /* the network is made */
    WIRE_MARK_BASICS,  /* /dev, /proc, /sys, what protects them, and devices are in place */
    WIRE_MARK_MOUNTS,  /* the mounts of the recipe are made */
    WIRE_MARK_SWITCH,  /* the root is the one that programs see */
    WIRE_MARK_LEASE,   /* the network has its leases: everything is there */
    WIRE_MARK_END      /* how many there are */
};

/*
 * Fields of SPAWN, in order:
 *     u32 n, n times:  data argument   (no NUL byte inside); the first is the program
 *     u32 n, n times:  data variable   "NAME=value"
 *     str cwd                          absolute; "" for the root
 *     u32 uid, u32 gid, u32 n, n times: u32 supplementary group
 *     u32 umask
 *     u32 flags                        enum wire_spawn_flag
 *     u64 capabilities                 bit mask to keep, as in linux/capability.h
 *     u32 n, n times:  a limit: u32 RLIMIT_ number, u64 soft, u64 hard (UINT64_MAX: unlimited)
 *     u32 rows, u32 columns            of its terminal; no meaning without WIRE_SPAWN_TTY
 *     data filter                      struct sock_filter[] (linux/filter.h) in the guest's byte
 *                                      order, for seccomp(2); empty: none
 * A program without a slash is looked up in the PATH of the variables given.
 */
enum wire_spawn_flag {
    WIRE_SPAWN_NULL_STDIN =
        1, /* stdin, stdout, stderr: /dev/null instead of a pipe; no frames for it */
    WIRE_SPAWN_NULL_STDOUT = 2,
    WIRE_SPAWN_NULL_STDERR = 4,
    WIRE_SPAWN_NEW_PRIVS = 8, /* do not set no_new_privs */
    /* All three are one terminal, the controlling one of a session of the program's own. What comes
       out of it is stdout; stderr has no frames, whatever its flag. NULL_STDIN: nobody types. EOF
       on stdin types the terminal's end-of-file character, where it reads lines. CLOSE on stdout
       hangs the terminal up. */
    WIRE_SPAWN_TTY = 16,
    /* No program is looked up: the guest init itself, as that user, serves the file operation that
       the arguments name, in records on stdin and stdout (see filewire.h). */
    WIRE_SPAWN_FILES = 32,
};

/* The resource limits (getrlimit(2)): X(suffix of RLIMIT_, name in a recipe). */
#define WIRE_LIMITS(X)                                                                             \
    X(AS, "as")                                                                                    \
    X(CORE, "core")                                                                                \
    X(CPU, "cpu")                                                                                  \
    X(DATA, "data")                                                                                \
    X(FSIZE, "fsize")                                                                              \
    X(LOCKS, "locks")                                                                              \
    X(MEMLOCK, "memlock")                                                                          \
    X(MSGQUEUE, "msgqueue")                                                                        \
    X(NICE, "nice")                                                                                \
    X(NOFILE, "nofile")                                                                            \
    X(NPROC, "nproc")                                                                              \
    X(RSS, "rss")                                                                                  \
    X(RTPRIO, "rtprio")                                                                            \
    X(RTTIME, "rttime")                                                                            \
    X(SIGPENDING, "sigpending")                                                                    \
    X(STACK, "stack")

#endif
