/*
 * libvirt's own floor for a container: create one whose init is a static program that ends at once,
 * wait for its end, and destroy it, in a process of its own that first connects to libvirt.
 * Usage: libvirt_floor SKELETON INIT
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static const char form[] =
    "<domain type='lxc'><name>lsandbox-floor-%d</name><memory unit='MiB'>256</memory><vcpu>1</vcpu>"
    "<os><type>exe</type><init>/proc/self/fd/4</init></os>"
    "<idmap><uid start='0' target='1879048192' count='65536'/><gid start='0' target='1879048192' "
    "count='65536'/></idmap>"
    "<features><privnet/></features><devices>"
    "<filesystem type='mount'><source dir='%s'/><target dir='/'/></filesystem><console type='pty'/>"
    "</devices></domain>";

int main(int argc, char **argv)
{
    char xml[2048], byte;
    int pair[2];
    if (argc != 3 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return 2;
    int fds[2] = {pair[1], open(argv[2], O_RDONLY | O_CLOEXEC)};
    snprintf(xml, sizeof xml, form, (int)getpid(), argv[1]);
    virConnectPtr c = virConnectOpen("lxc:///");
    virDomainPtr d =
        c ? virDomainCreateXMLWithFiles(c, xml, 2, fds, VIR_DOMAIN_START_AUTODESTROY) : NULL;
    if (!d)
        return 1;
    close(pair[1]);
    while (read(pair[0], &byte, 1) > 0)
        ;
    virDomainDestroy(d);
    virDomainFree(d);
    virConnectClose(c);
    return 0;
}
