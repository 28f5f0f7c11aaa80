/* mash-health: a trust's system sends REF messages over MLLP; it gets AA only after the message is
 * in the spool, on disk. */
#include "adapters/common/adapter.h"
#include "adapters/common/files.h"
#include "adapters/health/mllp.h"
#include "adapters/health/referral.h"
#include "broker/base/err.h"
#include "broker/io/clock.h"
#include "broker/io/log.h"

enum { CONTROL_ID = 20 };

typedef struct Health {
    Adapter *adapter;
    Mllp *mllp;
} Health;

static const Setting health_settings[] = {
    {"mllp.listen", "127.0.0.1:0",
     "address:port; the port in use is written to <dir>/run/mllp.port"},
    {NULL, NULL, NULL},
};

static Str nack(Arena *a, const Hl7 *m, const Hl7Fault *fault) {
    log_event(LOG_warn, "hl7_not_taken", "code=%d segment=%s field=%d", (int)fault->code,
              fault->segment, fault->field);
    return hl7_ack(a, m, hl7_ack_code(fault->code), fault, STR("0"), clock_ms());
}

/* The same message gets the same bytes again: time and control id are those of the first storing.
 */
static Str ack(Arena *a, const Hl7 *m, const Kept *kept) {
    char id[ID_TEXT];
    id_text(kept->message_id, id);
    Str control = arena_printf(a, "%.8s%.4s%.4s%.4s", id, id + 9, id + 14, id + 19);
    return hl7_ack(a, m, "AA", NULL, control, kept->stored_ms);
}

/* An error of ours is AR: the sender keeps the message and tries again (R25). */
static Str health_take(void *context, Arena *a, Bytes message) {
    Health *h = context;
    Hl7 *m = arena_alloc(a, sizeof(*m));
    Hl7Fault fault = {.code = HL7_internal, .segment = "MSH"};
    bool guessed;
    Draft draft;
    Fault schema_fault;
    Kept kept;
    if (!m) return (Str){0};
    if (!hl7_parse(hl7_decode(a, message, &guessed), m)) {
        fault.code = HL7_segment_sequence;
        return nack(a, NULL, &fault);
    }
    const Identity *self = &h->adapter->self;
    if (!hl7_accepts(self, m, &fault)) return nack(a, m, &fault);
    int64_t now = clock_ms();
    int r = hl7_referral(a, self, m, message, guessed, now, &draft, &fault);
    if (r > 0) return nack(a, m, &fault);
    if (r == 0) r = keep_referral(h->adapter->spool, &draft, now, &kept, &schema_fault);
    if (r == 0) return ack(a, m, &kept);
    fault = (Hl7Fault){.code = r > 0 ? HL7_data_type : HL7_internal, .segment = "MSH"};
    log_event(LOG_error, "hl7_not_stored", "why=\"%s\"", r > 0 ? reason_name(r) : err_name(r));
    return nack(a, m, &fault);
}

/* Where to send, for whoever set port 0. */
static int port_write(const Identity *self, const char *endpoint) {
    char run[PATH_LEN];
    Str rest = str_z(endpoint), host;
    int r = path_join(run, self->dir, "run");
    if (r == 0) r = dir_make(run);
    if (r < 0) return r;
    if (!str_split(&rest, ':', &host)) return ERR_BROKEN;
    return file_write(run, "mllp.port", str_bytes(rest));
}

static void health_close(void *state) {
    Health *h = state;
    mllp_close(h->mllp);
    free(h);
}

static int health_open(Adapter *adapter, void **ret_state) {
    char endpoint[MLLP_ENDPOINT];
    Health *h = calloc(1, sizeof(*h));
    if (!h) return ERR_MEMORY;
    *ret_state = h; /* closed from there whatever comes */
    h->adapter = adapter;
    int r = mllp_open(adapter->loop, config_text(adapter->config, "mllp.listen"), health_take, h,
                      endpoint, &h->mllp);
    return r < 0 ? r : port_write(&adapter->self, endpoint);
}

static void health_scan(void *state) {
    Health *h = state;
    mllp_expire(h->mllp);
}

int main(int argc, char **argv) {
    static const Source source = {
        .program = "mash-health",
        .doc = "A health provider's adapter: HL7 REF over MLLP to the safeguarding hub.",
        .settings = health_settings,
        .open = health_open,
        .scan = health_scan,
        .close = health_close,
    };
    return adapter_main(argc, argv, &source);
}
