/* mash-health: a trust's system sends REF messages over MLLP. */
#include "adapters/common/adapter.h"
#include "adapters/common/files.h"
#include "adapters/health/mllp.h"
#include "adapters/health/take.h"
#include "broker/base/err.h"
#include "broker/io/log.h"

static const Setting health_settings[] = {
    {"mllp.listen", "127.0.0.1:0",
     "address:port; the port in use is written to <dir>/run/mllp.port"},
    {"mllp.peers", "127.0.0.1", "addresses that may connect, with commas between"},
    {NULL, NULL, NULL},
};

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
    mllp_close(state);
}

static Str health_message(void *context, Arena *a, Bytes message) {
    const Adapter *adapter = context;
    return hl7_take(&adapter->self, adapter->spool, a, message);
}

static int health_open(Adapter *adapter, void **ret_state) {
    const Config *c = adapter->config;
    char endpoint[MLLP_ENDPOINT];
    Mllp *mllp = NULL;
    int r = mllp_open(adapter->loop, config_text(c, "mllp.listen"), config_text(c, "mllp.peers"),
                      health_message, adapter, endpoint, &mllp);
    *ret_state = mllp; /* closed from there whatever comes */
    if (r == ERR_CONFIG) log_event(LOG_error, "mllp_settings", "%s", "look at listen and peers");
    return r < 0 ? r : port_write(&adapter->self, endpoint);
}

static void health_scan(void *state) {
    mllp_expire(state);
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
