/* Any bytes as a file of police notices: XML when they begin with '<', else JSON. */
#include "adapters/police/notice_json.h"
#include "adapters/police/notice_xml.h"
#include "tests/fuzz/adapter_kit.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len) {
    bool xml = len > 0 && at[0] == '<';
    fuzz_batch(xml ? notices_xml : notices_json, bytes_of(at, len));
    return 0;
}
