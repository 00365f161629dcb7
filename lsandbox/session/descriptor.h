/*
 * Reading and writing descriptors that other processes share (this process's stdin and stdout)
 * without ever blocking, and without setting O_NONBLOCK on them: that flag belongs to the open file
 * description, which the shell that started this process uses, too.
 */
#ifndef LSANDBOX_SESSION_DESCRIPTOR_H
#define LSANDBOX_SESSION_DESCRIPTOR_H

#include <glib.h>
#include <sys/types.h>

/*
 * A private descriptor for FD, close-on-exec: a new non-blocking open file description of the same
 * pipe, FIFO or terminal where the kernel gives one (open of /proc/self/fd/N, proc(5)); else a
 * duplicate. -1 and errno when FD is not open. For reading when FOR_WRITING is FALSE.
 */
int lsb_descriptor_private(int fd, gboolean for_writing);

/*
 * Like read(2) and write(2) on a private descriptor, never blocking longer than a disk does:
 * sockets are used with MSG_DONTWAIT. Writing to a closed pipe gives EPIPE and no SIGPIPE.
 */
ssize_t lsb_descriptor_read(int fd, void *data, gsize len);
ssize_t lsb_descriptor_write(int fd, const void *data, gsize len);

/* Close *FD where it is one, and set it to -1. */
void lsb_descriptor_close(int *fd);

#endif
