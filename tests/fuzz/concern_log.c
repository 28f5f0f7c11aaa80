/* Any bytes as a school's concern log. */
#include "adapters/education/concern_log.h"
#include "tests/fuzz/adapter_kit.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len) {
    fuzz_batch(concern_log, bytes_of(at, len));
    return 0;
}
