/*
 * The relay's wire format: what the host and the guest init say to each other.
 *
 * A connection is a byte stream of frames. A frame is a 12-byte little-endian header and a payload
 * of at most WIRE_MAX_PAYLOAD bytes:
 *
 *     offset  type  field
 *     0       u8    type      enum wire_type
 *     1       u8    flags     WIRE_MORE: the payload goes on in the next frame of this type and id
 *     2       u16   reserved  0
 *     4       u32   id        0, a program, or a stream (program << 2 | enum wire_stream)
 *     8       u32   length    of the payload
 *
 * The host numbers programs, from 1 to WIRE_MAX_PROGRAM, and does not use a number again while its
 * program has an open stream. DATA frames need credit: each stream starts with WIRE_WINDOW bytes in
 * its direction, and the receiver grants more with CREDIT once it has passed bytes on. A sender
 * that exceeds its credit breaks the protocol, and the receiver ends the connection.
 *
 * Frames may cross: one about a program may be on its way while the other side sends its last frame
 * about that program or stream (EXIT, EOF, CLOSE, DETACH). The receiver drops it.
 *
 * Fields of payloads are written "type name". A str is a u32 length and bytes without a NUL, and
 * data is the same with any bytes. "n times" stands for a u32 count and so many groups of fields.
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
    WIRE_VERSION = 5,
    WIRE_HEADER = 12,
    WIRE_MAX_PAYLOAD = 64 * KiB,
    WIRE_MAX_MESSAGE = 16 * MiB, /* a message put together from frames with WIRE_MORE */
    WIRE_WINDOW = 512 * KiB,     /* credit that a stream starts with, and the most it may hold */
    WIRE_MAX_PROGRAM = (1 << 30) - 1,
    WIRE_MORE = 1,           /* the only flag */
    WIRE_MOST_TIMES = 16,    /* how often a guest may ask for the time between a plan and READY */
    WIRE_MOST_CELLS = 65535, /* rows or columns of a terminal: struct winsize has 16 bits */
};

/* The name of the virtio-serial port; the guest init finds it under /sys/class/virtio-ports. */
#define WIRE_PORT_NAME "org.lsandbox.relay.0"

/*
 * The 9p mount tag of the root export. Tags of bind mounts are "lsb1", "lsb2" ... as the plan says.
 */
#define WIRE_ROOT_TAG "lsb0"

enum wire_stream { WIRE_STDIN = 0, WIRE_STDOUT = 1, WIRE_STDERR = 2 };

/*
 * The types of frames, each with its id and the fields of its payload.
 */
enum wire_type {
    /*
     * Both ways.
     *
     * HELLO   id 0        u32 version; from a machine also u32 enum wire_hello bits, u64
     *                     nanoseconds of its CLOCK_MONOTONIC. The guest speaks first, the host
     *                     answers with its own version
     * DATA    id stream   bytes: host to guest on stdin, guest to host on stdout and stderr
     * EOF     id stream   no fields. No more DATA follows in this direction
     * CREDIT  id stream   u32 bytes granted. Sent by the receiver of DATA
     * CLOSE   id stream   no fields. The receiver of DATA wants no more. From the host: the guest
     *                     closes its end of the program's pipe. From the guest: no process will
     *                     read the program's stdin any more
     * TIME    id 0        from a machine, between PLAN and READY and between FRESHEN and FRESHENED,
     *                     at most WIRE_MOST_TIMES times: no fields. The host's answer: u64 now,
     *                     nanoseconds since 1970
     */
    WIRE_HELLO = 1,
    WIRE_DATA,
    WIRE_EOF,
    WIRE_CREDIT,
    WIRE_CLOSE,
    WIRE_TIME,

    /*
     * Host to guest.
     *
     * PLAN      id 0        the guest plan: see "Fields of PLAN"
     * SPAWN     id program  the program to run: see "Fields of SPAWN"
     * SIGNAL    id program  u32 signal number. The guest sends it to the program's process group
     * SHUTDOWN  id 0        no fields. The guest kills all programs, syncs, unmounts, says BYE and
     *                       powers off
     * RESIZE    id program  u32 rows, u32 columns. The program must have a terminal
     * FRESHEN   id 0        machine: data seed, as at the end of PLAN, because the machine has
     *                       waited since then, or was stopped; u64 now, as in TIME, for a clock
     *                       that is far behind. The guest asks for the TIME and answers FRESHENED
     * DETACH    id 0        machine: no fields. The guest goes back to where HELLO has been said
     *                       and it waits for a plan
     */
    WIRE_PLAN = 16,
    WIRE_SPAWN,
    WIRE_SIGNAL,
    WIRE_SHUTDOWN,
    WIRE_RESIZE,
    WIRE_FRESHEN,
    WIRE_DETACH,

    /*
     * Guest to host.
     *
     * READY      id 0        the plan is carried out: see "Fields of READY"
     * FAILED     id 0        u32 errno, str what was tried. The plan failed
     * STARTED    id program  u32 pid, as it is in the sandbox
     * EXIT       id program  u32 enum wire_exit, u32 value, u32 errno, str what was tried, u32 enum
     *                        wire_limit bits, u32 enum wire_owed bits. All bytes that the program
     *                        wrote before it ended precede this frame, except on the streams that
     *                        are owed: the host gave no credit for the rest of those
     * BYE        id 0        no fields. The last frame: everything is unmounted
     * FRESHENED  id 0        no fields. FRESHEN is carried out
     * DETACHED   id 0        u32 errno, str what stands in the way. errno 0: it is done, and the
     *                        filesystems in memory stay for the next plan. EBUSY: nothing was
     *                        changed. Any other: the guest ends itself
     * DRAINED    id stream   no fields. The stream was owed in EXIT; all bytes that the program
     *                        wrote before it ended precede this frame. EOF says the same
     */
    WIRE_READY = 32,
    WIRE_FAILED,
    WIRE_STARTED,
    WIRE_EXIT,
    WIRE_BYE,
    WIRE_FRESHENED,
    WIRE_DETACHED,
    WIRE_DRAINED,
};

enum wire_hello {
    /* The guest's kernel makes all random numbers of a new seed at once (guest-init/freshen.h) */
    WIRE_HELLO_RENEWABLE = 1,
};

enum wire_exit {
    WIRE_EXITED = 0,   /* value: exit status */
    WIRE_SIGNALED = 1, /* value: signal number */
    WIRE_NOT_RUN = 2,  /* value: 126 or 127, as a shell gives; errno and text say why */
};

/* The limits that a program met before it ended, as far as the guest knows. */
enum wire_limit {
    WIRE_LIMIT_MEMORY = 1, /* the kernel killed a process while it ran, because memory ran out */
    WIRE_LIMIT_PIDS = 2,   /* a process was not made while it ran, because there were too many */
    WIRE_LIMIT_CPU = 4,    /* RLIMIT_CPU */
    WIRE_LIMIT_FSIZE = 8,  /* RLIMIT_FSIZE */
    WIRE_LIMIT_ALL = 15,
};

/* The streams on which bytes from before the program's end are still to come. */
enum wire_owed {
    WIRE_OWED_STDOUT = 1,
    WIRE_OWED_STDERR = 2,
    WIRE_OWED_ALL = 3,
};

struct wire_frame {
    uint8_t type;
    uint8_t flags;
    uint32_t id;
    uint32_t length;
    const uint8_t *payload; /* points into the buffer that was parsed */
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

static inline uint32_t wire_owed_bit(enum wire_stream s)
{
    return s == WIRE_STDOUT ? WIRE_OWED_STDOUT : WIRE_OWED_STDERR;
}

/* Whether frames of TYPE have the id of a stream. */
static inline bool wire_is_of_stream(enum wire_type type)
{
    return (type >= WIRE_DATA && type <= WIRE_CLOSE) || type == WIRE_DRAINED;
}

/*
 * Look for one whole frame at the start of BUF. Returns the bytes it takes (header and payload), 0
 * when more bytes are needed, -1 when the bytes are no frame (type unknown, flag unknown, reserved
 * not zero, payload too long). The caller checks which types are allowed from which side.
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

/* Reads fields in order. FAILED is set at the first field that is not there, and stays set. */
struct wire_reader {
    const uint8_t *at, *end;
    bool failed;
};

uint32_t wire_get_u32(struct wire_reader *r);
uint64_t wire_get_u64(struct wire_reader *r);
/* The bytes, which lie in the buffer, and their number. NULL on failure. */
const uint8_t *wire_get_data(struct wire_reader *r, size_t *len);
/* A copy of the string, the caller's to free(). NULL on failure or where it has a NUL byte. */
char *wire_get_str(struct wire_reader *r);

/*
 * Fields of PLAN, in order:
 *
 *     u32 flags         enum wire_plan_flag
 *     str hostname      "": leave it as it is. Else /etc/hosts has a line for it, too
 *     str domainname    "": leave it as it is
 *     str timezone      a name below /usr/share/zoneinfo; "": the root's own
 *     str root          machine: the 9p tag, or as the source of a DISK mount; container: as the
 *                       source of a PLACED mount
 *     u64 overlay       bytes that writes over the root may take; 0: the kernel's default
 *     u64 shm           bytes of /dev/shm; 0: the kernel's default
 *     u32 pids          machine: processes and threads of all programs together; 0: no limit
 *     n times: mounts, made in this order
 *         u32 enum wire_mount_kind
 *         u32 flags         enum wire_mount_flag
 *         str source
 *         str target        an absolute path in the sandbox. The guest follows its symlinks inside
 *                           the new root only
 *         str options
 *     n times: interfaces
 *         data mac          6 bytes
 *         str name          that the interface gets
 *         u32 mtu           0: leave it
 *         u32 flags         enum wire_net_flag
 *         n times: its addresses
 *             data address      4 or 16 bytes
 *             u32 prefix
 *             data broadcast    4 bytes, or none
 *         n times: routes by it
 *             data network      4 or 16 bytes
 *             u32 prefix
 *             data router       4 or 16 bytes, or none
 *     u32 lease         seconds that all leases (WIRE_NET_DHCP) may take
 *     str filesystem    of the root, as the options of a DISK mount; "": the root is no disk
 *     n times: disks that programs may open
 *         str source        machine: as of a DISK mount; container: its name in /dev
 *         str tag
 *         u32 uid, u32 gid, u32 mode    of the node
 *     str kept          machine: serial number of the disk, with ext4, that takes the writes over
 *                       the root; "": memory takes them
 *     data seed         machine: random bytes; may be empty
 */
enum wire_plan_flag {
    WIRE_PLAN_MACHINE = 1,       /* for a machine; otherwise for a container */
    WIRE_PLAN_ROOT_OVERLAY = 2,  /* put an overlay over the root, in which mount points are made */
    WIRE_PLAN_ROOT_WRITABLE = 4, /* the overlay stays writable (root_mode = "overlay") */
    WIRE_PLAN_LEASE_DNS = 8,     /* the name servers of DHCP leases go into /etc/resolv.conf */
};

/*
 * Kinds of mounts. "A tree" is a source as of NINEP or PLACED, whichever the kind of sandbox has.
 *
 * NINEP    machine: source is the 9p tag; with WIRE_MOUNT_FILE, "TAG/NAME" of a file in it
 * TMPFS    no source. Options as for mount -o: "size=67108864,mode=1777"
 * BIND     source is a path in the sandbox's own root (guest-bind)
 * PLACED   container: source is the path where libvirt has mounted it, or "fd:N": descriptor N of
 *          PID 1 is a detached mount tree (open_tree(2)). The guest moves it to the target
 * TEXT     a private file that holds the text of source; root inside may write to it
 * DISK     machine: source is the disk's serial number. Options begin with the filesystem, and go
 *          on after a space as for mount -o: "xfs nouuid"
 * OVERLAY  an overlay over source, a tree. Options: "uid=N,gid=N," the owner of its top, and
 *          "upper=" and a tree, or "size=N" of the memory for its writes
 * INCLUDE  a copy of one entry of source, a tree, the same for all of these mounts. Options:
 *          "name=N,uid=N,gid=N,size=N" of the memory for it. Where a mount of the host lacks the
 *          target, the user makes the copy in that mount, or with WIRE_MOUNT_BY_ROOT the guest init
 */
enum wire_mount_kind {
    WIRE_MOUNT_NINEP = 1,
    WIRE_MOUNT_TMPFS,
    WIRE_MOUNT_BIND,
    WIRE_MOUNT_PLACED,
    WIRE_MOUNT_TEXT,
    WIRE_MOUNT_DISK,
    WIRE_MOUNT_OVERLAY,
    WIRE_MOUNT_INCLUDE,
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
    WIRE_MOUNT_CACHED = 64,   /* 9p: use cache=loose, because writes on the host do not matter */
    WIRE_MOUNT_BY_ROOT = 128, /* include: the target lies on an image */
};

/*
 * Fields of READY, in order. Times are nanoseconds of the guest's CLOCK_MONOTONIC, which on a
 * machine begins with its kernel, and in a container is the host's.
 *
 *     str release       of the kernel
 *     n times: steps that were reached, each at most once
 *         u32 enum wire_mark
 *         u64 time
 *     u64 time          now
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
 *
 *     n times: arguments
 *         data argument     without a NUL byte. The first is the program; one without a slash is
 *                           looked up in the PATH of the variables
 *     n times: the environment
 *         data variable     "NAME=value"
 *     str cwd           absolute; "": the root
 *     u32 uid
 *     u32 gid
 *     n times: supplementary groups
 *         u32 group
 *     u32 umask
 *     u32 flags         enum wire_spawn_flag
 *     u64 capabilities  bit mask of those to keep, as in linux/capability.h
 *     n times: limits
 *         u32 resource      RLIMIT_ number
 *         u64 soft          UINT64_MAX: unlimited
 *         u64 hard
 *     u32 rows          of the program's terminal; no meaning without WIRE_SPAWN_TTY
 *     u32 columns
 *     data filter       struct sock_filter[] (linux/filter.h) in the guest's byte order, for
 *                       seccomp(2); empty: none
 */
enum wire_spawn_flag {
    /* The stream is /dev/null instead of a pipe, and there are no frames for it. */
    WIRE_SPAWN_NULL_STDIN = 1,
    WIRE_SPAWN_NULL_STDOUT = 2,
    WIRE_SPAWN_NULL_STDERR = 4,
    WIRE_SPAWN_NEW_PRIVS = 8, /* do not set no_new_privs */
    /*
     * All three streams are one terminal, the controlling one of a session of the program's own.
     * Its output is stdout; stderr has no frames, whatever its flag. With NULL_STDIN nothing is
     * ever typed. EOF on stdin types the terminal's end-of-file character, if it reads lines. CLOSE
     * on stdout hangs the terminal up.
     */
    WIRE_SPAWN_TTY = 16,
    /*
     * No program is looked up: the guest init itself, as that user, serves the file operation that
     * the arguments name, in records on stdin and stdout (filewire.h).
     */
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
