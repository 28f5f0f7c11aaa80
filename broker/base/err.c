/* Names of the fatal errors; see err.h. */
#include "broker/base/err.h"

const char *err_name(int err) {
    switch (err) {
    case 0: return "done";
    case ERR_MEMORY: return "out of memory";
    case ERR_CRYPTO: return "cryptography failed";
    case ERR_STORE: return "database failed";
    case ERR_WIRE: return "socket failed";
    case ERR_FILE: return "file failed";
    case ERR_CONFIG: return "bad settings";
    case ERR_BROKEN: return "broken invariant";
    default: return "unknown error";
    }
}
