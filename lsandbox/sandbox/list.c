/* Listing the sandboxes that run on a connection. */
#include "sandbox/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/job.h"
#include "domain/domain.h"
#include "host/connection.h"
#include "sandbox/sandbox_private.h"

static void listed_free(gpointer data)
{
    LsbListed *l = data;
    g_free(l->name);
    g_free(l->uuid);
    g_ptr_array_unref(l->labels);
    g_free(l);
}

/* NULL: the domain was not started by lsandbox. */
static LsbListed *listed_new(virDomainPtr domain)
{
    guint taint;
    GPtrArray *labels = lsb_domain_labels(domain, &taint);
    if (!labels)
        return NULL;
    LsbListed *l = g_new0(LsbListed, 1);
    l->labels = labels;
    l->taint = taint;
    l->name = g_strdup(virDomainGetName(domain));
    l->uuid = lsb_domain_uuid(domain);
    l->paused = lsb_domain_is_paused(domain);
    return l;
}

static void array_unref(gpointer array)
{
    g_ptr_array_unref(array);
}

static gpointer list_domains(gpointer uri, GError **error)
{
    LsbConnection *c = lsb_connection_get(uri, error);
    virDomainPtr *domains = NULL;
    if (!c)
        return NULL;
    int n = virConnectListAllDomains(c->vir, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
    if (n < 0)
        lsb_set_libvirt_error(error, LSB_ERROR_LIBVIRT, "libvirt cannot list its domains");
    GPtrArray *list = n < 0 ? NULL : g_ptr_array_new_with_free_func(listed_free);
    for (int i = 0; i < n; i++) {
        LsbListed *l = listed_new(domains[i]);
        if (l)
            g_ptr_array_add(list, l);
        virDomainFree(domains[i]);
    }
    free(domains);
    lsb_connection_release(c);
    return list;
}

LsbJob *lsb_list(const char *uri)
{
    lsb_connection_init();
    return lsb_job_new(list_domains, g_strdup(uri), g_free, array_unref);
}
