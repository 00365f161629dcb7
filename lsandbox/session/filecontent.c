/* The file operations read and write: the bytes of one file. */
#include "session/filecontent.h"

#include "base/error.h"
#include "session/bytestore.h"
#include "session/fileop.h"
#include "session/programinput.h"
#include "session/session.h"
#include "shared/filewire.h"

/* --- read --- */

typedef struct {
    LsbFileOp op;
    guint64 length, limit;
    LsbStore data;
} Read;

static LsbRecordResult read_record(LsbFileOp *op, const struct file_record *r)
{
    Read *reading = (Read *)op;
    if (r->kind == FILE_DONE)
        return r->length == 0 ? LSB_RECORD_DONE : LSB_RECORD_BAD;
    if (r->kind != FILE_DATA || r->length > reading->length - reading->data.len)
        return LSB_RECORD_BAD;
    if (r->length > reading->limit - reading->data.len) {
        lsb_file_op_fail(op, g_error_new(LSB_ERROR, LSB_ERROR_OUTPUT_LIMIT,
                                         "%s: more than %" G_GUINT64_FORMAT
                                         " bytes; read it in parts, or with a larger max",
                                         op->what, reading->limit));
        return LSB_RECORD_BAD;
    }
    lsb_store_append(&reading->data, r->data, r->length);
    return LSB_RECORD_OK;
}

static void read_clear(LsbFileOp *op)
{
    lsb_store_clear(&((Read *)op)->data);
}

static const LsbFileOpType read_op_type = {.record = read_record, .clear = read_clear};

/* Asks the guest for one byte more than LIMIT: if that byte comes, the file holds too much. */
LsbFileOp *lsb_read_new(LsbSession *session, const char *path, guint64 offset, guint64 length,
                        guint64 limit, const char *user, GError **error)
{
    if (!lsb_file_check_path("read", path, error))
        return NULL;
    Read *reading = g_new0(Read, 1);
    reading->limit = MIN(limit, (guint64)G_MAXUINT / 2); /* what a store holds */
    reading->length = MIN(length, reading->limit + 1);
    lsb_store_init(&reading->data, reading->limit);
    g_autofree char *from = g_strdup_printf("%" G_GUINT64_FORMAT, offset);
    g_autofree char *most = g_strdup_printf("%" G_GUINT64_FORMAT, reading->length);
    const char *arguments[] = {"read", path, from, most, NULL};
    return lsb_file_op_begin(&reading->op, &read_op_type, session, arguments, user, error);
}

const guint8 *lsb_read_data(const LsbFileOp *op, gsize *length)
{
    return lsb_store_data(&((const Read *)op)->data, length);
}

/* --- write --- */

typedef struct {
    LsbFileOp op;
    GBytes *data;
    gsize at;
} Write;

static gboolean send_record(LsbFileOp *op, enum file_kind kind, const guint8 *data, gsize length)
{
    guint8 header[FILE_HEADER];
    file_header(header, kind, (guint32)length);
    return lsb_program_write(op->program, header, sizeof header) &&
           (length == 0 || lsb_program_write(op->program, data, length));
}

static void write_produce(LsbFileOp *op)
{
    Write *writing = (Write *)op;
    gsize length;
    const guint8 *data = g_bytes_get_data(writing->data, &length);
    gsize n = MIN(length - writing->at, FILE_MAX_DATA);
    if (n == 0) {
        send_record(op, FILE_DONE, NULL, 0);
        op->input_over = TRUE;
        lsb_program_close_input(op->program);
        return;
    }
    op->input_over = !send_record(op, FILE_DATA, data + writing->at, n);
    writing->at += n;
}

static void write_clear(LsbFileOp *op)
{
    g_bytes_unref(((Write *)op)->data);
}

static const LsbFileOpType write_op_type = {.produce = write_produce, .clear = write_clear};

LsbFileOp *lsb_write_new(LsbSession *session, const char *path, GBytes *data, int mode,
                         gboolean append, const char *user, GError **error)
{
    if (!lsb_file_check_path("write", path, error))
        return NULL;
    Write *writing = g_new0(Write, 1);
    writing->data = g_bytes_ref(data);
    g_autofree char *number = g_strdup_printf("%d", mode);
    const char *arguments[] = {"write", path, number, append ? "1" : "0", NULL};
    return lsb_file_op_begin(&writing->op, &write_op_type, session, arguments, user, error);
}
