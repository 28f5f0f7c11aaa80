/* See identity.h. */
#include "adapters/common/identity.h"

#include "schemas/schema.h"

#include <openssl/crypto.h>

const Setting identity_settings[] = {
    {"hub.realm", NULL, "live or demonstration"},
    {"hub.intake_endpoint", NULL, "tcp://host:port or file:PATH with that in it; or several"},
    {"hub.intake_public", NULL, "key file, curve-public"},
    {"hub.ack_public", NULL, "key file, ed25519-public: signs acknowledgements"},
    {"hub.courier_endpoint", NULL, "as intake_endpoint"},
    {"hub.courier_public", NULL, "key file, curve-public"},
    {"hub.letter_sign_public", NULL, "key file, ed25519-public: signs letters"},
    {"hub.log_public", NULL, "key file, ed25519-public: signs checkpoints"},
    {"hub.log_origin", NULL, "first line of every checkpoint, as mash.example/<hub>/<realm>"},
    {"agency.code", NULL, "the code that the hub registered"},
    {"agency.name", NULL, "for people"},
    {"agency.type", NULL, "a code of the list agency_type"},
    {"agency.organisation_scheme", "mash", "ods, urn, laestab, force or la"},
    {"agency.organisation_code", "", "in that scheme; empty: the agency code"},
    {"agency.witness_name", "", "key name in cosignatures; empty: mash.example/witness/<code>"},
    {"agency.summary_tier", "sanitise", "tier of what carries the owner's own summary"},
    {"keys.transport", NULL, "key file, curve-secret"},
    {"keys.origin", NULL, "key file, ed25519-secret: signs submissions and receipts"},
    {"keys.letter", NULL, "key file, x25519-secret: opens letters"},
    {"keys.spool", NULL, "key file, aes-secret: seals the spool"},
    {"keys.witness", NULL, "key file, ed25519-secret: cosigns checkpoints"},
    {"adapter.dir", NULL, "the folder of the agency's side; made when absent"},
    {"adapter.spool", NULL, "the SQLite file; made when absent"},
    {"adapter.alarm_minutes", "15", "what is unsent or unproven for so many minutes is an alarm"},
    {"adapter.keep_days", "35", "content of proven messages is erased after so many days"},
    {NULL, NULL, NULL},
};

/* Legend: setting, kind of key, where it goes. */
typedef struct KeySetting {
    const char *setting, *kind;
    size_t offset;
} KeySetting;

static const KeySetting key_settings[] = {
    {"keys.transport", "curve-secret", offsetof(Identity, transport)},
    {"keys.origin", "ed25519-secret", offsetof(Identity, origin)},
    {"keys.letter", "x25519-secret", offsetof(Identity, letter.secret)},
    {"keys.spool", "aes-secret", offsetof(Identity, spool)},
    {"keys.witness", "ed25519-secret", offsetof(Identity, witness.secret)},
    {"hub.intake_public", "curve-public", offsetof(Identity, intake_public)},
    {"hub.ack_public", "ed25519-public", offsetof(Identity, ack_public)},
    {"hub.courier_public", "curve-public", offsetof(Identity, courier_public)},
    {"hub.letter_sign_public", "ed25519-public", offsetof(Identity, letter_sign_public)},
    {"hub.log_public", "ed25519-public", offsetof(Identity, log_public)},
};

static int keys_load(const Config *c, Identity *self, char *why, size_t why_len) {
    for (size_t i = 0; i < COUNT_OF(key_settings); i++) {
        const KeySetting *k = &key_settings[i];
        Key key;
        int r = keyfile_load(config_text(c, k->setting), k->kind, &key);
        if (r < 0) {
            (void)snprintf(why, why_len,
                           "the setting \"%s\" must name a readable %s file (secrets: mode 0600)",
                           k->setting, k->kind);
            return r;
        }
        memcpy((uint8_t *)self + k->offset, &key, sizeof(key));
        key_wipe(&key);
    }
    return 0;
}

static int keys_derive(Identity *self) {
    Key origin_public;
    int r = ed25519_public(&self->origin, &origin_public);
    if (r == 0) r = key_id(&origin_public, self->origin_id);
    if (r == 0) r = x25519_public(&self->letter.secret, &self->letter.public);
    if (r == 0) r = ed25519_public(&self->witness.secret, &self->witness.public);
    return r;
}

/* Legend: setting, the code list that its value must be in. */
static const struct {
    const char *setting;
    CodeList list;
} coded_settings[] = {
    {"hub.realm", LIST_realm},
    {"agency.type", LIST_agency_type},
    {"agency.summary_tier", LIST_tier},
};

static int codes_check(const Config *c, char *why, size_t why_len) {
    for (size_t i = 0; i < COUNT_OF(coded_settings); i++) {
        const char *setting = coded_settings[i].setting;
        if (code_known(coded_settings[i].list, str_z(config_text(c, setting)))) continue;
        (void)snprintf(why, why_len, "the setting \"%s\" is not in the list \"%s\"", setting,
                       code_list_name(coded_settings[i].list));
        return ERR_CONFIG;
    }
    return 0;
}

int identity_load(const Config *c, Identity *ret, char *why, size_t why_len) {
    *ret = (Identity){
        .realm = str_z(config_text(c, "hub.realm")),
        .agency = str_z(config_text(c, "agency.code")),
        .name = str_z(config_text(c, "agency.name")),
        .type = str_z(config_text(c, "agency.type")),
        .org_scheme = str_z(config_text(c, "agency.organisation_scheme")),
        .org_code = str_z(config_text(c, "agency.organisation_code")),
        .summary_tier = str_z(config_text(c, "agency.summary_tier")),
        .dir = config_text(c, "adapter.dir"),
        .log_origin = str_z(config_text(c, "hub.log_origin")),
    };
    const char *witness = config_text(c, "agency.witness_name");
    int n = witness[0] ? snprintf(ret->witness_name, WITNESS_NAME_MAX, "%s", witness)
                       : snprintf(ret->witness_name, WITNESS_NAME_MAX, "mash.example/witness/%.*s",
                                  STR_ARG(ret->agency));
    if (n < 0 || n >= WITNESS_NAME_MAX || ret->agency.len == 0 || ret->agency.len > 32) {
        (void)snprintf(why, why_len, "the agency's code or witness name is empty or too long");
        return ERR_CONFIG;
    }
    if (ret->org_code.len == 0) ret->org_code = ret->agency;
    int r = codes_check(c, why, why_len);
    if (r == 0) r = keys_load(c, ret, why, why_len);
    if (r == 0) r = keys_derive(ret);
    if (r < 0) identity_wipe(ret);
    return r;
}

void identity_wipe(Identity *self) {
    OPENSSL_cleanse(self, sizeof(*self));
}
