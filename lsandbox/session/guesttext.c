/* Text that the guest wrote, made fit for messages and terminals. */
#include "session/guesttext.h"

#include "shared/wire.h"

char *lsb_guest_text(const void *data, gsize len)
{
    g_autofree char *valid = g_utf8_make_valid(data, (gssize)len);
    GString *text = g_string_new(NULL);
    for (const char *c = valid; *c; c = g_utf8_next_char(c)) {
        gunichar letter = g_utf8_get_char(c);
        g_string_append_unichar(text, g_unichar_isprint(letter) ? letter : '?');
    }
    return g_string_free(text, FALSE);
}

int lsb_guest_errno(guint32 errnum)
{
    enum { LARGEST_ERRNO = 4095 }; /* MAX_ERRNO of the kernel's linux/err.h */
    return (int)MIN(errnum, (guint32)LARGEST_ERRNO);
}

char *lsb_guest_text_read(struct wire_reader *r)
{
    enum { LONGEST = 1024 }; /* of a message that people read */
    size_t len;
    const void *data = wire_get_data(r, &len);
    return lsb_guest_text(data ? data : "", data ? MIN(len, LONGEST) : 0);
}
