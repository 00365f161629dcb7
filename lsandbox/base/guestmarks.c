/* The times that a READY frame reports, read and converted to the host's clock. */
#include "base/guestmarks.h"

#include "shared/wire.h"

gboolean lsb_guest_marks_read(LsbGuestMarks *marks, struct wire_reader *r)
{
    *marks = (LsbGuestMarks){.sent = 0};
    guint32 n = wire_get_u32(r);
    if (n > WIRE_MARK_END)
        return FALSE;
    for (guint32 i = 0; i < n; i++) {
        guint32 mark = wire_get_u32(r);
        guint64 at = wire_get_u64(r);
        if (r->failed || mark >= WIRE_MARK_END || marks->set[mark])
            return FALSE;
        marks->set[mark] = TRUE;
        marks->at[mark] = at;
    }
    marks->sent = wire_get_u64(r);
    return !r->failed && r->at == r->end;
}

/* A difference of nanoseconds is below 2^64, so in microseconds it fits. */
gint64 lsb_guest_time(guint64 known, gint64 when, guint64 time)
{
    return time >= known ? when : when - (gint64)((known - time) / 1000);
}
