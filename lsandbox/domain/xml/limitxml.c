/*
 * Limits in the domain XML: libvirt.org/formatdomain.html, "CPU Allocation" to "NUMA Node Tuning".
 */
#include "domain/xml/limitxml.h"

#include "domain/xml/domainxml_private.h"
#include "domain/xml/xml.h"
#include "host/cgroup.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "recipe/limitfields.h"

void lsb_domain_put_vcpu(LsbXml *w, const LsbDescription *d)
{
    g_autofree char *now = g_strdup_printf("%u", d->vcpus),
                    *most = g_strdup_printf("%u", d->max_vcpus);
    lsb_xml_begin(w, "vcpu", "placement", "static", "cpuset", d->tuning.pinning, "current",
                  d->max_vcpus > d->vcpus ? now : NULL, NULL);
    lsb_xml_content(w, most);
    lsb_xml_close(w);
}

/* The quota of the whole sandbox. libvirt has no global one for a container, and needs none. */
static void put_quota(LsbXml *w, const LsbDescription *d)
{
    const LsbTuning *t = &d->tuning;
    gboolean machine = d->kind == LSB_MACHINE;
    guint period = lsb_tuning_period(t);
    if (t->cpu_quota == 0)
        return;
    lsb_xml_number(w, machine ? "global_period" : "period", period);
    lsb_xml_number(w, machine ? "global_quota" : "quota",
                   lsb_tuning_quota_us(t->cpu_quota, period));
}

static void put_emulator_quota(LsbXml *w, const LsbTuning *t)
{
    if (t->emulator_quota == 0)
        return;
    guint period = lsb_tuning_period(t);
    lsb_xml_number(w, "emulator_period", period);
    lsb_xml_number(w, "emulator_quota", lsb_tuning_quota_us(t->emulator_quota, period));
}

static void put_pins(LsbXml *w, const LsbTuning *t)
{
    for (guint i = 0; t->vcpu_pins && i < t->vcpu_pins->len; i++) {
        g_autofree char *vcpu = g_strdup_printf("%u", i);
        lsb_xml_element(w, "vcpupin", "vcpu", vcpu, "cpuset", (char *)t->vcpu_pins->pdata[i], NULL);
    }
    if (t->emulator_pin)
        lsb_xml_element(w, "emulatorpin", "cpuset", t->emulator_pin, NULL);
}

static void put_cputune(LsbXml *w, const LsbDescription *d, gboolean groups)
{
    const LsbTuning *t = &d->tuning;
    lsb_xml_open(w, "cputune");
    if (groups && t->cpu_shares)
        lsb_xml_number(w, "shares",
                       lsb_cgroup_has_weights() ? lsb_cgroup_weight(t->cpu_shares) : t->cpu_shares);
    if (groups) {
        put_quota(w, d);
        put_emulator_quota(w, t);
    }
    put_pins(w, t);
    lsb_xml_close(w);
}

static void put_memtune(LsbXml *w, const LsbDescription *d)
{
    const LsbTuning *t = &d->tuning;
    guint64 hard = t->hard && d->kind == LSB_CONTAINER ? MIN(t->hard, d->memory) : t->hard;
    if (!hard && !t->soft)
        return;
    lsb_xml_open(w, "memtune");
    if (hard)
        lsb_xml_quantity(w, "hard_limit", "b", hard);
    if (t->soft)
        lsb_xml_quantity(w, "soft_limit", "b", t->soft);
    /*
     * libvirt passes the number on: version 1 counts memory and swap together, version 2 swap only.
     */
    if (t->hard && d->kind == LSB_MACHINE)
        lsb_xml_quantity(w, "swap_hard_limit", "b",
                         lsb_cgroup_has_weights() ? t->swap : hard + t->swap);
    lsb_xml_close(w);
}

static void put_limit(LsbXml *w, const char *name, guint64 n)
{
    if (n)
        lsb_xml_number(w, name, n);
}

static void put_device(LsbXml *w, const LsbBlockRate *r)
{
    lsb_xml_open(w, "device");
    lsb_xml_text(w, "path", r->name);
    put_limit(w, "weight", r->weight);
    put_limit(w, "read_bytes_sec", r->read_bytes);
    put_limit(w, "write_bytes_sec", r->write_bytes);
    put_limit(w, "read_iops_sec", r->read_iops);
    put_limit(w, "write_iops_sec", r->write_iops);
    lsb_xml_close(w);
}

static void put_blkiotune(LsbXml *w, const LsbTuning *t)
{
    if (!t->block_weight && !t->devices)
        return;
    lsb_xml_open(w, "blkiotune");
    put_limit(w, "weight", t->block_weight);
    for (guint i = 0; t->devices && i < t->devices->len; i++)
        put_device(w, t->devices->pdata[i]);
    lsb_xml_close(w);
}

static void put_numatune(LsbXml *w, const LsbTuning *t)
{
    static const char *const modes[] = {"strict", "preferred", "interleave"};
    if (!t->numa_nodes)
        return;
    lsb_xml_open(w, "numatune");
    lsb_xml_element(w, "memory", "mode", modes[t->numa_mode], "nodeset", t->numa_nodes, NULL);
    lsb_xml_close(w);
}

void lsb_domain_put_tuning(LsbXml *w, const LsbDescription *d, gboolean own_groups)
{
    const LsbTuning *t = &d->tuning;
    gboolean cpu = t->cpu_shares || t->cpu_quota > 0 || t->emulator_quota > 0;
    if ((cpu && !own_groups) || t->vcpu_pins || t->emulator_pin)
        put_cputune(w, d, !own_groups);
    if (!own_groups) {
        put_memtune(w, d);
        put_blkiotune(w, t);
    }
    put_numatune(w, t);
}

void lsb_domain_put_disk_rates(LsbXml *w, const LsbTuning *t, const char *tag)
{
    const LsbBlockRate *r = lsb_tuning_disk(t, tag);
    if (!r)
        return;
    lsb_xml_open(w, "iotune");
    put_limit(w, "read_bytes_sec", r->read_bytes);
    put_limit(w, "write_bytes_sec", r->write_bytes);
    put_limit(w, "read_iops_sec", r->read_iops);
    put_limit(w, "write_iops_sec", r->write_iops);
    lsb_xml_close(w);
}
