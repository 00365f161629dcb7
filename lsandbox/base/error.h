/*
 * The one error shape. Every fallible function of the core takes a GError **; its domain is
 * LSB_ERROR (the codes below), or LSB_ERRNO, whose code is an errno. lsb_error_name() gives the
 * stable short string that Lua sees. A message says what was tried, what happened, and what to do
 * about it.
 */
#ifndef LSANDBOX_BASE_ERROR_H
#define LSANDBOX_BASE_ERROR_H

#include <glib.h>

#define LSB_ERROR (lsb_error_quark())
#define LSB_ERRNO (lsb_errno_quark())

/* Facts about an LSB_ERROR beside its message, by name: "console", "libvirt-code". */
typedef struct {
    GHashTable *details; /* char * -> char *; NULL: none */
} LsbErrorPrivate;

/* X(enum suffix, stable name) */
#define LSB_ERROR_CODES(X)                                                                         \
    X(INVALID, "invalid")         /* a recipe field is wrong; the binding raises these */          \
    X(UNSUPPORTED, "unsupported") /* this kind of sandbox, or this host, cannot do it */           \
    X(NO_KERNEL, "no-kernel")     /* no kernel found, or the one named cannot be used */           \
    X(NO_MODULE, "no-module")     /* the kernel lacks a module that is needed */                   \
    X(NO_KVM, "no-kvm")           /* accel = "kvm", and KVM cannot be used */                      \
    X(NO_TEMPLATE, "no-template") /* template = "require", and the machine would start cold */     \
    X(NO_QEMU, "no-qemu")         /* no QEMU for this architecture */                              \
    X(NO_DRIVER, "no-driver")     /* libvirt has no driver for the URI, or no daemon answers */    \
    X(NO_PERMISSION, "no-permission")   /* the host refuses this user */                           \
    X(CONNECT_FAILED, "connect-failed") /* any other failure to open the connection */             \
    X(LIBVIRT, "libvirt")               /* libvirt refused; its own message is inside */           \
    X(BOOT_FAILED, "boot-failed")   /* the sandbox did not come up; carries the console's end */   \
    X(PROTOCOL, "protocol")         /* the guest sent bytes that break the protocol */             \
    X(TIMEOUT, "timeout")           /* a time limit passed */                                      \
    X(IDLE_TIMEOUT, "idle-timeout") /* nothing happened in the sandbox for too long */             \
    X(CANCELLED, "cancelled")       /* the task was cancelled */                                   \
    X(STOPPED, "stopped")           /* the sandbox ended under the caller */                       \
    X(NOT_FOUND, "not-found")       /* a file or program is missing */                             \
    X(STALE_SNAPSHOT, "stale-snapshot") /* a saved machine does not fit this host any more */      \
    X(STATE, "state")                   /* not possible in the sandbox's present state */          \
    X(OUTPUT_LIMIT, "output-limit")     /* more bytes than the caller takes */                     \
    X(FAILED, "failed")                 /* anything else */

typedef enum {
#define LSB_X(suffix, name) LSB_ERROR_##suffix,
    LSB_ERROR_CODES(LSB_X)
#undef LSB_X
} LsbErrorCode;

/* The domains behind LSB_ERROR and LSB_ERRNO; they are called "LsbError" and "lsb-errno". */
GQuark lsb_error_quark(void);
GQuark lsb_errno_quark(void);

/*
 * The stable name of ERROR: "no-kernel" for an LSB_ERROR, "ENOENT" for an LSB_ERRNO, and "failed"
 * for an error of another domain. Static storage.
 */
const char *lsb_error_name(const GError *error);

/* Add a fact to an LSB_ERROR. NAME and VALUE are copied; an earlier value of NAME is replaced. */
void lsb_error_set_detail(GError *error, const char *name, const char *value);

/* The facts of ERROR (char * -> char *), borrowed; NULL when it has none. */
GHashTable *lsb_error_details(const GError *error);

/* Set an LSB_ERRNO whose code is ERRNUM. Its message ends in ": " and strerror(ERRNUM). */
void lsb_set_errno(GError **error, int errnum, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Shorthand for g_set_error(error, LSB_ERROR, LSB_ERROR_code, ...); its value is FALSE. */
#define lsb_fail(error, code, ...)                                                                 \
    ({                                                                                             \
        g_set_error((error), LSB_ERROR, LSB_ERROR_##code, __VA_ARGS__);                            \
        FALSE;                                                                                     \
    })

#endif
